"""Chats of messaging channels: what they are called, where they go on, until when we may answer.

Reads are functions of a connection, writes of a transaction. All moments are the service's own
(rule M5) and only ever move forward, so that items may come late, twice and in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, text, update

from desktop_inbox.domain.conversations import Status
from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.schema import chat, chat_name, conversation, thread


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRow:
    """A line of talk on a messaging service, as it is now."""

    id: int
    account_id: int
    external_id: str  # as the service calls it now; '' while nobody has answered
    title: str
    is_group: bool
    identity_id: int | None  # whom it is with; None: a group
    last_in_at: datetime | None
    reply_until: datetime | None  # None: always, or nothing came in yet
    read_until: datetime | None  # the customer has read all up to here
    seen_until: datetime | None  # and we, on another device


@dataclass(frozen=True, slots=True)
class Going:
    """Where a chat goes on: the thread that takes what comes next."""

    thread_id: int
    conversation_id: int


# Reading

_ROWS = select(
    *chat.c[
        "id", "account_id", "external_id", "title", "is_group", "identity_id", "last_in_at",
        "reply_until", "read_until", "seen_until",
    ]
)  # fmt: skip


def row(conn: Connection, chat_id: int) -> ChatRow | None:
    """Return one chat, None where there is none."""
    found = conn.execute(_ROWS.where(chat.c.id == chat_id)).mappings().first()
    return ChatRow(**found) if found else None


def by_names(conn: Connection, account_id: int, names: Iterable[str]) -> dict[str, ChatRow]:
    """Return the chats of an account by any name they go or went by."""
    query = (
        _ROWS.add_columns(chat_name.c.external_id.label("name"))
        .join(chat_name, chat_name.c.chat_id == chat.c.id)
        .where(
            chat_name.c.account_id == account_id, chat_name.c.external_id.in_(bulk.values(names))
        )
    )
    return {
        found["name"]: ChatRow(**{name: found[name] for name in found if name != "name"})
        for found in conn.execute(query).mappings()
    }


def of_thread(conn: Connection, thread_id: int) -> ChatRow | None:
    """Return the chat a thread belongs to, None for mail."""
    query = _ROWS.join(thread, thread.c.chat_id == chat.c.id).where(thread.c.id == thread_id)
    found = conn.execute(query).mappings().first()
    return ChatRow(**found) if found else None


def with_identities(
    conn: Connection, account_id: int, identity_ids: Iterable[int]
) -> list[ChatRow]:
    """Return an account's chats with these identities, the latest last."""
    query = _ROWS.where(
        chat.c.account_id == account_id, chat.c.identity_id.in_(bulk.values(identity_ids))
    ).order_by(chat.c.last_in_at, chat.c.id)
    return [ChatRow(**found) for found in conn.execute(query).mappings()]


def going(conn: Connection, chat_ids: Iterable[int]) -> dict[int, Going]:
    """Return where each of these chats goes on: in the thread with its latest message."""
    found = conn.execute(_GOING, {"ids": bulk.packed(chat_ids)})
    return {key: Going(thread_id, conversation_id) for key, thread_id, conversation_id in found}


# Ids of messages order by time. Threads come in this order, and the last one stays.
_GOING = text(
    """
    SELECT t.chat_id, t.id, t.conversation_id FROM thread t
    WHERE t.chat_id IN (SELECT value FROM json_each(:ids))
    ORDER BY (SELECT ifnull(max(m.id), 0) FROM message m WHERE m.thread_id = t.id), t.id
    """
)


def thread_named(conn: Connection, account_id: int, name: str) -> Going | None:
    """Return the thread of this name that no chat has taken yet, as an import leaves it."""
    found = conn.execute(
        select(thread.c.id, thread.c.conversation_id).where(
            thread.c.account_id == account_id,
            thread.c.external_id == name,
            thread.c.chat_id.is_(None),
        )
    ).first()
    return Going(found.id, found.conversation_id) if found else None


def lively(conn: Connection, customer_id: int, *, around: datetime, within: timedelta) -> list[int]:
    """Return a customer's open and snoozed conversations that were touched about then.

    Not those in which a group talks: what somebody says to us alone does not belong there.
    """
    in_group = (
        select(thread.c.id)
        .join(chat, chat.c.id == thread.c.chat_id)
        .where(thread.c.conversation_id == conversation.c.id, chat.c.is_group)
    )
    query = select(conversation.c.id).where(
        conversation.c.customer_id == customer_id,
        conversation.c.merged_into_id.is_(None),
        conversation.c.status.in_((Status.OPEN.value, Status.SNOOZED.value)),
        conversation.c.last_at.between(around - within, around + within),
        ~in_group.exists(),
    )
    return list(conn.scalars(query))


# Writing


def create(
    tx: Tx,
    account_id: int,
    external_id: str,
    *,
    title: str = "",
    is_group: bool = False,
    identity_id: int | None = None,
) -> int:
    """Store a chat and return its id; `external_id` is '' where the service names it later."""
    added = tx.conn.execute(
        insert(chat).values(
            account_id=account_id,
            external_id=external_id,
            title=title,
            is_group=is_group,
            identity_id=identity_id,
        )
    ).inserted_primary_key
    assert added is not None
    key = int(added[0])
    if external_id:
        name(tx, account_id, external_id, key)
    return key


def name(tx: Tx, account_id: int, external_id: str, chat_id: int) -> None:
    """Let a chat be found by a name, from now on this one only."""
    bulk.replace_all(
        tx.conn,
        chat_name,
        [{"account_id": account_id, "external_id": external_id, "chat_id": chat_id}],
    )


def unnamed(conn: Connection, account_id: int, identity_id: int) -> int | None:
    """Return the chat that we began with somebody and the service has not named yet."""
    return conn.scalar(
        select(chat.c.id).where(
            chat.c.account_id == account_id,
            chat.c.identity_id == identity_id,
            chat.c.external_id == "",
        )
    )


def change(tx: Tx, chat_id: int, **values: object) -> None:
    """Set columns of a chat."""
    tx.conn.execute(update(chat).where(chat.c.id == chat_id).values(**values))


def came_in(tx: Tx, chat_id: int, *, at: datetime, reply_until: datetime | None) -> None:
    """Note that the customer wrote at `at`, which may let us answer for longer (rule M1)."""
    tx.conn.execute(
        _CAME_IN,
        {
            "id": chat_id,
            "at": to_milliseconds(at),
            "until": None if reply_until is None else to_milliseconds(reply_until),
        },
    )


_CAME_IN = text(
    """
    UPDATE chat SET last_in_at = max(ifnull(last_in_at, 0), :at),
        reply_until = CASE WHEN :until IS NULL THEN reply_until
            ELSE max(ifnull(reply_until, 0), :until) END
    WHERE id = :id
    """
)


def reach(tx: Tx, chat_id: int, column: str, at: datetime) -> datetime | None:
    """Move "read_until" or "seen_until" forward; return where it stood, None for nowhere."""
    known = tx.conn.execute(select(chat.c[column]).where(chat.c.id == chat_id)).scalar_one()
    if known is None or known < at:
        change(tx, chat_id, **{column: at})
    return known  # type: ignore[no-any-return]


def set_threads(tx: Tx, threads: Iterable[int], chat_id: int) -> None:
    """Let threads be where a chat goes on."""
    tx.conn.execute(
        update(thread).where(thread.c.id.in_(bulk.values(threads))).values(chat_id=chat_id)
    )


def join(tx: Tx, gone: ChatRow, into: ChatRow) -> None:
    """Let one chat turn out to be another: its threads, names and moments go over."""
    tx.conn.execute(update(thread).where(thread.c.chat_id == gone.id).values(chat_id=into.id))
    tx.conn.execute(update(chat_name).where(chat_name.c.chat_id == gone.id).values(chat_id=into.id))
    change(
        tx,
        into.id,
        **{
            column: _later(getattr(gone, column), getattr(into, column))
            for column in ("last_in_at", "reply_until", "read_until", "seen_until")
        },
        title=into.title or gone.title,
        identity_id=into.identity_id or gone.identity_id,
    )
    tx.conn.execute(delete(chat).where(chat.c.id == gone.id))


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def conversations_of(conn: Connection, chat_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return the conversations that each chat has threads in."""
    found: dict[int, list[int]] = {}
    query = select(thread.c.chat_id, thread.c.conversation_id).where(
        thread.c.chat_id.in_(bulk.values(chat_ids))
    )
    for key, conversation_id in conn.execute(query):
        if conversation_id not in found.setdefault(key, []):
            found[key].append(conversation_id)
    return found
