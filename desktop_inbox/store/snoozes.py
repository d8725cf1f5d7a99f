"""What comes back at a time: reminders that are due, and how something was snoozed before.

Any thread with a connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.schema import conversation, event


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """A snooze that was set once."""

    set_at: datetime
    until: datetime | None
    until_reply: bool
    stays: bool


def latest(conn: Connection, conversation_uid: str) -> Snooze | None:
    """Return how a conversation was snoozed last, None where it never was."""
    found = conn.execute(
        select(event.c.at, event.c.changes)
        .where(
            event.c.conversation == conversation_uid,
            event.c.kind == "conversation.snooze",
            event.c.undo_of.is_(None),
        )
        .order_by(event.c.hlc.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    for _entity, uid, name, _before, after in found.changes:
        if (uid, name) == (conversation_uid, "snooze") and isinstance(after, dict):
            until = after.get("until")
            return Snooze(
                set_at=found.at,
                until=None if until is None else from_milliseconds(int(until)),
                until_reply=bool(after.get("until_reply")),
                stays=bool(after.get("stays")),
            )
    return None


def due_follow_ups(conn: Connection, now: datetime) -> list[str]:
    """Return the uids of conversations that somebody wants to be reminded of now (rule H3)."""
    return list(
        conn.scalars(
            select(conversation.c.uid)
            .where(conversation.c.follow_up_at <= now, conversation.c.merged_into_id.is_(None))
            .order_by(conversation.c.follow_up_at)
        )
    )


def next_follow_up(conn: Connection) -> datetime | None:
    """Return when somebody wants to be reminded next."""
    return conn.scalar(
        select(conversation.c.follow_up_at)
        .where(conversation.c.follow_up_at.is_not(None), conversation.c.merged_into_id.is_(None))
        .order_by(conversation.c.follow_up_at)
        .limit(1)
    )
