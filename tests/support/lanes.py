"""The engine's part for one lane of an account: a link, and the store's nudges while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.connectors.errors import AuthError
from desktop_inbox.domain.changes import Changes
from desktop_inbox.store.database import Database


class Link:
    """A runner's part of sending: a connector that is there."""

    def __init__(self, connector: EmailConnector) -> None:
        self.connector: EmailConnector | None = connector
        self.can_send = True
        self.sending = asyncio.Lock()

    def refuse(self, error: AuthError) -> None:
        self.can_send = False


class Nudged(Protocol):
    """What runs until it is cancelled, and looks again when it is nudged."""

    async def run(self) -> None: ...

    def nudge(self) -> None: ...


N = TypeVar("N", bound=Nudged)


@asynccontextmanager
async def running(lane: N, db: Database) -> AsyncIterator[N]:
    """Run a lane that hears of every change in the store."""
    loop = asyncio.get_running_loop()

    def nudge(_changes: Changes) -> None:
        loop.call_soon_threadsafe(lane.nudge)

    end = db.subscribe(nudge)
    task = asyncio.create_task(lane.run())
    try:
        yield lane
    finally:
        end()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
