"""What notifications are made of, read from the tables, and what was already told."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select, text

from desktop_inbox.domain import mentions
from desktop_inbox.domain.business_hours import Calendar
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.notices import Arrival, Happened, Kind
from desktop_inbox.domain.reply_windows import CLOSED_LATELY, Closing, closing_due
from desktop_inbox.domain.service_notices import ServiceNotice, notice_due
from desktop_inbox.domain.states import Direction, Status
from desktop_inbox.store import bulk, policies, reply_windows, service_levels
from desktop_inbox.store.database import Tx
from desktop_inbox.store.lists import OWNER_ID
from desktop_inbox.store.moments import from_milliseconds, to_milliseconds
from desktop_inbox.store.schema import agent, announced

_MAIL = frozenset({"email", ""})  # every other channel is a chat
_REMINDED = "conversation.reminded"  # nobody answered in time
_REMEMBERED = timedelta(days=30)  # a message is news for minutes; this survives any clock


def arrivals(conn: Connection, wanted: Iterable[int], *, since: datetime) -> list[Arrival]:
    """Return which of these messages came in after `since` and were not told of, oldest first.

    Notes of other agents that name the owner are among them.
    """
    agents = conn.execute(select(agent.c.id, agent.c.name))
    people = mentions.handles((row.id, row.name) for row in agents)
    given = {"ids": json.dumps(list(wanted)), "since": to_milliseconds(since), "owner": OWNER_ID}
    found = []
    for row in conn.execute(_ARRIVALS, given).mappings():
        is_note = row["direction"] == Direction.NOTE
        if is_note and OWNER_ID not in mentions.mentioned(row["text"] or "", people):
            continue
        kind = Kind.MENTION if is_note else Kind.EMAIL if row["channel"] in _MAIL else Kind.CHAT
        found.append(_arrival(row, kind))
    return found


def _arrival(row: RowMapping, kind: Kind) -> Arrival:
    happened = Happened(
        kind=kind,
        key=f"message:{row['uid']}",
        at=from_milliseconds(row["at"]),
        account=row["account"] or "",
        conversation_id=row["conversation_id"],
        message_id=row["id"],
        who=row["who"],
        subject=row["subject"],
        text=row["snippet"],
        vip=bool(row["vip"]),
    )
    return Arrival(
        happened=happened,
        direction=Direction(row["direction"]),
        message_class=MessageClass(row["kind"]),
        seen=bool(row["seen"]),
        status=Status(row["status"]),
        mine=row["assignee_id"] == OWNER_ID,
        nobodys=row["assignee_id"] is None,
    )


def clocks(
    conn: Connection, *, now: datetime, within: Collection[int] | None = None
) -> list[Happened]:
    """Return the clocks that are due, or were warned of, and were not told of (rule B11).

    `within` names the conversations that are looked at; None looks at all of which nothing was
    said since they came to something.
    """
    if within is None:
        keys = list(conn.scalars(_UNSAID, {"now": to_milliseconds(now)}))
    else:
        keys = [key for key in service_levels.reached(conn, until=now) if key in within]
    if not keys:
        return []
    every = service_levels.all_clocks(conn, keys, now=now)
    rows = conn.execute(_CONVERSATIONS, {"ids": json.dumps(list(every))}).mappings()
    found = []
    for row in rows:
        prefix = f"clock:{row['uid']}:"
        said = {key.removeprefix(prefix) for key in conn.scalars(_SAID, _range(prefix))}
        notice = notice_due(every[row["id"]], said=said, now=now)
        if notice is not None:
            found.append(_clock(row, notice, prefix))
    return found


def _clock(row: RowMapping, notice: ServiceNotice, prefix: str) -> Happened:
    key, *covered = sorted(prefix + name for name in notice.settled)
    return Happened(
        kind=Kind.BREACH if notice.over else Kind.WARNING,
        key=key,
        covers=tuple(covered),
        at=notice.at,
        due_at=notice.clock.due_at,
        **_conversation(row),
        what=notice.clock.kind,
    )


def _range(prefix: str) -> dict[str, str]:
    """Return between which keys all lie that begin so."""
    return {"from": prefix, "to": prefix[:-1] + chr(ord(prefix[-1]) + 1)}


def windows(
    conn: Connection, *, now: datetime, within: Collection[int] | None = None
) -> list[Happened]:
    """Return the reply windows that close while a customer waits, and were not told of (rule M2).

    A warning counts as told until the customer writes again: then there is a new window. `within`
    is as for `clocks`.
    """
    keys = reply_windows.reached(conn, after=now - CLOSED_LATELY, until=now)
    if within is not None:
        keys = [key for key in keys if key in within]
    found = []
    for row in conn.execute(_WINDOWS, {"ids": json.dumps(keys)}).mappings():
        prefix = f"window:{row['uid']}:"
        given = {**_range(prefix), "since": row["last_in_at"]}
        said = {key.removeprefix(prefix) for key in conn.scalars(_SAID_SINCE, given)}
        until = from_milliseconds(row["until"])
        closing = closing_due(until, said=said, now=now)
        if closing is not None:
            found.append(_window(row, closing, prefix, until))
    return found


def _window(row: RowMapping, closing: Closing, prefix: str, until: datetime) -> Happened:
    key, *covered = (prefix + name for name in closing.settled)
    return Happened(
        kind=Kind.WINDOW,
        key=key,
        covers=tuple(covered),
        at=closing.at,
        due_at=until,
        **_conversation(row),
        what="closed" if closing.closed else "",
    )


def failures(conn: Connection) -> list[Happened]:
    """Return what could not be sent, or may not have been, and was not told of."""
    return [
        Happened(
            kind=Kind.FAILED_SEND,
            key=f"failed:{row['uid']}:{row['attempts']}:{row['state']}",
            at=from_milliseconds(row["queued_at"]),
            **_conversation(row),
            message_id=row["message_id"],
            text=row["error_text"],
            what=row["state"],
        )
        for row in conn.execute(_FAILURES).mappings()
    ]


def woken(conn: Connection, *, since: datetime) -> list[Happened]:
    """Return the conversations that came back by themselves and were not told of (H1, H3)."""
    given = {"since": f"{to_milliseconds(since):013d}"}
    return [
        Happened(
            kind=Kind.WOKE,
            key=f"woke:{row['event']}",
            at=from_milliseconds(row["at"]),
            **_conversation(row),
            text=row["snippet"],
            what="no answer" if row["kind"] == _REMINDED else "snooze",
        )
        for row in conn.execute(_WOKEN, given).mappings()
    ]


def _conversation(row: RowMapping) -> dict[str, Any]:
    return {
        "conversation_id": row["id"],
        "account": row["account"] or "",
        "who": row["who"],
        "subject": row["subject"],
        "vip": bool(row["vip"]),
    }


def still(conn: Connection, shown: Sequence[Happened], *, now: datetime) -> set[str]:
    """Return the keys of those that a person still has something to do about.

    What was read, answered, closed or sent meanwhile, here or elsewhere, is not among them; nor
    are accounts.
    """
    unread = _ids(conn, _UNREAD, (one.message_id for one in shown))
    unsent = _ids(conn, _UNSENT, (one.message_id for one in shown))
    opened = _ids(conn, _OPEN, (one.conversation_id for one in shown))
    due = _ids(conn, _DUE, (one.conversation_id for one in shown), now=to_milliseconds(now))
    closing = set(reply_windows.reached(conn, after=now - CLOSED_LATELY, until=now))
    true: dict[Kind, Any] = {
        Kind.FAILED_SEND: lambda one: one.message_id in unsent,
        Kind.WARNING: lambda one: one.conversation_id in due,
        Kind.BREACH: lambda one: one.conversation_id in due,
        Kind.WINDOW: lambda one: one.conversation_id in closing,
        Kind.WOKE: lambda one: one.conversation_id in opened,
        Kind.ACCOUNT: lambda _one: False,  # only the engine knows
    }
    return {
        one.key for one in shown if true.get(one.kind, lambda one: one.message_id in unread)(one)
    }


def _ids(conn: Connection, query: Any, wanted: Iterable[int | None], **given: object) -> set[int]:
    packed = json.dumps([key for key in wanted if key is not None])
    return set(conn.scalars(query, {"ids": packed, **given}))


def told_at(conn: Connection, keys: Iterable[str]) -> dict[str, datetime]:
    """Return when each of these was told of last; those that never were are left out."""
    query = select(announced.c.key, announced.c.at).where(announced.c.key.in_(bulk.values(keys)))
    return {row.key: row.at for row in conn.execute(query)}


def settle(tx: Tx, keys: Iterable[str]) -> None:
    """Remember that these were told of, or are not to be."""
    rows = [{"key": key, "at": tx.now} for key in dict.fromkeys(keys)]
    bulk.replace_all(tx.conn, announced, rows)
    tx.conn.execute(_FORGET, {"before": to_milliseconds(tx.now - _REMEMBERED)})


def opening_hours(conn: Connection) -> Calendar | None:
    """Return the business hours of the first service level, None where there is none."""
    return next((one.calendar for one in policies.book(conn).at(None)), None)


_WHO = """
    coalesce(nullif(u.name, ''),
        (SELECT label FROM identity WHERE customer_id = u.id ORDER BY id LIMIT 1), '') AS who,
    coalesce(u.vip, 0) AS vip
"""
_ARRIVALS = text(
    f"""
    SELECT m.id, m.uid, m.conversation_id, m.direction, m.kind, m.seen, m.snippet,
        coalesce(nullif(m.subject, ''), c.subject) AS subject,
        coalesce(m.received_at, m.at) AS at, a.uid AS account, coalesce(a.kind, '') AS channel,
        c.status, c.assignee_id,
        CASE m.direction WHEN 'note' THEN b.text END AS text, {_WHO}
    FROM message m
    JOIN conversation c ON c.id = m.conversation_id
    LEFT JOIN account a ON a.id = m.account_id
    LEFT JOIN identity i ON i.id = m.author_identity_id
    LEFT JOIN customer u ON u.id = coalesce(i.customer_id, c.customer_id)
    LEFT JOIN message_body b ON b.message_id = m.id
    WHERE m.id IN (SELECT value FROM json_each(:ids)) AND m.deleted_at IS NULL
        AND coalesce(m.received_at, m.at) >= :since
        AND (m.direction = 'in' OR m.direction = 'note' AND m.agent_id <> :owner)
        AND NOT EXISTS (SELECT 1 FROM announced WHERE key = 'message:' || m.uid)
    ORDER BY m.at, m.id
    """  # noqa: S608 - only names of ours
)
_CONVERSATIONS = text(
    f"""
    SELECT c.id, c.uid, c.subject, a.uid AS account, {_WHO}
    FROM conversation c
    LEFT JOIN account a ON a.id = c.account_id
    LEFT JOIN customer u ON u.id = c.customer_id
    WHERE c.id IN (SELECT value FROM json_each(:ids)) AND c.merged_into_id IS NULL
    ORDER BY c.next_due_at, c.id
    """  # noqa: S608 - only names of ours
)
# A name of what was said begins with the conversation's uid; ";" comes after ":".
_UNSAID = text(
    """
    SELECT DISTINCT c.id FROM sla_moment s JOIN conversation c ON c.id = s.conversation_id
    WHERE s.at <= :now AND s.at > coalesce((
        SELECT max(at) FROM announced
        WHERE key >= 'clock:' || c.uid || ':' AND key < 'clock:' || c.uid || ';'), -1)
    """
)
_SAID = text("SELECT key FROM announced WHERE key >= :from AND key < :to")
_WINDOWS = text(
    f"""
    SELECT c.id, c.uid, c.subject, a.uid AS account, {_WHO}, max(chat.reply_until) AS until,
        max(chat.last_in_at) AS last_in_at
    FROM conversation c
    JOIN thread t ON t.conversation_id = c.id
    JOIN chat ON chat.id = t.chat_id AND chat.account_id = c.account_id
    JOIN account a ON a.id = c.account_id
    LEFT JOIN customer u ON u.id = c.customer_id
    WHERE c.id IN (SELECT value FROM json_each(:ids))
    GROUP BY c.id
    ORDER BY until, c.id
    """  # noqa: S608 - only names of ours
)
_SAID_SINCE = text("SELECT key FROM announced WHERE key >= :from AND key < :to AND at >= :since")
_FAILURES = text(
    f"""
    SELECT o.message_id, o.attempts, o.state, o.queued_at, o.error_text, m.uid, c.id, a.uid AS
        account, coalesce(nullif(m.subject, ''), c.subject) AS subject, {_WHO}
    FROM outbox o
    JOIN message m ON m.id = o.message_id
    JOIN conversation c ON c.id = m.conversation_id
    LEFT JOIN account a ON a.id = o.account_id
    LEFT JOIN customer u ON u.id = c.customer_id
    WHERE o.state IN ('failed', 'uncertain') AND NOT EXISTS (SELECT 1 FROM announced
        WHERE key = 'failed:' || m.uid || ':' || o.attempts || ':' || o.state)
    ORDER BY o.queued_at
    """  # noqa: S608 - only names of ours
)
_WOKEN = text(
    f"""
    SELECT e.uid AS event, e.kind, e.at, c.id, c.subject, c.snippet, a.uid AS account, {_WHO}
    FROM event e
    JOIN conversation c ON c.uid = e.conversation
    LEFT JOIN account a ON a.id = c.account_id
    LEFT JOIN customer u ON u.id = c.customer_id
    WHERE e.kind IN ('conversation.woke', '{_REMINDED}') AND e.hlc >= :since
        AND c.status = 'open' AND c.merged_into_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM announced WHERE key = 'woke:' || e.uid)
    ORDER BY e.hlc
    """  # noqa: S608 - only names of ours
)
_UNREAD = text(
    """
    SELECT id FROM message
    WHERE id IN (SELECT value FROM json_each(:ids)) AND NOT seen AND deleted_at IS NULL
        AND (SELECT status FROM conversation WHERE id = message.conversation_id) = 'open'
    """
)
_UNSENT = text(
    """
    SELECT message_id FROM outbox
    WHERE message_id IN (SELECT value FROM json_each(:ids)) AND state IN ('failed', 'uncertain')
    """
)
# The + keeps the planner from beginning with all that is open.
_OPEN = text(
    """
    SELECT id FROM conversation
    WHERE id IN (SELECT value FROM json_each(:ids)) AND +status = 'open'
    """
)
_DUE = text(
    """
    SELECT DISTINCT conversation_id FROM sla_moment
    WHERE conversation_id IN (SELECT value FROM json_each(:ids)) AND at <= :now
    """
)
# Only a message's day passes: what is overdue may be so for months, and is said once.
_FORGET = text(
    "DELETE FROM announced WHERE key >= 'message:' AND key < 'message;' AND at < :before"
)
