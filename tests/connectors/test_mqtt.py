"""Devices are heard through a real broker: nothing is lost, nothing comes twice, floods count."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors import check, create
from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import AccountConfig, Connector, Cursor, Item
from desktop_inbox.connectors.errors import PermanentError
from desktop_inbox.connectors.mqtt.broker import is_filter
from desktop_inbox.connectors.mqtt.reading import Published, read
from desktop_inbox.domain.states import Priority
from tests.connectors.contract_suite import ReceivingSuite, Source, drain
from tests.support.mosquitto import PASSWORD, USER, Mosquitto, program
from tests.support.proxy import FaultyProxy

pytestmark = pytest.mark.skipif(program() is None, reason="Mosquitto is not installed")

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def config(port: int, *, password: str = PASSWORD, topics: str = "alarms/#") -> AccountConfig:
    return AccountConfig(
        id=1,
        address="127.0.0.1",
        settings={"port": str(port), "security": "none", "user": USER, "topics": topics},
        secrets={"password": password},
    )


def alarm(name: str, *, device: str = "oven", **rest: object) -> tuple[str, bytes]:
    told = {"id": name, "device": device, "text": name, **rest}
    return f"alarms/{device}", json.dumps(told).encode()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker")
    broker.start()
    yield broker
    broker.stop()


async def visited(connector: Connector) -> None:
    """Be there once, so that the broker keeps what comes from now on."""
    await connector.open()
    await connector.close()


class Mqtt(Source):
    def __init__(self, broker: Mosquitto, proxy: FaultyProxy) -> None:
        self.broker = broker
        self.proxy = proxy

    def connector(self) -> Connector:
        return create("mqtt", config(self.proxy.port))

    def refused(self) -> Connector:
        return create("mqtt", config(self.proxy.port, password="wrong"))

    async def arrive(self, *names: str) -> None:
        await asyncio.to_thread(self.broker.publish, *(alarm(name) for name in names))

    def name_of(self, item: Item) -> str | None:
        return item.text if isinstance(item, Incoming) else None

    async def drop_link(self) -> None:
        await self.proxy.cut()


class TestMqtt(ReceivingSuite):
    @pytest.fixture
    async def service(self, broker: Mosquitto) -> AsyncIterator[Mqtt]:
        async with FaultyProxy(broker.port, random.Random(1)) as proxy:
            service = Mqtt(broker, proxy)
            await visited(service.connector())
            yield service


@pytest.fixture
async def connector(broker: Mosquitto) -> AsyncIterator[Connector]:
    connector = create("mqtt", config(broker.port))
    await connector.open()
    yield connector
    await connector.close()


async def heard(connector: Connector, cursor: Cursor | None, count: int) -> list[Incoming]:
    """Pull until so many messages have come, floods counted."""
    found: dict[str, Incoming] = {}
    async with asyncio.timeout(20):
        while sum(one.repeats for one in found.values()) < count:
            items, cursor = await drain(connector, cursor)
            found |= {one.external_id: one for one in items if isinstance(one, Incoming)}
            if sum(one.repeats for one in found.values()) < count:
                await connector.wait()
    return list(found.values())


async def test_a_device_is_a_line_of_talk_and_its_severity_a_priority(
    broker: Mosquitto, connector: Connector
) -> None:
    broker.publish(
        alarm("1", text="Too hot", severity="critical", ts="2026-11-01T08:00:00Z"),
        alarm("2", device="kiln 2", text="All is well", level="INFO"),
    )
    hot, well = await heard(connector, None, 2)
    assert (hot.chat.external_id, hot.text, hot.priority) == ("oven", "Too hot", Priority.URGENT)
    assert hot.at == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert (well.chat.title, well.priority) == ("kiln 2", Priority.LOW)


async def test_a_flood_is_one_message_that_counts(broker: Mosquitto, connector: Connector) -> None:
    at = "2026-11-01T08:00:00Z"
    flood = [alarm(str(number), text="Door open", ts=at) for number in range(300)]
    broker.publish(*flood, *flood[:20])  # a device that publishes what it did before
    [one] = await heard(connector, None, 300)
    assert (one.text, one.repeats) == ("Door open", 300)


async def test_what_came_in_a_week_away_is_there_once_though_the_broker_was_killed(
    broker: Mosquitto,
) -> None:
    away = create("mqtt", config(broker.port))
    await visited(away)
    broker.publish(*(alarm(str(number)) for number in range(500)))
    broker.stop()
    broker.start()

    back = create("mqtt", config(broker.port))
    await back.open()
    found = await heard(back, None, 500)
    await back.close()

    assert sorted(int(one.text) for one in found) == list(range(500))
    assert {one.repeats for one in found} == {1}


async def test_what_was_stored_and_not_acknowledged_does_not_come_twice(
    broker: Mosquitto,
) -> None:
    """Between the commit and the next pull the program is killed (rule: the cursor is the ack)."""
    await visited(create("mqtt", config(broker.port)))
    at = "2026-11-01T08:00:00Z"
    broker.publish(("alarms/door", json.dumps({"text": "open", "ts": at}).encode()))
    first = create("mqtt", config(broker.port))
    await first.open()
    await first.wait()
    batch = await first.pull(None)
    assert [one.repeats for one in batch.items if isinstance(one, Incoming)] == [1]
    await first.close()

    broker.publish(("alarms/door", json.dumps({"text": "shut", "ts": at}).encode()))
    second = create("mqtt", config(broker.port))
    await second.open()
    [item] = await heard(second, batch.cursor, 1)
    await second.close()
    assert item.text == "shut"


async def test_a_retained_message_is_told_once_and_not_at_each_return(broker: Mosquitto) -> None:
    broker.publish(("alarms/door", b"open"), retain=True)
    connector = create("mqtt", config(broker.port))
    await connector.open()
    [item], cursor = await drain(connector, None)
    assert isinstance(item, Incoming)
    assert (item.chat.external_id, item.text) == ("alarms", "open")
    assert (await connector.pull(cursor)).items == ()
    await connector.open()
    assert (await connector.pull(cursor)).items == ()
    await connector.close()


async def test_a_session_that_the_broker_forgot_is_told_as_a_gap(broker: Mosquitto) -> None:
    connector = create("mqtt", config(broker.port))
    await connector.open()
    assert not (await connector.pull(None)).gap, "the first time nothing can be missing"
    await connector.open()
    assert not (await connector.pull({"visit": "", "given": 0})).gap
    await connector.close()
    broker.stop()
    (broker.folder / "mosquitto.db").unlink()
    broker.start()
    await connector.open()
    assert (await connector.pull({"visit": "", "given": 0})).gap
    await connector.close()


async def test_the_check_says_what_is_wrong(broker: Mosquitto) -> None:
    good = [step async for step in check("mqtt", config(broker.port))]
    assert [(one.step, one.ok) for one in good] == [
        ("receive:sign-in", True),
        ("receive:subscribe", True),
    ]
    [wrong] = [step async for step in check("mqtt", config(broker.port, password="no"))]
    assert (wrong.step, wrong.ok, wrong.cause) == ("receive:sign-in", False, "sign_in")
    broker.stop()
    [nobody] = [step async for step in check("mqtt", config(broker.port))]
    assert (nobody.step, nobody.ok, nobody.cause) == ("receive:connect", False, "network")


@pytest.mark.parametrize("topics", ["", "a/#/b", "a#", "+a/b"])
async def test_topics_that_are_none_are_refused_before_anybody_is_asked(topics: str) -> None:
    with pytest.raises(PermanentError):
        await create("mqtt", config(1, topics=topics)).open()


@pytest.mark.parametrize("topic", ["#", "+", "a/+/b", "a/#", "/", "shop/oven"])
def test_filters_of_the_standard_are_taken(topic: str) -> None:
    assert is_filter(topic)


@given(topic=st.text(max_size=30), payload=st.binary(max_size=200))
def test_whatever_a_device_publishes_is_read(topic: str, payload: bytes) -> None:
    told = read(Published(topic=topic, payload=payload), now=NOW)
    assert told.text
    assert told.device
    assert told.at <= NOW


def test_a_device_whose_clock_is_ahead_speaks_now() -> None:
    payload = json.dumps({"text": "x", "ts": (NOW + timedelta(days=400)).isoformat()}).encode()
    assert read(Published(topic="a/b", payload=payload), now=NOW).at == NOW
