"""Buttons of an answer, from the draft to the customer and back as what they press."""

from __future__ import annotations

import pytest

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.domain import buttons
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.pieces import Button, Piece, Pressed
from desktop_inbox.store import accounts
from tests.support.scripted_chat import ChatRoom, Wire, said

CHOICE = ("Small", "Large")


@pytest.fixture
def wire(chat_room: ChatRoom) -> Wire:
    wire = Wire(chat_room)
    wire.bring(said("1", at=chat_room.now()))
    return wire


async def sent(
    wire: Wire, body: str, labels: tuple[str, ...] = CHOICE
) -> list[tuple[str, tuple[Piece, ...]]]:
    """Answer with buttons; return what reached the service, text and pieces."""
    wire.room.answer(wire.only().id, body, form=buttons.in_form(labels))
    await wire.room.engine().run(until_idle=True)
    service = wire.room.chat_service(wire.account_id)
    return [(one.text, one.pieces) for one in service.delivered]


async def test_buttons_leave_with_the_text_where_the_channel_has_some(wire: Wire) -> None:
    drawn = tuple(Button(text=label) for label in CHOICE)
    assert await sent(wire, "Which one?") == [("Which one?", drawn)]
    assert wire.timeline()[-1].pieces == drawn


async def test_elsewhere_they_are_lines_with_numbers(chat_room: ChatRoom) -> None:
    pager = Wire(chat_room, "pager")
    pager.bring(said("1", chat="p"))
    assert await sent(pager, "Which?", ("S", "L")) == [("Which?\n\n1. S\n2. L", ())]
    (_theirs, ours) = pager.timeline()
    assert (ours.text, ours.pieces) == ("Which?\n\n1. S\n2. L", ())


async def test_of_several_messages_the_last_has_the_buttons(chat_room: ChatRoom) -> None:
    pager = Wire(chat_room, "pager")
    pager.bring(said("1", chat="p"))
    told = await sent(pager, "Which of the two sizes?", ("S", "L"))
    assert [text for text, _pieces in told] == ["Which of the two", "sizes?\n\n1. S\n2. L"]


@pytest.mark.parametrize(
    ("labels", "code"),
    [(("a", "b", "c", "d"), "too-many-buttons"), (("x" * 11,), "button-too-long")],
)
def test_more_than_the_channel_takes_is_refused_before_it_is_queued(
    wire: Wire, labels: tuple[str, ...], code: str
) -> None:
    with pytest.raises(UserError, match=code):
        wire.room.answer(wire.only().id, "Which one?", form=buttons.in_form(labels))


def test_buttons_are_pressed_about_something(wire: Wire) -> None:
    form = {**buttons.in_form(CHOICE), "template": None}
    with pytest.raises(UserError, match="message-empty"):
        wire.room.answer(wire.only().id, " ", form=form)
    file = wire.room.workspace.files.put(b"a picture")
    kept = {"name": "a.jpg", "media_type": "image/jpeg", "size": 9, "sha256": file}
    with pytest.raises(UserError, match="buttons-need-text"):
        wire.room.answer(wire.only().id, " ", form=form, attachments=(kept,))


async def test_what_a_service_takes_no_more_goes_back_to_a_person(wire: Wire) -> None:
    queued = wire.room.answer(wire.only().id, "Which one?", form=buttons.in_form(CHOICE))
    wire.room.write(lambda tx: accounts.set_limits(tx, wire.account_id, {"max_buttons": 1}))
    await wire.room.engine().run(until_idle=True)
    assert wire.room.chat_service(wire.account_id).delivered == []
    assert wire.room.message(queued.message_id).delivery is Delivery.FAILED


async def test_what_the_customer_presses_is_said_once_in_their_words(wire: Wire) -> None:
    await sent(wire, "Which one?")
    press: Incoming = said("1+q", "Large", at=wire.room.now(), pieces=(Pressed(text="Large"),))
    for _again in range(3):
        wire.bring(press)
    *_before, last = wire.timeline()
    assert (last.text, last.snippet, last.author_name) == ("Large", "Large", "Elif Kaya")
    assert len(wire.timeline()) == 3
    assert wire.only().waiting_since == last.at
