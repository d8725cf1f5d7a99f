"""One customer on several channels: what joins by itself, what a person does, which way is open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from desktop_inbox.connectors.chat import Chat, Incoming, Person
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import channels, joining, undoing
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import customers as people
from desktop_inbox.store import accounts, customers, events
from desktop_inbox.sync.channel_events import CHANNEL
from tests.support.scripted_chat import BARIS, ELIF, ChatRoom, Wire, also, said

# Elif on the pager, whose service vouches for her number.
BUZZ = Person(
    kind="pager", address="p7", name="elif", scoped=True, attested=(("phone", ELIF.address),)
)


@pytest.fixture
def talk(chat_room: ChatRoom) -> Wire:
    return Wire(chat_room)


@pytest.fixture
def pager(chat_room: ChatRoom) -> Wire:
    return Wire(chat_room, "pager")


def buzz(name: str = "p1", *, author: Person = BUZZ, chat: str = "p7", **more: Any) -> Incoming:
    return said(name, "It is me again", chat=chat, author=author, **more)


def told_of_channels(room: ChatRoom, conversation_id: int) -> list[object]:
    history = room.read(lambda conn: events.of_conversation(conn, conversation_id))
    return [change[4] for one in history if one.kind == CHANNEL for change in one.changes]


# What joins by itself


def test_somebody_vouched_for_goes_on_in_their_one_open_conversation(
    talk: Wire, pager: Wire
) -> None:
    talk.bring(said("1"))
    pager.bring(buzz(minute=5))
    row = talk.only()
    assert [one.channel for one in talk.room.messages(row.id)] == ["talk", "pager"]
    assert told_of_channels(talk.room, row.id) == ["pager"]
    customer = talk.room.read(lambda conn: customers.row(conn, row.customer_id or 0))
    assert customer is not None
    assert {one.kind for one in customer.identities} == {"phone", "pager"}


def test_somebody_nobody_vouches_for_begins_their_own(talk: Wire, pager: Wire) -> None:
    talk.bring(said("1"))
    pager.bring(buzz(author=also(BUZZ, attested=())))
    assert len(talk.room.conversations()) == 2


def test_a_second_account_of_that_service_is_not_joined_to_them(talk: Wire, pager: Wire) -> None:
    talk.bring(said("1"))
    pager.bring(buzz(minute=5), buzz("p2", author=also(BUZZ, address="p8"), chat="p8", minute=6))
    assert len(talk.room.conversations()) == 2


def test_with_several_open_conversations_a_new_chat_begins_its_own(talk: Wire, pager: Wire) -> None:
    talk.bring(said("1"), said("2", chat="old", minute=-60 * 24 * 20))
    assert len(talk.room.conversations()) == 2
    pager.bring(buzz(minute=-60 * 24 * 10))
    assert len(talk.room.conversations()) == 3


def test_what_lies_longer_back_or_was_closed_is_not_gone_on_with(talk: Wire, pager: Wire) -> None:
    talk.bring(said("1"))
    pager.bring(buzz(minute=60 * 24 * 15))
    assert len(talk.room.conversations()) == 2


def test_a_closed_one_stays_closed_and_a_snoozed_one_comes_back(talk: Wire, pager: Wire) -> None:
    now = talk.room.now()
    talk.bring(said("1", at=now - timedelta(minutes=1)))
    row = talk.only()
    talk.room.write(lambda tx: actions.snooze(tx, row.id, until=now + timedelta(days=1)))
    pager.bring(buzz(at=talk.room.now() + timedelta(seconds=1)))
    assert talk.only().status is Status.OPEN
    talk.room.write(lambda tx: actions.set_status(tx, row.id, Status.CLOSED))
    pager.bring(buzz("p2", chat="other", at=talk.room.now()))
    assert len(talk.room.conversations()) == 2


def test_what_is_said_in_a_group_and_alone_stays_apart(talk: Wire) -> None:
    talk.bring(said("1", chat=Chat(external_id="g", title="Mugs", group=True)))
    talk.bring(said("2", minute=1))
    assert {row.subject for row in talk.room.conversations()} == {"Mugs", ""}


def test_blocked_customers_reach_spam_alone(talk: Wire) -> None:
    talk.bring(said("1"))
    customer = talk.only().customer_id
    assert customer is not None
    talk.room.write(lambda tx: people.edit(tx, customer, blocked=True))
    talk.bring(said("2", chat="new", minute=1))
    (spam,) = talk.room.conversations("spam")
    assert [one.external_id for one in talk.room.messages(spam.id)] == ["2"]


# What a person does


def test_going_on_elsewhere_is_one_action_and_answers_come_back_here(
    talk: Wire, pager: Wire
) -> None:
    room = talk.room
    pager.bring(buzz(at=room.now()))
    old = pager.only()
    room.write(lambda tx: actions.set_status(tx, old.id, Status.CLOSED))
    talk.bring(said("1", at=room.now()))
    (row,) = room.conversations("inbox")
    queued = room.answer(row.id, "See there", account_id=pager.account_id)
    assert queued.conversation_id == row.id
    assert told_of_channels(room, row.id) == ["pager"]
    pager.bring(buzz("p2", at=room.now() + timedelta(seconds=1)))
    assert [one.external_id for one in room.messages(row.id)] == ["1", "", "p2"]
    assert room.conversations("closed")[0].id == old.id


def test_a_chat_begun_from_here_takes_the_customers_answer(talk: Wire, pager: Wire) -> None:
    room = talk.room
    pager.bring(buzz(at=room.now()))
    row = pager.only()
    with pytest.raises(UserError, match="window-closed"):
        room.answer(row.id, "On the phone", account_id=talk.account_id)
    form = {"template": {"name": "hello", "language": "en", "values": []}}
    room.answer(row.id, "Hello", account_id=talk.account_id, form=form)
    talk.bring(said("1", chat="named-by-the-service", at=room.now() + timedelta(seconds=1)))
    assert [one.channel for one in room.messages(row.id)] == ["pager", "talk", "talk"]


def test_a_chat_can_be_split_off_and_what_comes_next_follows_it(talk: Wire) -> None:
    talk.bring(said("1"), said("2", "Something else", minute=1))
    row = talk.only()
    second = talk.timeline()[-1].id
    new_id, _ = talk.room.write(lambda tx: joining.split(tx, row.id, second))
    talk.bring(said("3", minute=2))
    assert [one.external_id for one in talk.room.messages(new_id)] == ["2", "3"]
    talk.room.write(undoing.undo)
    assert [one.external_id for one in talk.timeline()] == ["1", "2", "3"]


def test_a_merge_keeps_the_channel_of_each_message_and_answers_follow_it(
    talk: Wire, pager: Wire
) -> None:
    room = talk.room
    talk.bring(said("1", author=BARIS, at=room.now()))
    pager.bring(buzz(at=room.now(), author=also(BUZZ, attested=())))
    first, second = (row.id for row in room.conversations())
    room.write(lambda tx: joining.merge(tx, first, second))
    row = talk.only()
    assert {one.channel for one in room.messages(row.id)} == {"talk", "pager"}
    by_channel = {one.channel: one for one in room.messages(row.id)}
    queued = room.answer(row.id, "Yes", answers_id=by_channel["pager"].id)
    assert room.message(queued.message_id).channel == "pager"


# Which way is open


def test_every_way_says_whether_it_can_be_used_now(talk: Wire, pager: Wire) -> None:
    room = talk.room
    now = room.now()
    talk.bring(said("1", at=now))
    room.add_account()
    talk.bring(said("2", at=now, author=also(ELIF, attested=(("email", "elif@example.org"),))))

    def found(at: object = now) -> dict[str, str]:
        ways = room.read(
            lambda conn: channels.ways_of_conversation(conn, talk.only().id, now=at)  # type: ignore[arg-type]
        )
        return {way.kind: way.why_not(at) for way in ways}  # type: ignore[arg-type]

    assert found() == {"talk": "", "email": ""}
    pager.bring(buzz(at=now))
    assert found()["pager"] == ""
    assert found(now + timedelta(days=2))["talk"] == "window-closed"
    room.write(lambda tx: accounts.set_state(tx, talk.account_id, "needs_sign_in", detail={}))
    assert found()["talk"] == "needs-sign-in"
    room.write(lambda tx: accounts.change(tx, pager.account_id, enabled=False))
    assert found()["pager"] == "paused"
    room.write(lambda tx: accounts.remove(tx, pager.account_id, keep_messages=True))
    assert found()["pager"] == "no-account-of-kind"


def test_the_address_that_was_chosen_of_several_is_the_one_written_to(talk: Wire) -> None:
    room, now = talk.room, talk.room.now()
    second = also(ELIF, address="+905329998877")
    talk.bring(said("1", at=now), said("2", at=now, chat="second", author=second))
    talk.bring(said("3", at=now + timedelta(seconds=1)))
    latest, other = (one.id for one in room.conversations())
    room.write(lambda tx: joining.merge(tx, other, latest))
    row = talk.only()
    ways = room.read(lambda conn: channels.ways_of_conversation(conn, row.id, now=now))
    by_address = {way.address: way for way in ways}
    assert {way.said for way in ways} == {
        frozenset(one.id for one in talk.timeline() if one.external_id in names)
        for names in (("1", "3"), ("2",))
    }
    chosen = by_address[second.address]
    queued = room.answer(row.id, "There", account_id=talk.account_id, form={"chat": chosen.chat_id})
    assert room.message(queued.message_id).to[0].address == second.address
    form = {"identity": by_address[ELIF.address].identity_id}
    queued = room.answer(row.id, "Here", account_id=talk.account_id, form=form)
    assert room.message(queued.message_id).to[0].address == ELIF.address
    assert queued.conversation_id == row.id


def test_those_who_talk_in_a_group_are_answered_there(talk: Wire) -> None:
    room, now = talk.room, talk.room.now()
    talk.bring(said("1", at=now, chat=Chat(external_id="g", title="Mugs", group=True)))
    ways = room.read(lambda conn: channels.ways_of_conversation(conn, talk.only().id, now=now))
    assert "Mugs" in {way.label for way in ways if way.said}


def test_a_channel_that_knows_no_address_of_theirs_or_waits_for_them_is_refused(
    talk: Wire, pager: Wire
) -> None:
    room = talk.room
    talk.bring(said("1", at=room.now()))
    with pytest.raises(UserError, match="no-address-there"):
        room.answer(talk.only().id, "There?", account_id=pager.account_id)


def test_one_number_on_two_services_of_a_channel_is_two_ways(chat_room: ChatRoom) -> None:
    wire, now = Wire(chat_room, "twilio"), chat_room.now()
    wire.bring(
        said("1", at=now, chat=f"+15550001|{ELIF.address}"),
        said(
            "2",
            at=now,
            chat=f"whatsapp:+15550001|whatsapp:{ELIF.address}",
            reply_until=now + timedelta(days=1),
        ),
    )
    customer = chat_room.conversations()[0].customer_id
    assert customer is not None
    later = now + timedelta(days=2)
    ways = chat_room.read(lambda conn: channels.ways(conn, customer, now=later))
    told = {way.service: way.why_not(later) for way in ways if way.account_id == wire.account_id}
    assert told == {"SMS": "", "WhatsApp": "window-closed"}
