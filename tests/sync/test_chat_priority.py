"""How urgent a device says it is becomes the conversation's priority, unless a person chose one."""

from __future__ import annotations

import random

import pytest

from desktop_inbox.connectors.chat import Chat, Person
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.states import Priority
from desktop_inbox.services import conversations as service
from desktop_inbox.store import events
from tests.support.scripted_chat import ChatRoom, Wire, said
from tests.support.scripted_chat import chat_room as chat_room

KILN = Person(kind="device", address="kiln", name="Kiln 2", scoped=True)


@pytest.fixture
def wire(chat_room: ChatRoom) -> Wire:
    return Wire(chat_room, "pager")


def report(wire: Wire, *priorities: str, chat: str = "kiln") -> None:
    """Have a device tell something of each priority, a batch each."""
    for priority in priorities:
        number = next(wire.pulls)
        wire.bring(
            said(
                f"{chat}-{number}", f"report {number}", chat=Chat(external_id=chat, title=chat),
                author=KILN, minute=number, kind=MessageClass.AUTOMATED, priority=priority,
            )
        )  # fmt: skip


def test_the_most_urgent_of_all_that_was_told_counts(wire: Wire) -> None:
    told = ["low", "", "high", "normal", "made up"]
    random.Random(3).shuffle(told)
    report(wire, *told)
    assert wire.only().priority is Priority.HIGH


def test_what_only_ever_tells_that_all_is_well_is_of_low_priority(wire: Wire) -> None:
    report(wire, "low", "low")
    assert wire.only().priority is Priority.LOW
    report(wire, "urgent")
    assert wire.only().priority is Priority.URGENT


def test_what_a_person_chose_stays(wire: Wire) -> None:
    report(wire, "high")
    key = wire.only().id
    wire.room.write(lambda tx: service.set_priority(tx, key, Priority.LOW))
    report(wire, "urgent")
    assert wire.only().priority is Priority.LOW


def test_the_history_says_that_the_program_did_it_and_only_once(wire: Wire) -> None:
    report(wire, "high", "high", "low")
    key = wire.only().id
    done = wire.room.read(lambda conn: events.of_conversation(conn, key))
    (told,) = [one for one in done if one.kind == "conversation.priority"]
    assert told.by_program
