"""Waiting until nobody writes: what can wait goes on while nobody is busy. On the engine loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

from desktop_inbox.domain.changes import Changes
from desktop_inbox.store.database import Database


class Quiet:
    """Knows when something was last written."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._written = monotonic()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take notice of what is written within this block."""
        unsubscribe = self._db.subscribe(self._note)
        try:
            yield
        finally:
            unsubscribe()

    def _note(self, _changes: Changes) -> None:
        self._written = monotonic()

    async def wait(self, length: timedelta, *, patience: timedelta) -> None:
        """Return once nothing was written for `length`, or although somebody always writes."""
        end = monotonic() + patience.total_seconds()
        while (left := self._written + length.total_seconds() - monotonic()) > 0:
            if monotonic() > end:
                return
            await asyncio.sleep(left)
