"""What every connector promises, run against each one's real or scripted service.

A channel's test module subclasses `ContractSuite` as `Test…` and gives it a `service` fixture.
"""

from __future__ import annotations

import asyncio
import json
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence

import pytest

from desktop_inbox.connectors.contract import Batch, Capability, Connector, Cursor, Item
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    TransientError,
    UncertainDelivery,
)
from desktop_inbox.domain.messages import Outgoing

PATIENCE_SECONDS = 10.0


class Source(ABC):
    """A channel's service as the suite drives it, as far as it only brings."""

    @abstractmethod
    def connector(self) -> Connector:
        """Return a new connector for the account, not yet open."""

    @abstractmethod
    def refused(self) -> Connector:
        """Return a connector whose sign-in the service refuses."""

    @abstractmethod
    async def arrive(self, *names: str) -> None:
        """Have a customer send messages that bear these names."""

    @abstractmethod
    def name_of(self, item: Item) -> str | None:
        """Return the name of a whole message, None for any other item."""

    async def mend(self) -> None:  # noqa: B027 - most faults pass by themselves
        """Let connections in again, where `drop_at` shut the door."""

    @abstractmethod
    async def drop_link(self) -> None:
        """Cut every connection that is there now."""


class Service(Source):
    """A service that also takes what is sent."""

    @abstractmethod
    def outgoing(self, client_ref: str) -> Outgoing:
        """Return a message to send."""

    @abstractmethod
    def accepted(self) -> list[str]:
        """Return the `client_ref` of everything the service took, in order."""

    @abstractmethod
    def steps_before_body(self) -> Sequence[str]:
        """Return the steps of sending at which `drop_at` can cut before the body."""

    @abstractmethod
    def drop_at(self, step: str) -> None:
        """Cut the connection once, at a step or, for "answer", when all has been taken."""


async def drain(connector: Connector, cursor: Cursor | None) -> tuple[list[Item], Cursor]:
    """Pull until there is nothing more; cursors go through JSON, as in the store."""
    items: list[Item] = []
    while True:
        batch = await connector.pull(cursor)
        items += batch.items
        cursor = json.loads(json.dumps(batch.cursor))
        if not batch.more:
            assert cursor is not None
            return items, cursor


async def nothing() -> None:
    """Stand in for what the engine writes down before the body leaves."""


class ReceivingSuite:
    """The promises of every channel."""

    @pytest.fixture
    async def connector(self, service: Source) -> AsyncIterator[Connector]:
        connector = service.connector()
        await connector.open()
        yield connector
        await connector.close()

    def names(self, service: Source, items: Sequence[Item]) -> list[str]:
        return sorted(name for item in items if (name := service.name_of(item)) is not None)

    def test_each_optional_capability_has_its_method(self, service: Source) -> None:
        connector = service.connector()
        for capability in Capability:
            inherited = getattr(Connector, capability.value, None)
            if inherited is None:
                continue
            own = getattr(type(connector), capability.value)
            assert (own is not inherited) == (capability in connector.info.capabilities)

    async def test_the_first_pull_brings_what_is_there(
        self, service: Source, connector: Connector
    ) -> None:
        await service.arrive("one", "two", "three")

        items, _ = await drain(connector, None)

        assert self.names(service, items) == ["one", "three", "two"]

    async def test_a_cursor_handed_back_brings_only_what_is_new(
        self, service: Source, connector: Connector
    ) -> None:
        await service.arrive("old")
        _, cursor = await drain(connector, None)
        await service.arrive("new")

        items, cursor = await drain(connector, cursor)
        assert self.names(service, items) == ["new"]
        items, _ = await drain(connector, cursor)
        assert self.names(service, items) == []

    async def test_a_cursor_outlives_the_connection(self, service: Source) -> None:
        await service.arrive("old")
        first = service.connector()
        await first.open()
        _, cursor = await drain(first, None)
        await first.close()
        await service.arrive("new")

        second = service.connector()
        await second.open()
        items, _ = await drain(second, cursor)
        await second.close()

        assert self.names(service, items) == ["new"]

    async def test_a_batch_that_was_not_stored_comes_again(
        self, service: Source, connector: Connector
    ) -> None:
        await service.arrive("one")
        _, cursor = await drain(connector, None)
        await service.arrive("two")

        lost, _ = await drain(connector, cursor)
        again, _ = await drain(connector, cursor)

        assert self.names(service, lost) == self.names(service, again) == ["two"]

    async def test_a_crash_after_any_batch_loses_and_doubles_nothing(self, service: Source) -> None:
        expected = sorted(f"m{number:03}" for number in range(12))
        await service.arrive(*expected)
        seen: list[str] = []
        cursor: Cursor | None = None
        for _ in range(50):
            connector = service.connector()
            await connector.open()
            batch: Batch = await connector.pull(cursor)
            await connector.close()
            seen += self.names(service, batch.items)
            cursor = json.loads(json.dumps(batch.cursor))
            if not batch.more:
                break

        assert sorted(seen) == expected

    async def test_a_refused_sign_in_needs_a_person(self, service: Source) -> None:
        connector = service.refused()

        with pytest.raises(AuthError) as caught:
            await connector.open()

        assert caught.value.step == "sign-in"
        await connector.close()

    async def test_wait_returns_when_something_arrives(
        self, service: Source, connector: Connector
    ) -> None:
        _, cursor = await drain(connector, None)
        waiting = asyncio.create_task(connector.wait())
        await service.arrive("new")

        await asyncio.wait_for(waiting, PATIENCE_SECONDS)

        items, _ = await drain(connector, cursor)
        assert self.names(service, items) == ["new"]

    async def test_wait_fails_when_the_link_is_lost(
        self, service: Source, connector: Connector
    ) -> None:
        await drain(connector, None)
        waiting = asyncio.create_task(connector.wait())
        await asyncio.sleep(0)
        await service.drop_link()

        with pytest.raises(ConnectorError):
            await asyncio.wait_for(waiting, PATIENCE_SECONDS)

    async def test_after_a_lost_link_it_can_be_opened_again(
        self, service: Source, connector: Connector
    ) -> None:
        await service.arrive("one")
        _, cursor = await drain(connector, None)
        await service.drop_link()
        await service.arrive("two")

        await connector.open()
        items, _ = await drain(connector, cursor)

        assert self.names(service, items) == ["two"]

    async def test_close_during_wait_is_quick_and_may_be_repeated(
        self, service: Source, connector: Connector
    ) -> None:
        await drain(connector, None)
        waiting = asyncio.create_task(connector.wait())
        await asyncio.sleep(0)
        waiting.cancel()

        started = time.monotonic()
        await connector.close()
        await connector.close()

        assert time.monotonic() - started < 5
        await asyncio.gather(waiting, return_exceptions=True)


class ContractSuite(ReceivingSuite):
    """And those of a channel that sends."""

    async def test_what_is_sent_reaches_the_service_once(
        self, service: Service, connector: Connector
    ) -> None:
        before: list[int] = []

        async def before_body() -> None:
            before.append(len(service.accepted()))

        result = await connector.send(service.outgoing("ref-1@desk.example"), before_body)

        assert service.accepted() == ["ref-1@desk.example"]
        assert before == [0]
        assert result.refused == ()

    async def test_what_is_to_leave_before_there_is_a_link_may_leave_later(
        self, service: Service
    ) -> None:
        """Who writes while the computer is offline finds no failure when it is online again."""
        connector = service.connector()
        try:
            await connector.send(service.outgoing("ref-1@desk.example"), nothing)
        except TransientError:
            assert service.accepted() == []
        else:
            assert service.accepted() == ["ref-1@desk.example"]
        await connector.close()

    async def test_a_drop_before_the_body_is_no_delivery(
        self, service: Service, connector: Connector
    ) -> None:
        for number, step in enumerate(service.steps_before_body()):
            service.drop_at(step)
            with pytest.raises(ConnectorError) as caught:
                await connector.send(service.outgoing(f"ref-{number}@desk.example"), nothing)
            assert not isinstance(caught.value, UncertainDelivery), step
            await service.mend()
        assert service.accepted() == []

        await connector.send(service.outgoing("last@desk.example"), nothing)
        assert service.accepted() == ["last@desk.example"]

    async def test_a_drop_after_the_body_is_uncertain(
        self, service: Service, connector: Connector
    ) -> None:
        service.drop_at("answer")

        with pytest.raises(UncertainDelivery):
            await connector.send(service.outgoing("ref-1@desk.example"), nothing)

        assert service.accepted() == ["ref-1@desk.example"]

    async def test_nothing_leaves_where_the_engine_cannot_write_it_down(
        self, service: Service, connector: Connector
    ) -> None:
        async def disk_full() -> None:
            raise OSError("no space left")

        with pytest.raises(OSError, match="space"):
            await connector.send(service.outgoing("ref-1@desk.example"), disk_full)

        assert service.accepted() == []
