"""Remembers what a person was told of by a notification. Functions of a transaction."""

from __future__ import annotations

from collections.abc import Iterable

from desktop_inbox.store import notices
from desktop_inbox.store.database import Tx


def settle(tx: Tx, keys: Iterable[str]) -> None:
    """Never tell of these again: a person was told, or did not want to be."""
    notices.settle(tx, keys)
