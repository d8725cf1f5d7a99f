"""Matrix through the whole engine and a real homeserver, which is killed meanwhile.

Nothing is lost and nothing comes twice: not when the server dies, and not after a week away.
"""

from __future__ import annotations

import pytest

from desktop_inbox.connectors.matrix import following
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store import accounts
from desktop_inbox.sync.engine import Engine
from desktop_inbox.sync.status import State
from tests.support.engine_room import eventually, running
from tests.support.live_desk import LiveDesk
from tests.support.live_desk import desk as desk
from tests.support.synapse import PASSWORD, Person, Synapse

_PATIENCE = 60.0  # what failed to leave is tried again after 5 and 30 s


@pytest.fixture
def shop(homeserver: Synapse, desk: LiveDesk) -> Person:
    """The desk's account on the server."""
    shop = homeserver.register("shop")
    desk.add("matrix", shop.user_id, {"password": PASSWORD}, homeserver=homeserver.url)
    return shop


@pytest.fixture
def elif_(homeserver: Synapse) -> Person:
    return homeserver.register("elif")


def is_online(engine: Engine) -> bool:
    return {status.state for status in engine.statuses.values()} == {State.ONLINE}


def bodies(person: Person, room: str) -> list[str]:
    events = (one for one in person.events(room) if one["type"] == "m.room.message")
    return [one["content"]["body"] for one in events]  # type: ignore[index]


async def test_a_talk_goes_on_after_the_server_was_killed(
    desk: LiveDesk, homeserver: Synapse, shop: Person, elif_: Person
) -> None:
    engine = desk.engine()
    async with running(engine):
        await eventually(lambda: is_online(engine), seconds=_PATIENCE)
        room = elif_.open_room(shop)  # and the desk comes in
        elif_.say(room, "one")
        await eventually(lambda: desk.heard() == ["one"], seconds=_PATIENCE)
        (conversation,) = desk.conversations()
        first = desk.answer(conversation.id, "first answer")
        await eventually(lambda: desk.message(first).delivery is Delivery.SENT, seconds=_PATIENCE)
        elif_.read(room, desk.message(first).external_id)
        await eventually(lambda: desk.message(first).delivery is Delivery.READ, seconds=_PATIENCE)
        homeserver.kill()
        await eventually(lambda: not is_online(engine), seconds=_PATIENCE)
        second = desk.answer(conversation.id, "second answer")
        homeserver.start()
        elif_.say(room, "two")
        engine.kick()
        await eventually(lambda: sorted(desk.heard()) == ["one", "two"], seconds=_PATIENCE)
        await eventually(lambda: desk.message(second).delivery is Delivery.SENT, seconds=_PATIENCE)

    assert conversation.customer_name.startswith("elif")
    assert sorted(bodies(elif_, room)) == ["first answer", "one", "second answer", "two"]
    assert len(desk.messages(conversation.id)) == 4


async def test_a_message_begins_a_talk_and_the_answer_comes_into_it(
    desk: LiveDesk, shop: Person, elif_: Person
) -> None:
    (account,) = desk.read(accounts.list_all)
    queued = desk.begin(account.id, elif_.user_id, "Your mug is here")
    async with running(desk.engine()):
        await eventually(lambda: desk.message(queued).delivery is Delivery.SENT, seconds=_PATIENCE)
        (room,) = elif_.invited()
        elif_.join(room)
        elif_.say(room, "Thank you")
        await eventually(lambda: desk.heard() == ["Thank you"], seconds=_PATIENCE)
    (conversation,) = desk.conversations()
    assert [one.text for one in desk.messages(conversation.id)] == ["Your mug is here", "Thank you"]


async def test_what_is_taken_back_while_nobody_is_there_is_gone_after(
    desk: LiveDesk, shop: Person, elif_: Person
) -> None:
    room = elif_.open_room(shop)
    shop.join(room)
    said = elif_.say(room, "one")
    felt = [
        elif_.send(
            room,
            {"m.relates_to": {"rel_type": "m.annotation", "event_id": said, "key": key}},
            "m.reaction",
        )
        for key in ("👍", "❤️")
    ]
    await desk.engine().run(until_idle=True)
    (before,) = desk.all_messages()
    elif_.redact(room, felt[0])
    await desk.engine().run(until_idle=True)  # another program, as far as it can tell
    (after,) = desk.all_messages()

    assert [set(one.emojis) for one in before.reactions] == [{"👍", "❤️"}]
    assert [one.emojis for one in after.reactions] == [("❤️",)]
    assert after.withdrawn_at is None


async def test_a_week_away_is_caught_up_with(
    desk: LiveDesk, shop: Person, elif_: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PAGE", 15)
    room = elif_.open_room(shop)
    shop.join(room)
    expected = [f"message {number:03}" for number in range(60)]
    for text in expected[:5]:
        elif_.say(room, text)
    await desk.engine().run(until_idle=True)
    for text in expected[5:]:  # while nobody is there
        elif_.say(room, text)
    shop.say(room, "from the phone")

    for _ in range(2):
        (status,) = (await desk.engine().run(until_idle=True)).values()
        assert status.state is State.ONLINE
        assert sorted(desk.heard()) == expected
        (conversation,) = desk.conversations()
        assert len(desk.messages(conversation.id)) == len(expected) + 1
