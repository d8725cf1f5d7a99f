"""Messages of chats: each once, in its conversation, whatever order and however often they come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_inbox.connectors.chat import Chat, Edited, Reacted, Receipt, Unreadable, Withdrawn
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import customers, search
from desktop_inbox.sync.counts import Ingested
from tests.support.scripted_chat import ELIF, START, ChatRoom, Wire, said


@pytest.fixture
def wire(chat_room: ChatRoom) -> Wire:
    return Wire(chat_room)


def test_a_message_becomes_a_conversation_with_its_customer(wire: Wire) -> None:
    assert wire.bring(said("1", raw=b'{"id":1}')) == Ingested(stored=1)
    row = wire.only()
    assert (row.customer_name, row.status, row.unread) == ("Elif Kaya", Status.OPEN, 1)
    assert (row.channel, row.waiting_since, row.snippet) == (
        "talk",
        START,
        "Is the blue mug still there?",
    )
    (message,) = wire.timeline()
    assert (message.direction, message.external_id, message.author_name) == (
        Direction.IN,
        "1",
        "Elif Kaya",
    )
    assert wire.room.workspace.files.read(message.raw_sha256) == b'{"id":1}'


def test_the_same_message_twice_is_one(wire: Wire) -> None:
    assert wire.bring(said("1"), said("1")) == Ingested(stored=1, duplicates=1)
    assert wire.bring(said("1")) == Ingested(duplicates=1)
    assert len(wire.timeline()) == 1


def test_what_is_said_can_be_searched(wire: Wire) -> None:
    wire.bring(said("1", "Çok güzel bir ibrik"))
    found = wire.room.read(lambda conn: search.search(conn, "IBRIK guzel", limit=5))
    assert found.total == 1
