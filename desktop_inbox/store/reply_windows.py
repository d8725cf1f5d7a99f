"""When the reply windows of chats close in which a customer waits (rules M1, M2). Any thread."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from desktop_inbox.domain.reply_windows import WARNINGS
from desktop_inbox.store.moments import from_milliseconds, to_milliseconds


def next_moment(
    conn: Connection, *, after: datetime, ahead: Iterable[timedelta] = WARNINGS
) -> datetime | None:
    """Return when it is next so long before the end of a window, whoever waits in it."""
    moments = (_moment(conn, length, after) for length in ahead)
    return min((at for at in moments if at is not None), default=None)


def _moment(conn: Connection, ahead: timedelta, after: datetime) -> datetime | None:
    found = conn.scalar(_NEXT, {"after": to_milliseconds(after + ahead)})
    return None if found is None else from_milliseconds(found) - ahead


def reached(
    conn: Connection,
    *,
    until: datetime,
    after: datetime,
    ahead: Iterable[timedelta] = WARNINGS,
) -> list[int]:
    """Return the conversations in which it came to so long before the end in this time.

    Only those in which a customer waits for an answer, on the channel they are written on now.
    """
    found: dict[int, None] = {}
    for length in ahead:
        span = {
            "after": to_milliseconds(after + length),
            "until": to_milliseconds(until + length),
        }
        found.update(dict.fromkeys(conn.scalars(_REACHED, span)))
    return list(found)


_NEXT = text("SELECT min(reply_until) FROM chat WHERE reply_until > :after")
# The + keeps the planner from beginning with all that is open.
_REACHED = text(
    """
    SELECT DISTINCT c.id FROM chat
    JOIN thread t ON t.chat_id = chat.id
    JOIN conversation c ON c.id = t.conversation_id AND c.account_id = chat.account_id
    WHERE chat.reply_until > :after AND chat.reply_until <= :until
        AND c.waiting_since IS NOT NULL AND +c.status IN ('open', 'snoozed')
        AND c.merged_into_id IS NULL
    """
)
