"""Conversations: what the lists show, and the columns that are derived from messages."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    bindparam,
    func,
    select,
    text,
)

from desktop_inbox.domain.conditions import Group
from desktop_inbox.domain.conversations import Status
from desktop_inbox.store import (
    bulk,
    customer_merging,
    driver,
    list_queries,
    listed_rows,
    merges,
    service_levels,
)
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.list_order import order_of
from desktop_inbox.store.list_walks import NOT_MERGED
from desktop_inbox.store.list_wanted import due_soon
from desktop_inbox.store.lists import OWNER_ID, ViewCounts
from desktop_inbox.store.lists import ListQuery as ListQuery  # what `ids` and `page` are asked
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.schema import (
    conversation,
    draft,
    message,
    outbox,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConversation:
    """A conversation about to be stored; what is derived is filled by `refresh`."""

    uid: str
    subject: str
    created_at: datetime
    customer_id: int | None = None
    status: Status = Status.OPEN
    assignee_id: int | None = None


# Reading


def ids(
    conn: Connection, query: ListQuery, *, limit: int | None = None, now: datetime | None = None
) -> array[int]:
    """Return the ids of a list in its order: all of them, or the first `limit`.

    Raises:
        ValueError: there is no such view.
    """
    return list_queries.ids(conn, query, limit=limit, now=now or utc_now())


def page(
    conn: Connection,
    query: ListQuery,
    *,
    limit: int,
    after: str | None = None,
    now: datetime | None = None,
) -> tuple[list[ConversationRow], str | None]:
    """Return one page of a list and the key of the next, None at the end.

    A key comes from the page before and stays right while the list changes.

    Raises:
        ValueError: `after` is not a key, or there is no such view.
    """
    found = list_queries.keys(conn, query, limit=limit + 1, after=after, now=now or utc_now())
    shown = found[:limit]
    by_id = rows(conn, [values[-1] for values in shown])
    last = shown[-1] if len(found) > limit else None
    return [by_id[values[-1]] for values in shown], order_of(query).key_of(last) if last else None


def rows(conn: Connection, wanted: Iterable[int]) -> dict[int, ConversationRow]:
    """Return the conversations with these ids; those that are gone are left out."""
    return listed_rows.read(driver.below(conn), wanted)


def row(conn: Connection, conversation_id: int) -> ConversationRow | None:
    """Return one conversation, None where there is none."""
    return rows(conn, [conversation_id]).get(conversation_id)


def by_uid(conn: Connection, uid: str) -> int | None:
    """Return the id of the conversation with this uid."""
    return conn.scalar(_ID_OF, {"named": uid})


_ID_OF = select(conversation.c.id).where(conversation.c.uid == bindparam("named"))


def holds_messages(conn: Connection, conversation_id: int) -> bool:
    """Tell whether any message lies in a conversation, wherever it is shown."""
    shown = roots(conn, [conversation_id])[conversation_id]
    query = select(message.c.id).where(
        message.c.conversation_id == shown, message.c.origin_id == conversation_id
    )
    return conn.execute(query.limit(1)).first() is not None


def of_customer(conn: Connection, customer_id: int, *, limit: int = 50) -> list[ConversationRow]:
    """Return a customer's conversations, newest first."""
    statement = (
        select(conversation.c.id)
        .where(conversation.c.customer_id == customer_id, NOT_MERGED)
        .order_by(conversation.c.last_at.desc(), conversation.c.id.desc())
        .limit(limit)
    )
    found = conn.scalars(statement).all()
    by_id = rows(conn, found)
    return [by_id[key] for key in found]


def counts(
    conn: Connection, *, agent_id: int = OWNER_ID, now: datetime | None = None
) -> ViewCounts:
    """Return how much each view holds, computed from the tables."""
    opened = conversation.c.status == Status.OPEN
    unsent = select(func.count()).where(outbox.c.state != "filing")
    found = conn.execute(
        select(
            _count(opened).label("inbox"),
            _count(opened, conversation.c.assignee_id == agent_id).label("mine"),
            _count(opened, conversation.c.assignee_id.is_(None)).label("unassigned"),
            _count(due_soon(now or utc_now())).label("due"),
            _count(conversation.c.status == Status.SNOOZED).label("snoozed"),
            select(func.count()).select_from(draft).scalar_subquery().label("drafts"),
            unsent.scalar_subquery().label("outbox"),
            _count(conversation.c.status == Status.CLOSED).label("closed"),
            _count(conversation.c.status == Status.SPAM).label("spam"),
            _count(opened, conversation.c.unread > 0).label("unread"),
        )
    )
    return ViewCounts(**found.mappings().one())


def count(conn: Connection, query: ListQuery, *, now: datetime | None = None) -> int:
    """Return how many conversations a list holds."""
    return list_queries.count(conn, query, now=now or utc_now())


def count_shown_by(
    conn: Connection, condition: Group, *, agent_id: int = OWNER_ID, now: datetime | None = None
) -> int:
    """Return how many conversations a view with this condition would show."""
    return list_queries.count_shown_by(conn, condition, agent_id=agent_id, now=now or utc_now())


def _count(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(NOT_MERGED, *conditions).scalar_subquery()


def due_snoozes(conn: Connection, now: datetime) -> list[str]:
    """Return the uids of snoozed conversations whose time has come, the longest due first."""
    return list(
        conn.scalars(
            select(conversation.c.uid)
            .where(conversation.c.snoozed_until <= now, conversation.c.status == Status.SNOOZED)
            .order_by(conversation.c.snoozed_until)
        )
    )


def next_snooze(conn: Connection) -> datetime | None:
    """Return when the next snoozed conversation wakes up."""
    return conn.scalar(
        select(conversation.c.snoozed_until)
        .where(conversation.c.snoozed_until.is_not(None), conversation.c.status == Status.SNOOZED)
        .order_by(conversation.c.snoozed_until)
        .limit(1)
    )


# Writing


def create(tx: Tx, new: Sequence[NewConversation]) -> dict[str, int]:
    """Store conversations and return their ids by uid; those already here stay as they are."""
    stored = bulk.ensure_named(
        tx.conn,
        conversation,
        [
            {
                "uid": one.uid,
                "subject": one.subject,
                "created_at": one.created_at,
                "last_at": one.created_at,
                "customer_id": one.customer_id,
                "status": one.status,
                "assignee_id": one.assignee_id,
            }
            for one in new
        ],
    )
    customer_merging.show_with_roots(
        tx, {one.customer_id for one in new if one.customer_id is not None}
    )
    tx.touch(conversation=stored.values())
    return stored


def roots(conn: Connection, wanted: Iterable[int]) -> dict[int, int]:
    """Return where the messages of each conversation are shown: the end of its merges (P2)."""
    return merges.roots(conn, conversation, wanted)


def refresh(tx: Tx, wanted: Iterable[int]) -> None:
    """Compute again what these conversations derive from their messages (rules A1, A2).

    Always from the whole message log, never by adding up: late messages, merges and undo then
    give the right values by themselves.
    """
    shown = roots(tx.conn, wanted)
    keys = sorted({*shown, *shown.values()})
    packed = {"ids": json.dumps(keys)}
    tx.conn.execute(_REFRESH, packed)
    tx.conn.execute(_REFRESH_TAGS, packed)
    tx.before_commit(service_levels.refresh, keys)
    tx.touch(conversation=keys)


# Public messages only: a note is not news for the customer, and moves nothing in the list. Nobody
# waits any longer once an answer has been handed over; one that is still queued may yet fail.
# Where every message was deleted (O7) a conversation ends in itself, so that no list has it; with
# the next message it is back.
_REFRESH = text(
    """
    UPDATE conversation SET
        last_at = max(coalesce(latest.at, conversation.created_at), ifnull(woke_at, 0)),
        last_direction = coalesce(latest.direction, 'in'),
        snippet = coalesce(latest.snippet, ''),
        account_id = latest.account_id,
        channel = coalesce((SELECT kind FROM account WHERE id = latest.account_id), ''),
        last_in_at = total.last_in_at,
        unread = coalesce(total.unread, 0),
        message_count = coalesce(total.message_count, 0),
        failed = coalesce(total.failed, 0),
        merged_into_id = CASE
            WHEN conversation.merged_into_id = conversation.id AND total.message_count > 0 THEN NULL
            WHEN conversation.merged_into_id IS NULL AND total.message_count IS NULL
                AND EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = conversation.id)
                AND NOT EXISTS (SELECT 1 FROM draft d WHERE d.conversation_id = conversation.id)
                THEN conversation.id
            ELSE conversation.merged_into_id
        END,
        has_attachment = EXISTS (
            SELECT 1 FROM message m JOIN attachment a ON a.message_id = m.id
            WHERE m.conversation_id = conversation.id AND m.deleted_at IS NULL AND NOT a.inline
        ),
        waiting_since = (
            SELECT min(m.at) FROM message m
            WHERE m.conversation_id = conversation.id AND m.direction = 'in'
                AND m.deleted_at IS NULL
                AND m.kind NOT IN ('auto_reply', 'bounce_permanent', 'bounce_temporary',
                    'own_loop', 'spoken', 'unreached')
                AND NOT (m.kind = 'automated' AND EXISTS (
                    SELECT 1 FROM field_clock f  -- a person said so, not a header
                    WHERE f.entity = 'message' AND f.uid = m.uid AND f.field = 'kind'))
                AND (m.at, m.id) > (
                    SELECT coalesce(max(o.at), -1), coalesce(max(o.id), -1) FROM (
                        SELECT at, id FROM message
                        WHERE conversation_id = conversation.id AND deleted_at IS NULL
                            AND (delivery IS NULL OR delivery IN ('sent', 'delivered', 'read'))
                            -- what was sent by itself answers nothing (B3)
                            AND (direction = 'out' AND kind = 'human'
                                OR direction IN ('in', 'out') AND kind = 'spoken')
                        ORDER BY at DESC, id DESC LIMIT 1
                    ) o
                )
        )
    FROM json_each(:ids) wanted
    LEFT JOIN (
        SELECT conversation_id,
            max(at) FILTER (WHERE direction = 'in') AS last_in_at,
            count(*) FILTER (WHERE direction = 'in' AND NOT seen) AS unread,
            count(*) AS message_count,
            max(delivery IN ('failed', 'uncertain', 'returned')) AS failed
        FROM message
        WHERE conversation_id IN (SELECT value FROM json_each(:ids)) AND deleted_at IS NULL
        GROUP BY conversation_id
    ) total ON total.conversation_id = wanted.value
    LEFT JOIN message latest ON latest.id = (
        SELECT id FROM message
        WHERE conversation_id = wanted.value AND direction IN ('in', 'out') AND deleted_at IS NULL
        ORDER BY at DESC, id DESC LIMIT 1
    )
    WHERE conversation.id = wanted.value
    """
)
_REFRESH_TAGS = text(
    """
    UPDATE conversation_tag SET last_at = c.last_at FROM conversation c
    WHERE c.id = conversation_tag.conversation_id AND c.last_at <> conversation_tag.last_at
        AND conversation_tag.conversation_id IN (SELECT value FROM json_each(:ids))
    """
)
