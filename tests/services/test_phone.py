"""Calls and visits that somebody writes down stand with all else that was said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_inbox.connectors.phone.reading import CallNote
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.pieces import Call, CallOutcome
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import conversations, phone
from desktop_inbox.store import accounts, events, search
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync.channel_events import CHANNEL
from tests.support.lookups import customer_known_as
from tests.support.scripted_chat import ELIF, START, ChatRoom, Wire, said


def note(name: str = "n1", **more: object) -> CallNote:
    values = {"name": name, "at": START, "outcome": CallOutcome.ANSWERED, **more}
    return CallNote(**values)  # type: ignore[arg-type]


def write(room: ChatRoom, one: CallNote, **more: object) -> MessageRow:
    return room.write(lambda tx: phone.write_down(tx, one, **more))  # type: ignore[arg-type]


def test_a_call_stands_in_a_conversation_with_its_caller(chat_room: ChatRoom) -> None:
    one = note(number="0532 111 22 33", caller="Elif", seconds=95, text="Wants two mugs")
    row = write(chat_room, one, region="TR")
    (conversation,) = chat_room.conversations()
    assert (conversation.customer_name, conversation.channel) == ("Elif", "phone")
    assert row.pieces == (Call(outcome=CallOutcome.ANSWERED, seconds=95),)
    assert (row.text, row.direction, conversation.unread) == ("Wants two mugs", Direction.IN, 0)
    assert chat_room.read(lambda conn: search.search(conn, "mugs", limit=5)).total == 1


def test_the_same_note_twice_is_one(chat_room: ChatRoom) -> None:
    first, second = write(chat_room, note(caller="Bo")), write(chat_room, note(caller="Bo"))
    assert first.id == second.id
    assert len(chat_room.read(accounts.list_all)) == 1


def test_who_calls_from_a_number_we_know_goes_on_in_their_conversation(
    chat_room: ChatRoom,
) -> None:
    wire = Wire(chat_room)
    wire.bring(said("1"))
    write(chat_room, note(number=ELIF.address, outcome=CallOutcome.MISSED))
    assert [one.channel for one in wire.timeline()] == ["talk", "phone"]


def test_two_visitors_without_a_number_are_two_customers(chat_room: ChatRoom) -> None:
    for name in ("n1", "n2"):
        write(chat_room, note(name, caller="A lady", outcome=CallOutcome.WALK_IN))
    assert len({row.customer_id for row in chat_room.conversations()}) == 2


def test_a_visit_of_a_customer_who_is_named_is_theirs(chat_room: ChatRoom) -> None:
    mail = chat_room.add_account()
    chat_room.queue(to="bo@example.org", account_id=mail)
    (conversation,) = chat_room.conversations()
    customer = conversation.customer_id
    now = chat_room.now()
    visit = note(outcome=CallOutcome.WALK_IN, text="Took the mug", at=now)
    row = write(chat_room, visit, customer_id=customer)
    assert row.conversation_id == conversation.id
    later = note("n2", outcome=CallOutcome.WALK_IN, at=now)
    again = write(chat_room, later, customer_id=customer)
    assert again.conversation_id == conversation.id


def test_a_number_that_is_said_to_be_a_customers_is_theirs_from_then_on(
    chat_room: ChatRoom,
) -> None:
    write(chat_room, note(caller="Bo", outcome=CallOutcome.WALK_IN))
    (conversation,) = chat_room.conversations()
    customer = conversation.customer_id
    write(chat_room, note("n2", number="+4930123456"), customer_id=customer)
    found = chat_room.read(lambda conn: customer_known_as(conn, "phone", "+4930123456"))
    assert found is not None
    assert found.id == customer


def test_a_note_lies_in_the_conversation_it_is_added_to(chat_room: ChatRoom) -> None:
    mail = chat_room.add_account()
    for address in ("bo@example.org", "ada@example.org"):
        chat_room.queue(to=address, account_id=mail)
    ada, bo = chat_room.conversations()
    row = write(chat_room, note(number=ELIF.address), conversation_id=bo.id)
    same = write(chat_room, note(number=ELIF.address), conversation_id=bo.id)
    assert (row.conversation_id, row.id) == (bo.id, same.id)
    other = write(chat_room, note("n2", number=ELIF.address), conversation_id=ada.id)
    assert other.conversation_id == ada.id
    told = [
        change[2:]
        for event in chat_room.read(lambda conn: events.of_conversation(conn, bo.id))
        for change in event.changes
        if event.kind == CHANNEL
    ]
    assert told == [("channel:n1", None, "phone")]


def test_a_note_for_a_conversation_that_is_gone_is_refused(chat_room: ChatRoom) -> None:
    with pytest.raises(UserError, match="conversation-missing"):
        write(chat_room, note(caller="Bo"), conversation_id=99)
    assert chat_room.read(accounts.list_all) == []


@pytest.mark.parametrize("outcome", [CallOutcome.ANSWERED, CallOutcome.WALK_IN])
@pytest.mark.parametrize("from_us", [False, True])
def test_whoever_was_spoken_to_waits_no_longer_a2(
    chat_room: ChatRoom, outcome: CallOutcome, from_us: bool
) -> None:
    wire = Wire(chat_room)
    wire.bring(said("1"))
    assert wire.only().waiting_since == START
    later = START + timedelta(minutes=5)
    write(chat_room, note(number=ELIF.address, outcome=outcome, from_us=from_us, at=later))
    assert wire.only().waiting_since is None


def test_a_call_that_nobody_took_answers_nothing_b3(chat_room: ChatRoom) -> None:
    wire = Wire(chat_room)
    wire.bring(said("1"))
    later = START + timedelta(minutes=5)
    missed = note(number=ELIF.address, outcome=CallOutcome.MISSED, from_us=True, at=later)
    write(chat_room, missed)
    assert wire.only().waiting_since == START


def test_whoever_we_missed_waits_for_our_call(chat_room: ChatRoom) -> None:
    write(chat_room, note(number=ELIF.address, outcome=CallOutcome.MISSED))
    (conversation,) = chat_room.conversations()
    assert conversation.waiting_since == START


def test_a_call_that_was_answered_brings_nothing_back_a3(chat_room: ChatRoom) -> None:
    write(chat_room, note(number=ELIF.address))
    (conversation,) = chat_room.conversations()
    chat_room.write(lambda tx: conversations.close(tx, [conversation.id]))
    write(chat_room, note("n2", number=ELIF.address, at=chat_room.now()))
    (conversation,) = chat_room.conversations()
    assert (conversation.status, conversation.message_count) == (Status.CLOSED, 2)


def test_our_own_calls_are_ours(chat_room: ChatRoom) -> None:
    row = write(chat_room, note(number="+4930123456", from_us=True))
    assert row.direction is Direction.OUT


async def test_the_log_is_an_account_that_rests(chat_room: ChatRoom) -> None:
    write(chat_room, note(caller="Bo"))
    (account,) = chat_room.read(accounts.list_all)
    statuses = await chat_room.engine().run(until_idle=True)
    assert statuses[account.id].state == "online"


def test_a_log_or_a_customer_that_is_not_there_is_refused(chat_room: ChatRoom) -> None:
    with pytest.raises(UserError, match="account-missing"):
        write(chat_room, note(), account_id=99)
    with pytest.raises(UserError, match="customer-missing"):
        write(chat_room, note(), customer_id=99)


def test_a_note_says_who_it_was(chat_room: ChatRoom) -> None:
    with pytest.raises(UserError, match="caller-missing"):
        write(chat_room, note(text="Somebody asked for mugs"))
    with pytest.raises(UserError, match="number-unreadable"):
        write(chat_room, note(number="the blue phone"))
    assert write(chat_room, note(number="112")).from_[0].address == "112"
