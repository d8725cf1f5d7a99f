"""Tries a page's token for real. Engine loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.messenger.service import SERVICE
from desktop_inbox.connectors.meta.checking import try_account
from desktop_inbox.connectors.setup import Check


def check(config: AccountConfig) -> AsyncIterator[Check]:
    """Yield whether the token is this page's, and permits what is needed."""
    return try_account(config, SERVICE)
