"""What came in to conversations, many of them at a time, and whether somebody has read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, select

from desktop_inbox.domain.states import Direction
from desktop_inbox.store import bulk
from desktop_inbox.store.schema import message


class Incoming(NamedTuple):
    """A message from a customer."""

    uid: str
    seen: bool


def of_each(conn: Connection, conversations: Iterable[int]) -> dict[int, list[Incoming]]:
    """Return what came in to each of these, oldest first; those without any are left out."""
    query = (
        select(message.c.conversation_id, message.c.uid, message.c.seen)
        .where(
            message.c.conversation_id.in_(bulk.values(conversations)),
            message.c.direction == Direction.IN.value,
            message.c.deleted_at.is_(None),
        )
        .order_by(message.c.at, message.c.id)
    )
    found: dict[int, list[Incoming]] = {}
    for key, uid, seen in conn.execute(query):
        found.setdefault(key, []).append(Incoming(uid, seen))
    return found
