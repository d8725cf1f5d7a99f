"""What of the outbox is to be done, and when: sent, looked for, filed, or settled after a crash.

Reads are functions of a connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, text

from desktop_inbox.store.moments import to_milliseconds, utc_now
from desktop_inbox.store.schema import message, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranded:
    """A row that a process left in the middle of sending."""

    message_id: int
    account_id: int
    client_ref: str
    phase: str  # outbox.ENVELOPE or outbox.BODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A message whose copy in Sent is not there yet, as far as is known."""

    message_id: int
    tries: int  # how often it was seen to before


def due(conn: Connection, now: datetime, *, account_id: int | None = None) -> list[int]:
    """Return the messages that may be sent now, the longest due first."""
    query = (
        select(outbox.c.message_id)
        .where(outbox.c.state == "queued", outbox.c.next_at <= now, _in_turn(now))
        .order_by(outbox.c.next_at, outbox.c.message_id)
    )
    if account_id is not None:
        query = query.where(outbox.c.account_id == account_id)
    return list(conn.scalars(query))


def _in_turn(now: datetime) -> ColumnElement[bool]:
    """Of a chat, what was written earlier leaves first; mail bears its date and may overtake."""
    return text(_NOTHING_BEFORE).bindparams(now=to_milliseconds(now))  # type: ignore[return-value]


_NOTHING_BEFORE = """
    NOT EXISTS (
        SELECT 1 FROM message mine
        JOIN thread ON thread.id = mine.thread_id AND thread.chat_id IS NOT NULL
        JOIN outbox earlier ON earlier.account_id = outbox.account_id
            AND earlier.message_id < mine.id
            AND earlier.state IN ('queued', 'sending') AND earlier.not_before <= :now
        JOIN message before ON before.id = earlier.message_id
            AND before.thread_id = mine.thread_id
        WHERE mine.id = outbox.message_id
    )
"""


def to_look_for(conn: Connection, now: datetime, *, account_id: int) -> list[int]:
    """Return the messages that may have been delivered and are to be looked for now."""
    query = (
        select(outbox.c.message_id)
        .where(
            outbox.c.account_id == account_id,
            outbox.c.state == "uncertain",
            outbox.c.look_at <= now,
        )
        .order_by(outbox.c.look_at)
    )
    return list(conn.scalars(query))


def to_file(conn: Connection, now: datetime, *, account_id: int) -> list[Copy]:
    """Return the accepted messages whose copy in Sent is to be seen to now."""
    query = (
        select(outbox.c.message_id, outbox.c.copy_tries)
        .where(outbox.c.account_id == account_id, outbox.c.copy_at <= now)
        .order_by(outbox.c.copy_at)
    )
    return [Copy(message_id=key, tries=tries) for key, tries in conn.execute(query)]


def next_errand(conn: Connection, *, account_id: int) -> datetime | None:
    """Return when something is to be looked for or filed next."""
    moments = conn.execute(
        select(
            func.min(outbox.c.look_at).filter(outbox.c.state == "uncertain"),
            func.min(outbox.c.copy_at),
        ).where(outbox.c.account_id == account_id)
    ).one()
    return min((one for one in moments if one is not None), default=None)


def next_due(
    conn: Connection, *, account_id: int | None = None, now: datetime | None = None
) -> datetime | None:
    """Return when the next queued message may be sent."""
    query = select(func.min(outbox.c.next_at)).where(
        outbox.c.state == "queued", _in_turn(now or utc_now())
    )
    if account_id is not None:
        query = query.where(outbox.c.account_id == account_id)
    found: datetime | None = conn.scalar(query)
    return found


def stranded(conn: Connection) -> list[Stranded]:
    """Return what was left in the middle of sending. Only while this process holds the lock."""
    query = (
        select(*outbox.c["message_id", "account_id", "phase"], message.c.client_ref)
        .join(message, message.c.id == outbox.c.message_id)
        .where(outbox.c.state == "sending")
        .order_by(outbox.c.message_id)
    )
    return [
        Stranded(**{**found, "client_ref": found["client_ref"] or ""})
        for found in conn.execute(query).mappings()
    ]
