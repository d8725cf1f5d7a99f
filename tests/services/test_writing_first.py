"""Messages that begin something on messaging channels: where they go, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from desktop_inbox.connectors.chat import Person
from desktop_inbox.connectors.twilio.info import INFO
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.services import channels, replies, writing_first
from desktop_inbox.services import conversations as actions
from desktop_inbox.services.channels import Way
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.services.replies import QueuedReply
from desktop_inbox.store import accounts, chat_ways, chats, customers, drafts
from desktop_inbox.sync import chat_outgoing
from tests.support.scripted_chat import BARIS, ELIF, ChatRoom, Wire, also, said

SMS, WHATSAPP = "+905550001111", "whatsapp:+905550001111"
TEMPLATE = {"template": {"name": "HX1", "language": "en", "values": []}}


@pytest.fixture
def twilio(chat_room: ChatRoom) -> Wire:
    """A Turkish number for SMS and WhatsApp."""
    wire = Wire(chat_room, "twilio")
    chat_room.write(
        lambda tx: accounts.change(tx, wire.account_id, address=SMS, settings={"senders": WHATSAPP})
    )
    return wire


def begin(wire: Wire, *to: str, form: dict[str, Any] | None = None) -> QueuedReply:
    room = wire.room
    draft = DraftContent(
        mode="new",
        account_id=wire.account_id,
        to=tuple(Address(address=one) for one in to),
        body="Your mug is here",
        form=form,
    )
    return room.write(lambda tx: replies.compose_new(tx, room.workspace.files, draft=draft))


def chat_of(wire: Wire, queued: QueuedReply) -> str:
    way = wire.room.read(lambda conn: chat_ways.way_out(conn, queued.message_id))
    assert way is not None
    return way.chat


def ways_to(wire: Wire, address: str, kind: str = "phone") -> dict[str, Way]:
    room = wire.room
    found = room.read(lambda conn: writing_first.ways_to(conn, address, kind=kind, now=room.now()))
    return {way.service or way.kind: way for way in found}


# Whom


def test_a_number_as_one_writes_it_at_home_becomes_a_customer_and_a_conversation(
    twilio: Wire,
) -> None:
    queued = begin(twilio, "0532 111 22 33")
    row = twilio.only()
    assert (row.status, row.channel) == (Status.OPEN, "twilio")
    customer = twilio.room.read(lambda conn: customers.row(conn, row.customer_id or 0))
    assert customer is not None
    assert [(one.kind, one.address) for one in customer.identities] == [("phone", ELIF.address)]
    message = twilio.room.message(queued.message_id)
    assert (message.to[0].address, message.delivery) == (ELIF.address, Delivery.QUEUED)
    assert chat_of(twilio, queued) == f"{SMS}|{ELIF.address}"


def test_somebody_known_by_that_number_is_not_made_twice(twilio: Wire) -> None:
    talk = Wire(twilio.room)
    talk.bring(said("1"))
    begin(twilio, ELIF.address)
    first, second = twilio.room.conversations()
    assert first.customer_id == second.customer_id


def test_what_names_nobody_is_refused(twilio: Wire) -> None:
    with pytest.raises(UserError, match="unreachable"):
        begin(twilio, "elif")
    with pytest.raises(UserError, match="no-recipient"):
        begin(twilio)
    with pytest.raises(UserError, match="one-recipient"):
        begin(twilio, ELIF.address, BARIS.address)
    assert twilio.room.conversations("all") == []


def test_where_customers_write_first_only_who_has_written_is_written_to(
    chat_room: ChatRoom,
) -> None:
    pager = Wire(chat_room, "pager")
    with pytest.raises(UserError, match="cannot-write-first"):
        begin(pager, "p7")
    pager.bring(said("1", author=Person(kind="pager", address="p7", scoped=True)))
    begin(pager, "p7")
    assert [one.text for one in pager.timeline()][-1] == "Your mug is here"


# Where it goes


def test_the_open_conversation_of_that_chat_goes_on_and_a_closed_one_does_not(
    twilio: Wire,
) -> None:
    room = twilio.room
    twilio.bring(said("1", chat=f"{SMS}|{ELIF.address}", at=room.now()))
    row = twilio.only()
    assert ways_to(twilio, ELIF.address)["SMS"].goes_on_in == row.id
    assert begin(twilio, ELIF.address).conversation_id == row.id
    room.write(lambda tx: actions.snooze(tx, row.id, until=room.now() + timedelta(days=1)))
    assert begin(twilio, ELIF.address).conversation_id == row.id
    room.write(lambda tx: actions.set_status(tx, row.id, Status.CLOSED))
    assert ways_to(twilio, ELIF.address)["SMS"].goes_on_in is None
    second = begin(twilio, ELIF.address).conversation_id
    assert second != row.id
    later = room.now() + timedelta(seconds=1)
    twilio.bring(said("2", "Thank you", chat=f"{SMS}|{ELIF.address}", at=later))
    assert [one.text for one in room.messages(second)] == ["Your mug is here", "Thank you"]


def test_taken_back_it_is_a_draft_again_and_nothing_was_begun(twilio: Wire) -> None:
    room = twilio.room
    queued = begin(
        twilio, ELIF.address, form=TEMPLATE | {"opens": f"{WHATSAPP}|whatsapp:{ELIF.address}"}
    )
    draft_id = room.write(lambda tx: replies.cancel(tx, queued.message_id))
    draft = room.read(lambda conn: drafts.get(conn, draft_id))
    assert draft is not None
    assert (draft.mode, draft.to[0].address, draft.body) == (
        "new",
        ELIF.address,
        "Your mug is here",
    )
    assert room.conversations("all") == []


# Reply windows


def test_on_whatsapp_a_template_alone_begins(twilio: Wire) -> None:
    room, name = twilio.room, f"{WHATSAPP}|whatsapp:{ELIF.address}"
    with pytest.raises(UserError, match="window-closed"):
        begin(twilio, ELIF.address, form={"opens": name})
    assert room.conversations("all") == []
    queued = begin(twilio, ELIF.address, form=TEMPLATE | {"opens": name})
    assert chat_of(twilio, queued) == name
    row = twilio.only()
    with pytest.raises(UserError, match="window-closed"):  # nothing came in yet
        room.answer(row.id, "And?", account_id=twilio.account_id)
    now = room.now()
    twilio.bring(
        said("1", "Who is this?", chat=name, at=now, reply_until=now + timedelta(hours=24))
    )
    assert [one.text for one in twilio.timeline()] == ["Your mug is here", "Who is this?"]
    room.answer(row.id, "The shop", account_id=twilio.account_id)


def test_the_window_of_a_chat_we_began_is_closed_when_it_is_to_leave_as_well(
    twilio: Wire,
) -> None:
    room, name = twilio.room, f"{WHATSAPP}|whatsapp:{ELIF.address}"
    template = begin(twilio, ELIF.address, form=TEMPLATE | {"opens": name})
    (chat,) = room.read(lambda conn: chats.by_names(conn, twilio.account_id, [name])).values()
    soon = room.now() + timedelta(hours=1)
    room.write(lambda tx: chats.change(tx, chat.id, reply_until=soon))
    queued = room.answer(twilio.only().id, "And?")
    room.write(lambda tx: chats.change(tx, chat.id, reply_until=None))
    room.write(lambda tx: chat_outgoing.give_up_closed(tx, twilio.account_id, INFO))
    assert room.message(queued.message_id).delivery is Delivery.FAILED
    assert room.message(template.message_id).delivery is Delivery.QUEUED
    ways = room.read(
        lambda conn: channels.ways_of_conversation(conn, twilio.only().id, now=room.now())
    )
    told = {way.service: way.why_not(room.now()) for way in ways if way.service}
    assert told == {"WhatsApp": "window-closed", "SMS": ""}


# What is offered


def test_each_service_is_offered_before_anybody_is_named(twilio: Wire) -> None:
    Wire(twilio.room, "pager")
    room = twilio.room
    room.add_account()
    now = room.now()
    found = writing_first.openings(room.read(accounts.list_all))
    assert {way.service or way.kind: way.why_not(now) for way in found} == {
        "SMS": "",
        "WhatsApp": "window-closed",
        "pager": "cannot-write-first",
    }


def test_a_strangers_number_is_reached_by_whatever_takes_numbers(twilio: Wire) -> None:
    Wire(twilio.room, "pager")
    found = ways_to(twilio, ELIF.address)
    assert set(found) == {"SMS", "WhatsApp"}
    assert found["WhatsApp"].templates
    assert ways_to(twilio, "elif") == {}


def test_of_a_customer_every_way_is_offered_whichever_address_names_them(twilio: Wire) -> None:
    room = twilio.room
    talk = Wire(room)
    room.add_account()
    talk.bring(said("1", author=also(ELIF, attested=(("email", "elif@example.org"),))))
    expected = {"SMS", "WhatsApp", "talk", "email"}
    assert set(ways_to(twilio, ELIF.address)) == expected
    assert set(ways_to(twilio, "Elif@example.org", kind="email")) == expected
