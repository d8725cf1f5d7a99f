"""When the reply windows of chats close in which a customer waits (rules M1, M2). Any thread."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody who waits in a chat whose window closes."""

    conversation_id: int
    conversation: str  # its uid
    account_id: int
    identity_id: int
    identity_kind: str
    message_id: int  # the last they wrote there


def waiting(
    conn: Connection,
    conversations: Iterable[int],
    accounts: Iterable[int],
    *,
    until: datetime,
    unless: str,
) -> list[Waiting]:
    """Return who waits in these conversations on these accounts, in a window that ends by `until`.

    Left out are groups, and those of whom an event of the kind `unless` tells that has happened
    since they wrote last.
    """
    given = {
        "ids": json.dumps(list(conversations)),
        "accounts": json.dumps(list(accounts)),
        "until": to_milliseconds(until),
        "unless": unless,
    }
    return [
        Waiting(
            conversation_id=row["id"],
            conversation=row["uid"],
            account_id=row["account_id"],
            identity_id=row["identity_id"],
            identity_kind=row["kind"],
            message_id=row["message_id"],
        )
        for row in conn.execute(_WAITING, given).mappings()
        if row["message_id"] is not None
    ]


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
# Of several chats with max(): the other columns are those of the one whose window ends last.
_WAITING = text(
    """
    SELECT c.id, c.uid, c.account_id, chat.identity_id, i.kind, max(chat.reply_until) AS until,
        (SELECT max(m.id) FROM message m JOIN thread o ON o.id = m.thread_id
         WHERE o.chat_id = chat.id AND m.conversation_id = c.id AND m.direction = 'in'
            AND m.deleted_at IS NULL) AS message_id
    FROM conversation c
    JOIN thread t ON t.conversation_id = c.id
    JOIN chat ON chat.id = t.chat_id AND chat.account_id = c.account_id
    JOIN identity i ON i.id = chat.identity_id
    WHERE c.id IN (SELECT value FROM json_each(:ids))
        AND c.account_id IN (SELECT value FROM json_each(:accounts))
        AND NOT chat.is_group
        AND NOT EXISTS (SELECT 1 FROM event e WHERE e.conversation = c.uid AND e.kind = :unless
            AND e.at >= chat.last_in_at)
    GROUP BY c.id
    HAVING until <= :until
    """
)
