"""What ingest alone asks of conversations: their beginnings, and joining those that are one."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, text, update

from desktop_inbox.domain.clock import Hlc
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.threading import normalised_subject
from desktop_inbox.store import bulk, conversations, customer_merging
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import from_milliseconds, to_milliseconds
from desktop_inbox.store.schema import (
    conversation,
    conversation_tag,
    message,
    thread,
    thread_participant,
    thread_reference,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides how a conversation takes a new message."""

    id: int
    uid: str
    status: Status
    subject: str
    created_at: datetime  # of its earliest message
    customer_id: int | None
    touched: bool  # somebody worked on it here: it is not joined with others by itself (rule C5)
    status_set_at: datetime | None  # when somebody last chose its status
    snooze_stays: bool = False  # an answer does not end it (rule H1)
    follow_up_since: datetime | None = None  # somebody waits for an answer since then (rule H3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How a conversation begins, once an earlier message than all others has come."""

    id: int
    subject: str
    created_at: datetime
    customer_id: int | None  # None: as it was


def facts(tx: Tx, wanted: Iterable[int]) -> dict[int, Facts]:
    """Return what ingest must know of these conversations."""
    found = tx.conn.execute(_FACTS, {"ids": json.dumps(list(wanted))})
    return {
        row.id: Facts(
            id=row.id,
            uid=row.uid,
            status=Status(row.status),
            subject=row.subject,
            created_at=from_milliseconds(row.created_at),
            customer_id=row.customer_id,
            touched=bool(row.touched),
            status_set_at=_moment(row.status_clock),
            snooze_stays=bool(row.snooze_stays),
            follow_up_since=None
            if row.follow_up_since is None
            else from_milliseconds(row.follow_up_since),
        )
        for row in found
    }


def _moment(clock: str | None) -> datetime | None:
    return from_milliseconds(Hlc.parse(clock).milliseconds) if clock else None


_FACTS = text(
    """
    SELECT id, uid, status, subject, created_at, snooze_stays, follow_up_since,
        coalesce(customer_origin_id, customer_id) AS customer_id,
        EXISTS (SELECT 1 FROM event WHERE event.conversation = c.uid AND event.actor <> 'system')
            OR EXISTS (SELECT 1 FROM draft WHERE draft.conversation_id = c.id)
            OR EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id
                       AND (m.client_ref IS NOT NULL AND m.kind = 'human' OR m.direction = 'note'))
            AS touched,
        (SELECT hlc FROM field_clock
         WHERE entity = 'conversation' AND uid = c.uid AND field = 'status') AS status_clock
    FROM conversation c WHERE id IN (SELECT value FROM json_each(:ids))
    """
)


def uids(conn: Connection, wanted: Iterable[int]) -> dict[int, str]:
    """Return what these conversations are called on every device."""
    found = conn.execute(
        select(conversation.c.id, conversation.c.uid).where(
            conversation.c.id.in_(bulk.values(wanted))
        )
    )
    return dict(found.all())


def was_answered(conn: Connection, conversation_id: int) -> bool:
    """Tell whether anything was ever sent in a conversation."""
    found = conn.scalar(
        select(message.c.id)
        .where(
            message.c.conversation_id == conversation_id,
            message.c.direction == Direction.OUT.value,
        )
        .limit(1)
    )
    return found is not None


def threads_of(conn: Connection, wanted: Collection[str]) -> dict[str, list[int]]:
    """Return the threads of conversations by uid, merges followed, the latest last (rule P2)."""
    if not wanted:
        return {}
    keys = bulk.keys_of(conn, conversation, wanted)
    shown = conversations.roots(conn, keys.values())
    return {
        uid: list(conn.scalars(_THREADS_BELOW, {"root": shown[key]})) for uid, key in keys.items()
    }


_THREADS_BELOW = text(
    """
    WITH RECURSIVE below (id) AS (
        SELECT :root UNION
        SELECT c.id FROM conversation c JOIN below ON c.merged_into_id = below.id
    )
    SELECT id FROM thread WHERE conversation_id IN (SELECT id FROM below) ORDER BY id
    """
)


def named_like(conn: Connection, prefix: str) -> str:
    """Return the uid of the only conversation whose uid begins so, '' for none or several."""
    found = conn.scalars(
        select(conversation.c.uid)
        .where(conversation.c.uid >= prefix, conversation.c.uid < f"{prefix}~")
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else ""


def threads_with(conn: Connection, address: str, *, subject: str, since: datetime) -> list[int]:
    """Return threads that `address` takes part in under a normalised subject (rule C1f).

    The latest first, of conversations in which something was said `since` then.
    """
    found = conn.execute(_THREADS_WITH, {"address": address, "since": to_milliseconds(since)})
    return [key for key, shown in found if normalised_subject(shown) == subject]


_THREADS_WITH = text(
    """
    SELECT t.id, c.subject FROM identity i
    JOIN conversation c ON c.customer_id = i.customer_id
    JOIN thread t ON t.conversation_id = c.id
    JOIN thread_participant p ON p.thread_id = t.id AND p.address = i.address
    WHERE i.kind = 'email' AND i.scope = '' AND i.address = :address AND c.last_at >= :since
    ORDER BY c.last_at DESC, t.id DESC LIMIT 50
    """
)


def set_beginnings(tx: Tx, new: Sequence[Beginning]) -> None:
    """Note how conversations begin."""
    if new:
        tx.conn.execute(
            update(conversation)
            .where(conversation.c.id == bindparam("key"))
            .values(
                subject=bindparam("new_subject"),
                created_at=bindparam("new_created_at"),
                customer_id=text("coalesce(:new_customer_id, customer_id)"),
                customer_origin_id=text(
                    "CASE WHEN :new_customer_id IS NULL THEN customer_origin_id END"
                ),
            ),
            [
                {
                    "key": one.id,
                    "new_subject": one.subject,
                    "new_created_at": one.created_at,
                    "new_customer_id": one.customer_id,
                }
                for one in new
            ],
        )
        customer_merging.show_with_roots(
            tx, {one.customer_id for one in new if one.customer_id is not None}
        )
        tx.touch(conversation=[one.id for one in new])


def open_again(tx: Tx, wanted: Collection[int]) -> None:
    """Put conversations into the inbox that nobody has chosen a status for."""
    if wanted:
        tx.conn.execute(
            update(conversation)
            .where(conversation.c.id.in_(bulk.values(wanted)))
            .values(status=Status.OPEN.value)
        )
        tx.touch(conversation=wanted)


def join(tx: Tx, into: Mapping[int, int]) -> None:
    """Let each conversation disappear in another, as if their threads had been one from the start.

    Only for conversations that nobody worked on: nothing but messages is moved. The caller
    refreshes those that stay.
    """
    if not into:
        return
    shown = conversations.roots(tx.conn, into.values())
    joined = {"joined": json.dumps([(gone, key, shown[key]) for gone, key in into.items()])}
    moved = tx.conn.scalars(_JOIN_MESSAGES, joined).all()
    tx.conn.execute(_JOIN_THREADS, joined)
    tx.conn.execute(_REMOVE_JOINED, joined)
    tx.touch(message=moved, conversation=[*into, *into.values()])


# As threads.move does for one, for all at once: a first sync finds many that belong together.
_JOINED = (
    "SELECT value ->> 0 AS gone, value ->> 1 AS kept, value ->> 2 AS shown FROM json_each(:joined)"
)
_JOIN_MESSAGES = text(
    f"""
    UPDATE message SET origin_id = j.kept, conversation_id = j.shown
    FROM ({_JOINED}) j JOIN thread t ON t.conversation_id = j.gone
    WHERE message.thread_id = t.id
    RETURNING id
    """  # noqa: S608 - constants
)
_JOIN_THREADS = text(
    f"""
    UPDATE thread SET conversation_id = j.kept FROM ({_JOINED}) j
    WHERE thread.conversation_id = j.gone
    """  # noqa: S608 - constants
)
_REMOVE_JOINED = text(
    "DELETE FROM conversation WHERE id IN (SELECT value ->> 0 FROM json_each(:joined))"
)


def shut_threads(tx: Tx, conversation_id: int) -> None:
    """Let nobody join the threads of a conversation any more (rule C2)."""
    lying_there = select(thread.c.id).where(thread.c.conversation_id == conversation_id)
    tx.conn.execute(
        delete(thread_participant).where(thread_participant.c.thread_id.in_(lying_there))
    )


def remove_if_empty(tx: Tx, conversation_id: int) -> bool:
    """Remove a conversation whose only message was taken back; tell whether it was removed."""
    if conversations.holds_messages(tx.conn, conversation_id):
        return False
    lying_there = select(thread.c.id).where(thread.c.conversation_id == conversation_id)
    for dependent in (thread_reference, thread_participant):
        tx.conn.execute(delete(dependent).where(dependent.c.thread_id.in_(lying_there)))
    tx.conn.execute(delete(thread).where(thread.c.conversation_id == conversation_id))
    tx.conn.execute(
        delete(conversation_tag).where(conversation_tag.c.conversation_id == conversation_id)
    )
    tx.conn.execute(delete(conversation).where(conversation.c.id == conversation_id))
    tx.touch(conversation=conversation_id)
    return True
