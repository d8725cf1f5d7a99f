"""The fields of a conversation that events set, its tags and merges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def _snooze(after: Any) -> dict[str, object]:
    snooze: dict[str, Any] = after if isinstance(after, dict) else {}
    until = snooze.get("until")
    return {
        "snoozed_until": None if until is None else from_milliseconds(int(until)),
        "snoozed_until_reply": bool(snooze.get("until_reply")),
        "snooze_stays": bool(snooze.get("stays")),
    }


def _follow_up(after: Any) -> dict[str, object]:
    """Be reminded at a time if nobody answers: {"at", "since"} in milliseconds (rule H3)."""
    wanted: dict[str, Any] = after if isinstance(after, dict) else {}
    moments = {name: wanted.get(name) for name in ("at", "since")}
    return {
        f"follow_up_{name}": None if at is None else from_milliseconds(int(at))
        for name, at in moments.items()
    }


def _woke(after: Any) -> dict[str, object]:
    """Say when and why it came back by itself; that moves it to the top of the list (rule H1)."""
    woke: dict[str, Any] = after if isinstance(after, dict) else {}
    at = woke.get("at")
    return {
        "woke_at": None if at is None else from_milliseconds(int(at)),
        "woke_why": None if at is None else str(woke.get("why")),
    }


# What each field is in the columns of its conversation; those in MOVES tell where a list has it.
COLUMNS: Mapping[str, Callable[[Any], dict[str, object]]] = {
    "status": lambda after: {"status": after or Status.OPEN.value},
    "priority": lambda after: {"priority": after or Priority.NORMAL.value},
    "subject": lambda after: {"subject": str(after or "")},
    "service_level": lambda after: {"pinned_policy": None if after is None else str(after)},
    "starred": lambda after: {"starred": bool(after)},
    "snooze": _snooze,
    "follow_up": _follow_up,
    "woke": _woke,
}
MOVES = frozenset({"woke"})
_VALUES: Mapping[str, type[StrEnum]] = {"status": Status, "priority": Priority}


def is_known(change: FieldChange) -> bool:
    """Tell whether we know a value; None stands for the one that things begin with."""
    known = _VALUES.get(change.field)
    return known is None or change.after is None or change.after in set(known)


def _set_columns(tx: Tx, change: FieldChange, effects: Effects) -> None:
    if is_known(change):
        key = _set_conversation(tx, change, effects, **COLUMNS[change.field](change.after))
        if change.field in MOVES:
            effects.conversations.add(key)


def _set_assignee(tx: Tx, change: FieldChange, effects: Effects) -> None:
    key = None if change.after is None else agent_key(tx, str(change.after))
    _set_conversation(tx, change, effects, assignee_id=key)


def _set_customer(tx: Tx, change: FieldChange, effects: Effects) -> None:
    key = None if change.after is None else customer_key(tx, str(change.after), effects)
    _set_conversation(tx, change, effects, customer_id=key, customer_origin_id=None)
    customer_merging.show_with_roots(tx, [] if key is None else [key])


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
    **{("conversation", field): _set_columns for field in COLUMNS},
    ("conversation", "assignee"): _set_assignee,
    ("conversation", "customer"): _set_customer,
    ("conversation", "merged_into"): _set_merged_into,
}
