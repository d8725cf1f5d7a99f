"""One deed on many conversations, written to the log and to the tables a whole set at a time.

Says and does what `events.record` would for each of them, for the fields that people change of
many at once. Functions of a transaction.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import update

from desktop_inbox.domain.events import Event, FieldChange
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import bulk, conversations, events, messages, service_levels
from desktop_inbox.store.database import Tx
from desktop_inbox.store.fields.of_conversations import COLUMNS, MOVES, is_known
from desktop_inbox.store.schema import agent, conversation, event, field_clock, message, tag

_Afters = Mapping[int, object]  # what a field is from now on, by the key of what it is of


def takes(changes: Iterable[FieldChange]) -> bool:
    """Tell whether these changes can be part of a batch; others are recorded one by one."""
    return all(map(_is_taken, changes))


def _is_taken(change: FieldChange) -> bool:
    if change.entity == "message":
        return change.field == "seen"
    return change.entity == "conversation" and (
        change.field == "assignee"
        or change.field.startswith("tag:")
        or (change.field in COLUMNS and is_known(change))
    )


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
    done = list(_stamped(tx, deeds, kind=kind, group_uid=group_uid, actor=actor, undo_of=undo_of))
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
    moved = _apply(tx, done)
    if moved:
        conversations.refresh(tx, moved)
    tx.before_commit(service_levels.refresh, keys.values())
    tx.touch(conversation=keys.values())
    return done


def _stamped(
    tx: Tx,
    deeds: Mapping[str, Sequence[FieldChange]],
    *,
    kind: str,
    group_uid: str,
    actor: str | None,
    undo_of: Mapping[str, str],
) -> Iterator[Event]:
    """Yield an event for each conversation, each later than the one before."""
    hlc = events.stamp(tx)
    for uid, changes in deeds.items():
        yield Event(
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
        hlc = hlc.next(tx.now)


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


def _apply(tx: Tx, done: Iterable[Event]) -> set[int]:
    """Change the tables; return the conversations whose place in the lists follows from that."""
    by_field: defaultdict[tuple[str, str], dict[str, object]] = defaultdict(dict)
    for one in done:
        for change in one.changes:
            by_field[change.entity, change.field][change.uid] = change.after
    moved: set[int] = set()
    for (entity, field), by_uid in by_field.items():
        keys = bulk.keys_of(tx.conn, message if entity == "message" else conversation, by_uid)
        afters = {key: by_uid[uid] for uid, key in keys.items()}
        if entity == "message":
            moved |= messages.set_seen(tx, {key: bool(after) for key, after in afters.items()})
        elif field.startswith("tag:"):
            _set_tag(tx, field.removeprefix("tag:"), afters)
        else:
            _set_columns(tx, field, afters)
            if field in MOVES:
                moved |= afters.keys()
    return moved


def _set_columns(tx: Tx, field: str, afters: _Afters) -> None:
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for key, after in afters.items():
        alike[json.dumps(after)].append(key)
    for packed, keys in alike.items():
        after = json.loads(packed)
        values = _agent(tx, after) if field == "assignee" else COLUMNS[field](after)
        tx.conn.execute(
            update(conversation).where(conversation.c.id.in_(bulk.values(keys))).values(**values)
        )


def _set_tag(tx: Tx, uid: str, afters: _Afters) -> None:
    (tag_id,) = bulk.keys_of(tx.conn, tag, [uid]).values()
    given = [(tag_id, key) for key, after in afters.items() if after]
    taken = [(tag_id, key) for key, after in afters.items() if not after]
    if given:
        tx.conn.exec_driver_sql(_GIVE_TAG, given)
    if taken:
        tx.conn.exec_driver_sql(_TAKE_TAG, taken)
    tx.touch(tag=tag_id)


def _agent(tx: Tx, uid: object) -> dict[str, object]:
    known = None if uid is None else bulk.keys_of(tx.conn, agent, [str(uid)])[str(uid)]
    return {"assignee_id": known}


_GIVE_TAG = """
    INSERT INTO conversation_tag (tag_id, conversation_id, last_at)
    SELECT ?, id, last_at FROM conversation WHERE id = ? ON CONFLICT DO NOTHING
"""
_TAKE_TAG = "DELETE FROM conversation_tag WHERE tag_id = ? AND conversation_id = ?"
