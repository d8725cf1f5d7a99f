"""What vendors posted, delivered three times in any order, leaves one and the same store.

The vendors promise no more than "at least once": a payload comes again after a timeout, a receipt
before its message, and parts of one talk side by side.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from desktop_inbox.connectors import webhooks
from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import Item
from desktop_inbox.store.schema import chat, chat_name, identity
from tests.support.corpora import corpus
from tests.support.scripted_chat import START, ChatRoom, Wire
from tests.support.scripted_chat import chat_room as chat_room


@pytest.fixture(scope="module")
def posted() -> list[Item]:
    """All that the collections bring, each message once."""
    files = sorted(corpus("webhooks").rglob("*.json"))
    return list(
        told_apart(
            item
            for file in files
            for item in webhooks.read("whatsapp", file.read_bytes(), now=START)
        )
    )


def told_apart(items: Iterator[Item]) -> Iterator[Item]:
    """Give what a collection of examples calls like another message a name and a second of its own.

    Of two in the same second the one that came first stands first, so that order would matter.
    """
    known: dict[str, set[str]] = {}
    for item in items:
        if isinstance(item, Incoming):
            variants = known.setdefault(item.external_id, set())
            content = repr(item)
            if variants and content not in variants:
                variants.add(content)
                number = len(variants)
                later = item.at + timedelta(seconds=number)
                yield replace(item, external_id=f"{item.external_id}#{number}", at=later)
                continue
            variants.add(content)
        yield item


def deliver_in_any_order(wire: Wire, items: list[Item], seed: int) -> None:
    """Bring every item three times, in an order and in batches that `seed` decides."""
    chance = random.Random(seed)
    waiting = items * 3
    chance.shuffle(waiting)
    while waiting:
        count = chance.randint(1, 60)
        wire.bring(*waiting[:count])
        del waiting[:count]


def kept(wire: Wire) -> dict[str, Any]:
    """Return what a store holds, without the numbers it gives things."""
    room = wire.room
    said = [(row, room.messages(row.id)) for row in room.conversations()]
    return {
        "messages": sorted(
            (
                one.external_id, one.direction, one.kind, one.author_name, one.at, one.text,
                repr(one.pieces), repr(one.edited_at), repr(one.withdrawn_at), repr(one.delivery),
                sorted(map(repr, one.reactions)), one.unreadable, one.in_reply_to,
                sorted(file.name for file in one.attachments),
            )
            for _, some in said
            for one in some
        ),
        "conversations": sorted(
            (
                sorted(one.external_id for one in some), row.customer_name, row.status,
                row.unread, row.last_at, repr(row.waiting_since), row.snippet,
            )
            for row, some in said
        ),
        "chats": room.read(lambda conn: sorted(map(repr, conn.execute(_CHATS)))),
        "people": room.read(lambda conn: sorted(map(repr, conn.execute(_PEOPLE)))),
    }  # fmt: skip


_CHATS = (
    select(
        chat_name.c.external_id, chat.c.title, chat.c.is_group, chat.c.last_in_at,
        chat.c.reply_until, chat.c.read_until, chat.c.seen_until, identity.c.address,
    )
    .join(chat, chat.c.id == chat_name.c.chat_id)
    .outerjoin(identity, identity.c.id == chat.c.identity_id)
)  # fmt: skip
_PEOPLE = select(identity.c.kind, identity.c.address)


@pytest.mark.parametrize("seed", range(3))
def test_three_times_in_any_order_leave_what_once_in_order_leaves(
    chat_room: ChatRoom, posted: list[Item], tmp_path: Path, seed: int
) -> None:
    once = Wire(chat_room)
    once.bring(*posted)
    expected = kept(once)
    assert len(expected["messages"]) > 30

    other = ChatRoom.open(tmp_path / "shuffled")
    assert isinstance(other, ChatRoom)
    thrice = Wire(other)
    deliver_in_any_order(thrice, posted, seed)
    found = kept(thrice)
    other.workspace.close()

    for part, content in expected.items():
        assert found[part] == content
