"""The fields of a conversation that events set, its tags and merges."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects import sqlite

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.store import conversations, customer_merging
from desktop_inbox.store.database import Tx
from desktop_inbox.store.fields.rows import (
    Effects,
    Setter,
    agent_key,
    conversation_key,
    customer_key,
    tag_key,
)
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.schema import conversation, conversation_tag


def _set_conversation(tx: Tx, change: FieldChange, effects: Effects, **values: object) -> int:
    key = conversation_key(tx, change.uid, effects)
    tx.conn.execute(update(conversation).where(conversation.c.id == key).values(**values))
    return key


def _set_status(tx: Tx, change: FieldChange, effects: Effects) -> None:
    if _is_one_of(Status, change.after):
        _set_conversation(tx, change, effects, status=change.after or Status.OPEN.value)


def _set_priority(tx: Tx, change: FieldChange, effects: Effects) -> None:
    if _is_one_of(Priority, change.after):
        _set_conversation(tx, change, effects, priority=change.after or Priority.NORMAL.value)


def _is_one_of(known: type[StrEnum], value: object) -> bool:
    """Tell whether we know a value; None stands for the one that things begin with."""
    return value is None or value in set(known)


def _set_subject(tx: Tx, change: FieldChange, effects: Effects) -> None:
    _set_conversation(tx, change, effects, subject=str(change.after or ""))


def _set_pinned_policy(tx: Tx, change: FieldChange, effects: Effects) -> None:
    pinned = None if change.after is None else str(change.after)
    _set_conversation(tx, change, effects, pinned_policy=pinned)


def _set_assignee(tx: Tx, change: FieldChange, effects: Effects) -> None:
    key = None if change.after is None else agent_key(tx, str(change.after))
    _set_conversation(tx, change, effects, assignee_id=key)


def _set_customer(tx: Tx, change: FieldChange, effects: Effects) -> None:
    key = None if change.after is None else customer_key(tx, str(change.after), effects)
    _set_conversation(tx, change, effects, customer_id=key, customer_origin_id=None)
    customer_merging.show_with_roots(tx, [] if key is None else [key])


def _set_snooze(tx: Tx, change: FieldChange, effects: Effects) -> None:
    snooze: dict[str, Any] = change.after if isinstance(change.after, dict) else {}
    until = snooze.get("until")
    _set_conversation(
        tx,
        change,
        effects,
        snoozed_until=None if until is None else from_milliseconds(int(until)),
        snoozed_until_reply=bool(snooze.get("until_reply")),
        snooze_stays=bool(snooze.get("stays")),
    )


def _set_follow_up(tx: Tx, change: FieldChange, effects: Effects) -> None:
    """Be reminded at a time if nobody answers: {"at", "since"} in milliseconds (rule H3)."""
    wanted: dict[str, Any] = change.after if isinstance(change.after, dict) else {}
    moments = {name: wanted.get(name) for name in ("at", "since")}
    _set_conversation(
        tx,
        change,
        effects,
        **{
            f"follow_up_{name}": None if at is None else from_milliseconds(int(at))
            for name, at in moments.items()
        },
    )


def _set_woke(tx: Tx, change: FieldChange, effects: Effects) -> None:
    """Say when and why it came back by itself; that moves it to the top of the list (rule H1)."""
    woke: dict[str, Any] = change.after if isinstance(change.after, dict) else {}
    at = woke.get("at")
    key = _set_conversation(
        tx,
        change,
        effects,
        woke_at=None if at is None else from_milliseconds(int(at)),
        woke_why=None if at is None else str(woke.get("why")),
    )
    effects.conversations.add(key)


def _set_starred(tx: Tx, change: FieldChange, effects: Effects) -> None:
    _set_conversation(tx, change, effects, starred=bool(change.after))


def _set_merged_into(tx: Tx, change: FieldChange, effects: Effects) -> None:
    key = conversation_key(tx, change.uid, effects)
    target = None if change.after is None else conversation_key(tx, str(change.after), effects)
    before = conversations.roots(tx.conn, [key])[key]
    _set_conversation(tx, change, effects, merged_into_id=target)
    after = conversations.roots(tx.conn, [key])[key]
    moved = tx.conn.scalars(
        _SHOW_ELSEWHERE, {"source": key, "before": before, "after": after}
    ).all()
    tx.touch(message=moved, conversation=[before, after])
    effects.conversations |= {key, before, after}


# Whatever lies in the conversation, or in one that was merged into it, is shown at the new end.
_SHOW_ELSEWHERE = text(
    """
    WITH RECURSIVE below (id) AS (
        SELECT :source UNION
        SELECT c.id FROM conversation c JOIN below ON c.merged_into_id = below.id
    )
    UPDATE message SET conversation_id = :after
    WHERE conversation_id = :before AND origin_id IN (SELECT id FROM below)
    RETURNING id
    """
)


def set_tag(tx: Tx, change: FieldChange, effects: Effects) -> None:
    conversation_id = conversation_key(tx, change.uid, effects)
    tag_id = tag_key(tx, change.field.removeprefix("tag:"))
    if change.after:
        last_at = select(conversation.c.last_at).where(conversation.c.id == conversation_id)
        tx.conn.execute(
            sqlite.insert(conversation_tag)
            .values(
                tag_id=tag_id, conversation_id=conversation_id, last_at=last_at.scalar_subquery()
            )
            .on_conflict_do_nothing()
        )
    else:
        tx.conn.execute(
            conversation_tag.delete().where(
                conversation_tag.c.tag_id == tag_id,
                conversation_tag.c.conversation_id == conversation_id,
            )
        )


SETTERS: dict[tuple[str, str], Setter] = {
    ("conversation", "status"): _set_status,
    ("conversation", "priority"): _set_priority,
    ("conversation", "subject"): _set_subject,
    ("conversation", "assignee"): _set_assignee,
    ("conversation", "customer"): _set_customer,
    ("conversation", "snooze"): _set_snooze,
    ("conversation", "follow_up"): _set_follow_up,
    ("conversation", "woke"): _set_woke,
    ("conversation", "starred"): _set_starred,
    ("conversation", "service_level"): _set_pinned_policy,
    ("conversation", "merged_into"): _set_merged_into,
}
