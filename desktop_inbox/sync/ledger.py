"""One account's part of the outbox in the store, read and written from the engine loop.

What happened on the wire must not be lost: writes reach the disk, and are tried until they do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from desktop_inbox.log import for_account
from desktop_inbox.store.database import StoreError, Tx
from desktop_inbox.store.files import Files
from desktop_inbox.store.workspace import Workspace

T = TypeVar("T")

SETTLE_AGAIN = timedelta(seconds=2)  # while the store itself fails


class Ledger:
    """What one account's lane knows and writes down."""

    def __init__(
        self,
        workspace: Workspace,
        account_id: int,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.account_id = account_id
        self._log = for_account(logging.getLogger(__name__), account_id)
        self.now = now
        self._db = workspace.db
        self.files: Files = workspace.files

    async def read(self, what: Callable[[Any], T]) -> T:
        """Return what a reader thread finds. *Raises:* StoreError."""
        return await asyncio.wrap_future(self._db.read(what))

    async def write_once(self, what: Callable[[Tx], T]) -> T:
        """Commit to disk, or raise. *Raises:* StoreError."""
        return await asyncio.wrap_future(self._db.write(what, durable=True))

    async def write(self, what: Callable[[Tx], T]) -> T:
        """Commit to disk, trying until it works."""
        return await self.insist(lambda: self.write_once(what))

    async def insist(self, what: Callable[[], Awaitable[T]]) -> T:
        """Do `what`, and again after a while as long as the disk is full or the database locked."""
        while True:
            try:
                return await what()
            except StoreError as error:
                self._log.warning("the outbox waits: %s", error.code)
                await asyncio.sleep(SETTLE_AGAIN.total_seconds())
