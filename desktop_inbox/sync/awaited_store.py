"""The store as coroutines of the engine loop use it: its readers and its writer are awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from desktop_inbox.store.database import Database, Tx

T = TypeVar("T")


class AwaitedStore:
    """Reads and writes of one database, for who can do a write again after a crash."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read(self, what: Callable[[Any], T]) -> T:
        """Return what a reader thread finds. *Raises:* StoreError."""
        return await asyncio.wrap_future(self._db.read(what))

    async def write(self, what: Callable[[Tx], T]) -> T:
        """Commit; the disk may have it a little later. *Raises:* StoreError."""
        return await asyncio.wrap_future(self._db.write(what, durable=False))
