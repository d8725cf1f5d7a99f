"""Ways out to a customer: which chat answers go through, and what is to be known when they leave.

Reads only, functions of a connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, text

from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.pieces import Piece, from_json
from desktop_inbox.store import bulk
from desktop_inbox.store.rows import IdentityRow
from desktop_inbox.store.schema import (
    chat,
    customer,
    identity,
    message,
    message_body,
    outbox,
    thread,
)


@dataclass(frozen=True, slots=True)
class Lying:
    """A chat and its thread in a conversation."""

    chat_id: int
    thread_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """What a queued message of a chat needs to leave, besides what all messages do."""

    message_id: int
    chat: str  # the service's name of it; '' where none is there yet
    last_in_at: datetime | None
    reply_until: datetime | None
    pieces: tuple[Piece, ...]
    form: dict[str, Any]
    state: str  # of its row in the outbox
    not_before: datetime


def chat_in(
    conn: Connection,
    conversation_id: int,
    *,
    account_id: int,
    answers_id: int | None,
    chat_id: int | None = None,
) -> Lying | None:
    """Return the chat of an account that goes on in a conversation: the answered message's, else
    the one somebody wrote in last; with `chat_id` only that one. None where there is none."""
    found = conn.execute(
        _CHAT_IN,
        {
            "conversation": conversation_id,
            "account": account_id,
            "answers": answers_id or 0,
            "chat": chat_id,
        },
    ).first()
    return Lying(found.chat_id, found.thread_id) if found else None


_CHAT_IN = text(
    """
    SELECT t.chat_id, m.thread_id FROM message m JOIN thread t ON t.id = m.thread_id
    WHERE m.conversation_id = :conversation AND t.account_id = :account AND t.chat_id IS NOT NULL
        AND t.chat_id = ifnull(:chat, t.chat_id)
    ORDER BY m.id = :answers DESC, m.id DESC LIMIT 1
    """
)


def said_in(conn: Connection, conversation_id: int) -> dict[int, frozenset[int]]:
    """Return the messages of a conversation that came or left through each of its chats."""
    query = (
        select(thread.c.chat_id, message.c.id)
        .join(thread, thread.c.id == message.c.thread_id)
        .where(message.c.conversation_id == conversation_id, thread.c.chat_id.is_not(None))
    )
    said: dict[int, set[int]] = {}
    for chat_id, message_id in conn.execute(query):
        said.setdefault(chat_id, set()).add(message_id)
    return {chat_id: frozenset(ids) for chat_id, ids in said.items()}


def identities(
    conn: Connection, customer_id: int | None, *, kind: str, scopes: Sequence[str]
) -> list[IdentityRow]:
    """Return a customer's identities of a kind in these scopes, the one known longest first."""
    if customer_id is None:
        return []
    query = (
        select(*identity.c["id", "kind", "address", "label"])
        .where(
            identity.c.customer_id == customer_id,
            identity.c.kind == kind,
            identity.c.scope.in_(bulk.values(scopes)),
        )
        .order_by(identity.c.id)
    )
    return [IdentityRow(**found) for found in conn.execute(query).mappings()]


def reached_as(conn: Connection, identity_id: int) -> Address:
    """Return whom an identity reaches, as a message's header has them."""
    found = conn.execute(
        select(customer.c.name, identity.c.address)
        .join(customer, customer.c.id == identity.c.customer_id)
        .where(identity.c.id == identity_id)
    ).one()
    return Address(name=found.name, address=found.address)


def customer_of(conn: Connection, identity_id: int) -> int | None:
    """Return whose an identity is."""
    return conn.scalar(select(identity.c.customer_id).where(identity.c.id == identity_id))


def is_latest(conn: Connection, chat_id: int, message_id: int) -> bool:
    """Tell whether nothing was said in a chat after a message."""
    latest = conn.scalar(
        select(message.c.id)
        .join(thread, thread.c.id == message.c.thread_id)
        .where(thread.c.chat_id == chat_id)
        .order_by(message.c.id.desc())
        .limit(1)
    )
    return latest == message_id


_WAYS_OUT = (
    select(
        *outbox.c["message_id", "state", "not_before"],
        chat.c.external_id.label("chat"),
        *chat.c["last_in_at", "reply_until"],
        *message_body.c["pieces", "form"],
    )
    .join(message, message.c.id == outbox.c.message_id)
    .join(message_body, message_body.c.message_id == message.c.id)
    .join(thread, thread.c.id == message.c.thread_id)
    .join(chat, chat.c.id == thread.c.chat_id)
)


def way_out(conn: Connection, message_id: int) -> WayOut | None:
    """Return how a waiting message leaves, None where it is no message of a chat."""
    query = _WAYS_OUT.where(outbox.c.message_id == message_id)
    found = conn.execute(query).mappings().first()
    return _way_out(found) if found else None


def waiting(conn: Connection, account_id: int) -> list[WayOut]:
    """Return all that waits to leave through chats of an account."""
    query = _WAYS_OUT.where(outbox.c.account_id == account_id, outbox.c.state == "queued")
    return [_way_out(found) for found in conn.execute(query).mappings()]


def _way_out(found: RowMapping) -> WayOut:
    return WayOut(
        message_id=found["message_id"],
        chat=found["chat"],
        last_in_at=found["last_in_at"],
        reply_until=found["reply_until"],
        pieces=from_json(found["pieces"] or ()),
        form=found["form"] or {},
        state=found["state"],
        not_before=found["not_before"],
    )
