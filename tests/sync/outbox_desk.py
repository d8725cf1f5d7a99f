"""An outbox of one account on a real store, a link to a server that a test scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import AuthError
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store import outbox
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.sync.outbox import Lane
from tests.support.engine_room import Room, eventually
from tests.support.scripted import SendStep
from tests.support.scripted_connector import ScriptedConnector, Service

NOW = timedelta(0)
LATER = timedelta(hours=1)
AT_ONCE = (timedelta(0),) * 3


class Link:
    """A runner's part of sending."""

    def __init__(self, service: Service, *, can_send: bool = True) -> None:
        config = AccountConfig(id=1, address="shop@example.com", settings={}, secrets={})
        self.connector: ScriptedConnector | None = ScriptedConnector(config, service)
        self.can_send = can_send
        self.sending = asyncio.Lock()
        self.refusals: list[AuthError] = []

    def refuse(self, error: AuthError) -> None:
        self.refusals.append(error)
        self.can_send = False


class Desk:
    """One account's lane under test."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.account_id = room.add_account()
        self.service = room.services[self.account_id]
        self.link = Link(self.service)
        self.lane = self.new_lane()

    def new_lane(
        self,
        *,
        delay: timedelta = LATER,
        look_after: Sequence[timedelta] = AT_ONCE,
        copy_after: Sequence[timedelta] = AT_ONCE,
    ) -> Lane:
        self.lane = Lane(
            self.room.workspace,
            self.account_id,
            link=self.link,
            look_after=look_after,
            copy_after=copy_after,
            send_delay=lambda attempts: delay,
        )
        return self.lane

    def queue(self, **more: Any) -> int:
        return self.room.queue(account_id=self.account_id, **more).message_id

    def row(self, message_id: int) -> OutboxRow | None:
        return self.room.read(lambda conn: outbox.row(conn, message_id))

    def delivery(self, message_id: int) -> Delivery | None:
        return self.room.message(message_id).delivery

    def script(self, *steps: SendStep) -> None:
        self.service.send_script.extend(steps)

    @property
    def wire(self) -> list[str]:
        return [message.client_ref for message in self.service.delivered]

    @asynccontextmanager
    async def working(self, lane: Lane | None = None) -> AsyncIterator[Lane]:
        used = lane or self.lane
        task = asyncio.create_task(used.run())
        try:
            yield used
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def work(self, lane: Lane | None = None) -> None:
        """Run a lane until it has nothing to do now."""
        async with self.working(lane) as used:
            await eventually(lambda: not used.busy)


@pytest.fixture
def desk(room: Room) -> Desk:
    return Desk(room)


def code(desk: Desk, key: int) -> str:
    row = desk.row(key)
    return row.error_code if row else ""
