"""One deed on many conversations, written to the log and to the tables a whole set at a time.

Says and does what `events.record` would for each of them, for the fields that people change of
many at once. Functions of a transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from desktop_inbox.domain.events import Event, FieldChange
from desktop_inbox.domain.states import Priority, Status
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import bulk, events, service_levels
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import agent, conversation, event, field_clock, tag

_Change = tuple[int, FieldChange]  # of the conversation with this key


def takes(changes: Iterable[FieldChange]) -> bool:
    """Tell whether these changes can be part of a batch; others are recorded one by one."""
    return all(change.entity == "conversation" and _is_known(change) for change in changes)


def _is_known(change: FieldChange) -> bool:
    known = _VALUES.get(change.field)
    if known is not None:
        return change.after is None or change.after in set(known)
    return change.field in ("assignee", "starred") or change.field.startswith("tag:")


def record_each(
    tx: Tx,
    kind: str,
    deeds: Mapping[str, Sequence[FieldChange]],
    *,
    group_uid: str,
    actor: str | None = None,
    undo_of: Mapping[str, str] = MappingProxyType({}),
) -> list[Event]:
    """Record a deed on each conversation, by uid, and apply it; every change must be `takes`-able.

    They are stamped later than all that is known, so every field takes its new value. `undo_of`
    names, by conversation, the event that this one takes back.
    """
    if not deeds:
        return []
    hlc = events.stamp(tx)
    done = []
    for uid, changes in deeds.items():
        done.append(
            Event(
                uid=new_uid(tx.now),
                hlc=hlc,
                actor=actor or f"agent:{tx.agent.uid}",
                at=tx.now,
                kind=kind,
                group_uid=group_uid,
                changes=tuple(changes),
                conversation=uid,
                undo_of=undo_of.get(uid),
            )
        )
        hlc = hlc.next(tx.now)
    bulk.insert_all(tx.conn, event, [_row(one) for one in done])
    bulk.replace_all(
        tx.conn,
        field_clock,
        [
            {"entity": change.entity, "uid": change.uid, "field": change.field, "hlc": str(one.hlc)}
            for one in done
            for change in one.changes
        ],
    )
    keys = bulk.keys_of(tx.conn, conversation, deeds)
    _apply(tx, [(keys[change.uid], change) for one in done for change in one.changes])
    tx.before_commit(service_levels.refresh, keys.values())
    tx.touch(conversation=keys.values())
    return done


def _row(one: Event) -> dict[str, object]:
    return {
        "uid": one.uid,
        "hlc": str(one.hlc),
        "device": one.hlc.device,
        "actor": one.actor,
        "at": one.at,
        "kind": one.kind,
        "group_uid": one.group_uid,
        "undo_of": one.undo_of,
        "conversation": one.conversation,
        "changes": [list(change) for change in one.changes],
    }


def _apply(tx: Tx, changes: Iterable[_Change]) -> None:
    by_field: defaultdict[str, list[_Change]] = defaultdict(list)
    for key, change in changes:
        by_field[change.field].append((key, change))
    for field, same in by_field.items():
        if field.startswith("tag:"):
            _set_tag(tx, field.removeprefix("tag:"), same)
        else:
            _set_column(tx, field, same)


def _set_column(tx: Tx, field: str, changes: Sequence[_Change]) -> None:
    column, stored = _COLUMNS[field]
    values = {change.after: stored(tx, change.after) for _key, change in changes}
    tx.conn.exec_driver_sql(
        f"UPDATE conversation SET {column} = ? WHERE id = ?",  # noqa: S608 - one of our columns
        [(values[change.after], key) for key, change in changes],
    )


def _set_tag(tx: Tx, uid: str, changes: Sequence[_Change]) -> None:
    (tag_id,) = bulk.keys_of(tx.conn, tag, [uid]).values()
    given = [(tag_id, key) for key, change in changes if change.after]
    taken = [(tag_id, key) for key, change in changes if not change.after]
    if given:
        tx.conn.exec_driver_sql(_GIVE_TAG, given)
    if taken:
        tx.conn.exec_driver_sql(_TAKE_TAG, taken)
    tx.touch(tag=tag_id)


def _agent(tx: Tx, uid: object) -> object:
    return None if uid is None else bulk.keys_of(tx.conn, agent, [str(uid)])[str(uid)]


_VALUES: Mapping[str, type[StrEnum]] = {"status": Status, "priority": Priority}
# Field: its column, and what is stored for a value.
_COLUMNS: Mapping[str, tuple[str, Callable[[Tx, object], object]]] = {
    "status": ("status", lambda _tx, value: Status(str(value or "open")).value),
    "priority": ("priority", lambda _tx, value: Priority(str(value or "normal")).value),
    "assignee": ("assignee_id", _agent),
    "starred": ("starred", lambda _tx, value: bool(value)),
}
_GIVE_TAG = """
    INSERT INTO conversation_tag (tag_id, conversation_id, last_at)
    SELECT ?, id, last_at FROM conversation WHERE id = ? ON CONFLICT DO NOTHING
"""
_TAKE_TAG = "DELETE FROM conversation_tag WHERE tag_id = ? AND conversation_id = ?"
