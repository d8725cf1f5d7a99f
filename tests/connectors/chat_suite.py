"""What every messaging connector promises besides: its vendor errs, and time goes by.

A channel's test module subclasses `ChatSuite` as `Test…`; its `service` fixture gives a
`ChatService`, whose connectors go by `self.clock`.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop_inbox.connectors.chat import Incoming, Unreadable
from desktop_inbox.connectors.contract import Connector, Cursor, Item
from desktop_inbox.connectors.errors import ConnectorError, PermanentError, RateLimited
from desktop_inbox.domain.messages import Outgoing
from tests.connectors.contract_suite import ContractSuite, Service, drain, nothing

PATIENCE = 7.0


class ChatService(Service):
    """A messaging service as the suite drives it."""

    # How long it keeps what nobody fetched; None: for ever, or as long as matters.
    keeps_for: timedelta | None = None
    secrets: Sequence[str] = ()
    # What it is waited for, in seconds, after PATIENCE was asked for: some name no time.
    patience = PATIENCE

    def __init__(self) -> None:
        self.skew = timedelta(0)  # of this computer's clock

    @property
    @abstractmethod
    def time(self) -> datetime:
        """The service's own clock."""

    def clock(self) -> datetime:
        """Return what this computer takes for the time; connectors are given this."""
        return self.time + self.skew

    @abstractmethod
    async def passes(self, time: timedelta) -> None:
        """Let time go by on the service, while nobody is connected."""

    @abstractmethod
    def ask_patience(self, seconds: float) -> None:
        """Answer the next request that receives with "too many"."""

    @abstractmethod
    def ask_patience_of_senders(self, seconds: float) -> None:
        """Answer the next attempt to send with "too many", and do not take it."""

    @abstractmethod
    async def arrive_strange(self) -> None:
        """Have something come that no program has heard of."""

    @abstractmethod
    async def arrive_with_file(self, name: str, data: bytes) -> None:
        """Have a customer send a message that bears a name, and a file with it."""

    @abstractmethod
    def break_files(self) -> None:
        """Let the next attempt to get a file fail."""

    @abstractmethod
    def lose_files(self) -> None:
        """Keep no files any more."""

    @abstractmethod
    async def deliver_again(self) -> None:
        """Deliver what is there a second time, where the service does such things."""

    async def write_elsewhere(self, name: str) -> bool:
        """Have the owner write to a customer with another program; False: that is never told."""
        return False

    def answer_to(self, message: Incoming, client_ref: str) -> Outgoing:
        """Return an answer to a message that came, in its chat."""
        return replace(
            self.outgoing(client_ref),
            chat=message.chat.external_id,
            in_reply_to=message.external_id,
        )


def incoming(items: Sequence[Item]) -> list[Incoming]:
    return [item for item in items if isinstance(item, Incoming)]


class ChatSuite(ContractSuite):
    """The further promises."""

    async def test_a_service_that_asks_for_patience_gets_it(
        self, service: ChatService, connector: Connector
    ) -> None:
        _, cursor = await drain(connector, None)
        await service.arrive("one")
        service.ask_patience(PATIENCE)

        with pytest.raises(RateLimited) as caught:
            await drain(connector, cursor)
        items, _ = await drain(connector, cursor)

        assert caught.value.retry_after_seconds == service.patience
        assert self.names(service, items) == ["one"]

    async def test_a_message_that_came_too_fast_is_no_delivery(
        self, service: ChatService, connector: Connector
    ) -> None:
        service.ask_patience_of_senders(PATIENCE)

        with pytest.raises(RateLimited) as caught:
            await connector.send(service.outgoing("ref-1@desk.example"), nothing)
        assert caught.value.retry_after_seconds == service.patience
        assert service.accepted() == []

        await connector.send(service.outgoing("ref-1@desk.example"), nothing)
        assert service.accepted() == ["ref-1@desk.example"]

    async def test_opening_again_leaves_what_is_being_sent_alone(
        self, service: ChatService, connector: Connector
    ) -> None:
        await connector.send(service.outgoing("ref-1@desk.example"), connector.open)

        assert service.accepted() == ["ref-1@desk.example"]

    async def test_what_nobody_has_heard_of_does_not_stop_the_channel(
        self, service: ChatService, connector: Connector
    ) -> None:
        await service.arrive("before")
        await service.arrive_strange()
        await service.arrive("after")

        items, cursor = await drain(connector, None)
        again, _ = await drain(connector, cursor)

        assert {"before", "after"} <= set(self.names(service, items))
        assert again == []
        assert all(item.raw for item in items if isinstance(item, Incoming | Unreadable))

    async def test_a_file_that_fails_holds_no_message_up(
        self, service: ChatService, connector: Connector, tmp_path: Path
    ) -> None:
        await service.arrive_with_file("picture", b"\x89PNG of a mug")
        service.break_files()

        items, _ = await drain(connector, None)
        (message,) = incoming(items)
        (file,) = message.files
        with pytest.raises(ConnectorError):
            await connector.fetch_file(file.reference, tmp_path / "first")
        await connector.fetch_file(file.reference, tmp_path / "second")

        assert self.names(service, items) == ["picture"]
        assert not (tmp_path / "first").exists()
        assert (tmp_path / "second").read_bytes() == b"\x89PNG of a mug"

    async def test_a_file_that_is_gone_is_said_to_be(
        self, service: ChatService, connector: Connector, tmp_path: Path
    ) -> None:
        await service.arrive_with_file("picture", b"\x89PNG of a mug")
        items, _ = await drain(connector, None)
        (message,) = incoming(items)
        service.lose_files()

        with pytest.raises(PermanentError) as caught:
            await connector.fetch_file(message.files[0].reference, tmp_path / "file")

        assert caught.value.reason == "media"
        assert not (tmp_path / "file").exists()

    async def test_what_comes_twice_bears_the_same_name(
        self, service: ChatService, connector: Connector
    ) -> None:
        await service.arrive("one", "two")
        first, _ = await drain(connector, None)
        await service.deliver_again()
        second, _ = await drain(connector, None)

        named = {item.external_id: item.text for item in incoming([*first, *second])}
        assert sorted(named.values()) == ["one", "two"]

    async def test_what_was_sent_from_here_is_no_news(
        self, service: ChatService, connector: Connector
    ) -> None:
        _, cursor = await drain(connector, None)
        result = await connector.send(service.outgoing("ref-1@desk.example"), nothing)

        items, _ = await drain(connector, cursor)

        assert {item.external_id for item in incoming(items)} <= {result.external_id}

    async def test_what_the_owner_writes_elsewhere_is_told_as_ours(
        self, service: ChatService, connector: Connector
    ) -> None:
        if not await service.write_elsewhere("from the phone"):
            pytest.skip("the service does not tell")

        items, _ = await drain(connector, None)

        (message,) = [item for item in incoming(items) if item.text == "from the phone"]
        assert message.from_me
        assert message.author.address

    async def test_an_answer_goes_where_the_question_came_from(
        self, service: ChatService, connector: Connector
    ) -> None:
        await service.arrive("question")
        items, _ = await drain(connector, None)
        (question,) = incoming(items)

        await connector.send(service.answer_to(question, "ref-1@desk.example"), nothing)

        assert service.accepted() == ["ref-1@desk.example"]

    @pytest.mark.parametrize("days", [-400, -1, 1, 400])
    async def test_a_clock_that_jumps_loses_and_doubles_nothing(
        self, service: ChatService, connector: Connector, days: int
    ) -> None:
        await service.arrive("one")
        first, cursor = await drain(connector, None)
        service.skew = timedelta(days=days)
        await service.arrive("two")
        second, cursor = await drain(connector, cursor)
        service.skew = timedelta(0)
        await service.arrive("three")
        third, _ = await drain(connector, cursor)

        every = incoming([*first, *second, *third])
        assert sorted({item.external_id: item.text for item in every}.values()) == [
            "one", "three", "two",
        ]  # fmt: skip

    @pytest.mark.parametrize("days", [-400, 20])
    async def test_a_clock_that_was_wrong_from_the_start_loses_nothing(
        self, service: ChatService, connector: Connector, days: int
    ) -> None:
        """Much further ahead than that no service's certificate would be valid."""
        service.skew = timedelta(days=days)
        await service.arrive("one")
        first, cursor = await drain(connector, None)
        service.skew = timedelta(0)
        await service.arrive("two")
        second, _ = await drain(connector, cursor)

        every = incoming([*first, *second])
        assert sorted({item.external_id: item.text for item in every}.values()) == ["one", "two"]

    async def test_a_week_away_is_caught_up_with_or_owned_up_to(self, service: ChatService) -> None:
        cursor: Cursor | None = None
        seen: list[str] = []
        gaps: list[bool] = []
        for day in range(2):
            connector = service.connector()
            await connector.open()
            await service.arrive(f"day {day}")
            batch = await connector.pull(cursor)
            gaps.append(batch.gap)
            seen += self.names(service, batch.items)
            rest, cursor = await drain(connector, batch.cursor)
            seen += self.names(service, rest)
            await connector.close()
            if not day:
                await service.arrive("while away")
                await service.passes(timedelta(days=8))

        kept = service.keeps_for is None
        expected = ["day 0", "day 1", "while away"] if kept else ["day 0", "day 1"]
        assert sorted(seen) == expected
        assert gaps == [False, not kept]

    async def test_an_evening_away_is_no_gap(self, service: ChatService) -> None:
        connector = service.connector()
        await connector.open()
        _, cursor = await drain(connector, None)
        await connector.close()
        await service.arrive("in the evening")
        await service.passes(timedelta(hours=12))

        again = service.connector()
        await again.open()
        batch = await again.pull(cursor)
        await again.close()

        assert self.names(service, batch.items) == ["in the evening"]
        assert not batch.gap

    async def test_no_error_and_no_log_has_a_secret(
        self, service: ChatService, connector: Connector, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        said: list[str] = [repr(connector), repr(connector.config)]
        refused = service.refused()
        with pytest.raises(ConnectorError) as caught:
            await refused.open()
        await refused.close()
        said.append(str(caught.value))
        service.ask_patience(PATIENCE)
        with pytest.raises(ConnectorError) as caught:
            await connector.pull(None)
        said += [str(caught.value), repr(caught.value), caplog.text]
        await service.arrive("very private words")
        await drain(connector, None)

        for secret in service.secrets:
            assert not any(secret in one for one in said)
        assert "very private words" not in caplog.text

    async def test_a_message_bears_the_time_of_the_service(
        self, service: ChatService, connector: Connector
    ) -> None:
        service.skew = timedelta(hours=5)
        await service.arrive("one")

        items, _ = await drain(connector, None)

        (message,) = incoming(items)
        assert message.at.tzinfo is UTC
        assert abs(message.at - service.time) < timedelta(minutes=1)

    def test_whoever_sets_it_up_is_told_what_to_do(self, service: ChatService) -> None:
        info = service.connector().info

        assert info.demands
        assert info.help_url.startswith("https://")
        assert all(field.title and field.help for field in info.fields)
        assert any(field.secret for field in info.fields)
