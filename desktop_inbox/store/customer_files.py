"""The files that went back and forth with a customer, over all of their conversations. Reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, not_, select

from desktop_inbox.domain.states import Direction
from desktop_inbox.store import bulk
from desktop_inbox.store.schema import attachment, conversation, message


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFile:
    """One file, and the message it came or went with."""

    message_id: int
    conversation_id: int
    name: str
    safe_name: str
    media_type: str
    size: int  # bytes
    at: datetime


def of_customer(conn: Connection, customer_id: int, *, limit: int) -> list[CustomerFile]:
    """Return the customer's latest files, newest first; pictures inside texts are none."""
    found = conn.execute(
        select(
            message.c.id.label("message_id"),
            message.c.conversation_id,
            *attachment.c["name", "safe_name", "media_type", "size"],
            message.c.at,
        )
        .select_from(_JOINED)
        .where(*_counted(customer_id))
        .order_by(message.c.at.desc(), message.c.id.desc(), attachment.c.id)
        .limit(limit)
    )
    return [CustomerFile(**row) for row in found.mappings()]


def count(conn: Connection, customer_id: int) -> int:
    """Return how many files there are."""
    query = select(func.count()).select_from(_JOINED).where(*_counted(customer_id))
    return conn.scalar(query) or 0


def any_of(conn: Connection, customer_id: int, conversation_ids: Iterable[int]) -> bool:
    """Tell whether one of these conversations is the customer's."""
    query = select(conversation.c.id).where(
        conversation.c.id.in_(bulk.values(conversation_ids)),
        conversation.c.customer_id == customer_id,
    )
    return conn.execute(query.limit(1)).first() is not None


_JOINED = conversation.join(message, message.c.conversation_id == conversation.c.id).join(
    attachment, attachment.c.message_id == message.c.id
)


def _counted(customer_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        conversation.c.customer_id == customer_id,
        conversation.c.has_attachment,
        message.c.deleted_at.is_(None),
        message.c.direction.in_((Direction.IN.value, Direction.OUT.value)),
        not_(attachment.c.inline & (attachment.c.content_id != "")),
    )
