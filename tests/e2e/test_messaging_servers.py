"""XMPP, MQTT and feeds through the whole engine and real servers, which are killed meanwhile.

Nothing is lost and nothing comes twice: not when a server dies, and not after a week away.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Priority
from desktop_inbox.store import accounts
from desktop_inbox.sync.engine import Engine
from desktop_inbox.sync.status import State
from tests.support import mosquitto, prosody
from tests.support.engine_room import eventually, running
from tests.support.feed_service import FeedService
from tests.support.http_service import Said, serving
from tests.support.live_desk import LiveDesk
from tests.support.live_desk import desk as desk
from tests.support.mosquitto import Mosquitto
from tests.support.prosody import Customer, Prosody, running_prosody

_PATIENCE = 60.0  # what failed to leave is tried again after 5 and 30 s
_numbers = itertools.count(1)

with_prosody = pytest.mark.skipif(prosody.program() is None, reason="Prosody is not installed")
with_mosquitto = pytest.mark.skipif(
    mosquitto.program() is None, reason="Mosquitto is not installed"
)


async def catch_up(desk: LiveDesk) -> State:
    """Run the engine until it has all there is; return how its only account is."""
    (status,) = (await desk.engine().run(until_idle=True)).values()
    return status.state


def is_online(engine: Engine) -> bool:
    return {status.state for status in engine.statuses.values()} == {State.ONLINE}


# XMPP


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prosody]:
    with running_prosody(tmp_path_factory.mktemp("prosody")) as server:
        yield server


@pytest.fixture
def shop(server: Prosody, desk: LiveDesk) -> str:
    """The desk's address on the server."""
    address = server.register(f"shop{next(_numbers)}")
    desk.add(
        "xmpp", address, {"password": prosody.PASSWORD},
        host="127.0.0.1", port=str(server.port), security="none",
    )  # fmt: skip
    return address


@pytest.fixture
def elif_(server: Prosody) -> str:
    """A customer's address on the server."""
    return server.register(f"elif{next(_numbers)}")


def stanzas(shop: str, *texts: str) -> list[str]:
    return [
        f'<message to="{shop}" type="chat" id="id-{text}"><body>{text}</body></message>'
        for text in texts
    ]


@with_prosody
async def test_a_talk_over_xmpp_goes_on_after_the_server_was_killed(
    desk: LiveDesk, server: Prosody, shop: str, elif_: str
) -> None:
    engine = desk.engine()
    async with running(engine):
        async with Customer(server, elif_) as phone:
            await phone.say(*stanzas(shop, "one"))
            await eventually(lambda: desk.heard() == ["one"], seconds=_PATIENCE)
            (conversation,) = desk.conversations()
            first = desk.answer(conversation.id, "first answer")
            await phone.hears("first answer")
            await eventually(lambda: desk.message(first).delivery is Delivery.SENT)
        server.kill()
        await eventually(lambda: not is_online(engine), seconds=_PATIENCE)
        second = desk.answer(conversation.id, "second answer")
        server.start()
        async with Customer(server, elif_) as phone:
            await phone.say(*stanzas(shop, "two"))
            engine.kick()
            await phone.hears("second answer", seconds=_PATIENCE)
            await eventually(
                lambda: desk.message(second).delivery is Delivery.SENT, seconds=_PATIENCE
            )
            await eventually(lambda: sorted(desk.heard()) == ["one", "two"], seconds=_PATIENCE)

    assert await catch_up(desk) is State.ONLINE
    said = sorted(one.text for one in desk.messages(conversation.id))
    assert said == ["first answer", "one", "second answer", "two"]
    kept = server.archived(elif_.partition("@")[0])
    assert [kept.count(answer) for answer in ("first answer", "second answer")] == [1, 1]


@with_prosody
async def test_a_message_over_xmpp_begins_a_talk_and_the_answer_comes_into_it(
    desk: LiveDesk, server: Prosody, shop: str, elif_: str
) -> None:
    (account,) = desk.read(accounts.list_all)
    queued = desk.begin(account.id, elif_.upper(), "Your mug is here")
    async with Customer(server, elif_) as phone, running(desk.engine()):
        await phone.hears("Your mug is here")
        await phone.say(*stanzas(shop, "Thank you"))
        await eventually(lambda: desk.heard() == ["Thank you"], seconds=_PATIENCE)
    (conversation,) = desk.conversations()
    # In any order: the server tells the time of the answer in whole seconds.
    texts = {one.text for one in desk.messages(conversation.id)}
    assert texts == {"Your mug is here", "Thank you"}
    assert desk.message(queued).delivery in (Delivery.SENT, Delivery.DELIVERED)


@with_prosody
async def test_a_week_away_from_xmpp_is_caught_up_with(
    desk: LiveDesk, server: Prosody, shop: str, elif_: str
) -> None:
    expected = [f"message {number:03}" for number in range(160)]
    async with Customer(server, elif_) as phone:
        await phone.say(*stanzas(shop, *expected[:20]))
        await catch_up(desk)
        await phone.say(*stanzas(shop, *expected[20:90]))
    server.kill()
    server.start()
    async with Customer(server, elif_) as phone, Customer(server, shop) as own_phone:
        await own_phone.say(*stanzas(elif_, "from the phone"))
        await phone.say(*stanzas(shop, *expected[90:]))

    for _ in range(2):
        assert await catch_up(desk) is State.ONLINE
        assert desk.heard() == expected
        (conversation,) = desk.conversations()
        (ours,) = [one for one in desk.messages(conversation.id) if one.text == "from the phone"]
        assert ours.delivery is Delivery.SENT
        assert len(desk.all_messages()) == len(expected) + 1


# MQTT


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def topic(broker: Mosquitto, desk: LiveDesk) -> str:
    """Where the devices of this test report to; the desk listens there."""
    topic = f"shop{next(_numbers)}"
    desk.add(
        "mqtt", "127.0.0.1", {"password": mosquitto.PASSWORD},
        port=str(broker.port), security="none", user=mosquitto.USER, topics=f"{topic}/#",
    )  # fmt: skip
    return topic


def report(topic: str, device: str, name: str, **more: object) -> tuple[str, bytes]:
    told = {"id": name, "device": device, "text": name, **more}
    return f"{topic}/{device}", json.dumps(told).encode()


@with_mosquitto
async def test_devices_are_heard_again_after_the_broker_was_killed(
    desk: LiveDesk, broker: Mosquitto, topic: str
) -> None:
    engine = desk.engine()
    async with running(engine):
        await eventually(lambda: is_online(engine), seconds=_PATIENCE)
        broker.publish(report(topic, "oven", "one", severity="critical"))
        await eventually(lambda: desk.heard() == ["one"], seconds=_PATIENCE)
        broker.kill()
        await eventually(lambda: not is_online(engine), seconds=_PATIENCE)
        broker.start()
        broker.publish(report(topic, "oven", "two"), report(topic, "door", "three"))
        engine.kick()
        await eventually(lambda: sorted(desk.heard()) == ["one", "three", "two"], seconds=_PATIENCE)

    talks = {row.subject: row for row in desk.conversations()}
    assert {name: row.message_count for name, row in talks.items()} == {"oven": 2, "door": 1}
    assert talks["oven"].priority is Priority.URGENT
    assert talks["door"].priority is Priority.NORMAL


@with_mosquitto
async def test_a_week_away_from_devices_is_caught_up_with_and_a_flood_is_one_message(
    desk: LiveDesk, broker: Mosquitto, topic: str
) -> None:
    await catch_up(desk)
    at = "2026-11-01T08:00:00Z"
    steady = [report(topic, "oven", f"{number:03}") for number in range(120)]
    flood = [report(topic, "door", str(n), text="Door open", ts=at) for n in range(200)]
    broker.publish(*steady, *flood, *flood[:30])  # some of it twice
    broker.kill()
    broker.start()

    for _ in range(2):
        assert await catch_up(desk) is State.ONLINE
        assert sorted(desk.heard()) == [*(f"{number:03}" for number in range(120)), "Door open"]
        (open_door,) = [one for one in desk.all_messages() if one.text == "Door open"]
        assert open_door.repeats == 200
        assert {row.subject for row in desk.conversations()} == {"oven", "door"}


# Feeds


async def test_a_feed_brings_what_is_new_once_and_says_where_it_is_gone(desk: LiveDesk) -> None:
    async with serving(FeedService(atom=True)) as site:
        desk.add("feed", site.address, {})
        site.post("one")
        site.post("two")
        assert await catch_up(desk) is State.ONLINE
        assert await catch_up(desk) is State.ONLINE
        assert sorted(desk.heard()) == ["one", "two"]

        site.post("three")  # while nobody looks, and one of the others was changed
        site.post("one again", text="something else")
        site.change("two", text="two, corrected")
        assert await catch_up(desk) is State.ONLINE
        assert sorted(desk.heard()) == ["one", "something else", "three", "two, corrected"]
        assert len(desk.conversations()) == 4

        site.fail(lambda asked: True, Said(status=410))
        assert await catch_up(desk) is State.WAITING
        assert len(desk.all_messages()) == 4
