"""The log of what we did, and the one door through which it changes the tables.

Each field keeps the clock of the event that last wrote it, so events may come twice and in any
order and the tables end the same. Kinds and fields we do not know are kept and skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Table, select, text, update
from sqlalchemy.dialects import sqlite

from desktop_inbox.domain.clock import Hlc
from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.events import Event, FieldChange
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import (
    conversations,
    customer_fields,
    customer_merging,
    customers,
    message_index,
    messages,
    policies,
    service_levels,
    threads,
    unmade,
)
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.rows import EventRow
from desktop_inbox.store.schema import (
    account,
    agent,
    canned_response,
    conversation,
    conversation_tag,
    customer,
    customer_apart,
    customer_field,
    event,
    field_clock,
    message,
    saved_view,
    sla_calendar,
    sla_policy,
    tag,
    thread,
    workspace,
)

_SNIPPET_LENGTH = 200


# Reading


def of_conversation(conn: Connection, conversation_id: int) -> list[EventRow]:
    """Return what we did to a conversation, in the order of the clock."""
    uid = select(conversation.c.uid).where(conversation.c.id == conversation_id).scalar_subquery()
    found = conn.execute(
        select(event).where(event.c.conversation == uid).order_by(event.c.hlc)
    ).mappings()
    rows = list(found)
    undone = {row["undo_of"] for row in rows if row["undo_of"]}
    names = dict(conn.execute(select(agent.c.uid, agent.c.name)).all())
    return [
        EventRow(
            uid=row["uid"],
            at=row["at"],
            actor_name=names.get(row["actor"].removeprefix("agent:"), ""),
            kind=row["kind"],
            changes=tuple(FieldChange(*change) for change in row["changes"]),
            undone=row["uid"] in undone,
            by_program=row["actor"] == "system",
        )
        for row in rows
    ]


def group(conn: Connection, group_uid: str) -> list[Event]:
    """Return the events of one user action, in the order of the clock."""
    query = select(event).where(event.c.group_uid == group_uid).order_by(event.c.hlc)
    return [from_row(row) for row in conn.execute(query).mappings()]


def one(conn: Connection, uid: str) -> Event | None:
    """Return one event, None where it is not known here."""
    found = conn.execute(select(event).where(event.c.uid == uid)).mappings().first()
    return from_row(found) if found else None


def of_kinds(conn: Connection, kinds: Iterable[str]) -> list[Event]:
    """Return the events of these kinds, in the order of the clock."""
    query = select(event).where(event.c.kind.in_(list(kinds))).order_by(event.c.hlc)
    return [from_row(row) for row in conn.execute(query).mappings()]


def last_undoable(conn: Connection, *, actor: str, ignoring: Iterable[str] = ()) -> list[Event]:
    """Return the latest action of `actor` that is no undo and was not undone; [] for none.

    `ignoring` names kinds that happen by themselves and nobody means by "undo".
    """
    undone = select(event.c.undo_of).where(event.c.undo_of.is_not(None))
    found = conn.scalar(
        select(event.c.group_uid)
        .where(
            event.c.actor == actor,
            event.c.undo_of.is_(None),
            event.c.uid.not_in(undone),
            event.c.kind.not_in(list(ignoring)),
        )
        .order_by(event.c.hlc.desc())
        .limit(1)
    )
    return group(conn, found) if found is not None else []


def says(conn: Connection, kind: str, *, conversation: str, field: str) -> bool:
    """Tell whether the history of a conversation, by uid, holds such an event on this field."""
    found = conn.scalars(
        select(event.c.changes).where(event.c.conversation == conversation, event.c.kind == kind)
    )
    return any(change[2] == field for changes in found for change in changes)


def in_order(conn: Connection) -> list[Event]:
    """Return the whole log in the order of the clock."""
    return [from_row(row) for row in conn.execute(select(event).order_by(event.c.hlc)).mappings()]


def from_row(row: RowMapping) -> Event:
    """Return the event that a row of the table holds."""
    return Event(
        uid=row["uid"],
        hlc=Hlc.parse(row["hlc"]),
        actor=row["actor"],
        at=row["at"],
        kind=row["kind"],
        group_uid=row["group_uid"],
        changes=tuple(FieldChange(*change) for change in row["changes"]),
        conversation=row["conversation"],
        undo_of=row["undo_of"],
    )


# Writing


def stamp(tx: Tx) -> Hlc:
    """Return the next moment of this workspace's clock on this device.

    Later than every event stored so far, whichever process or device it came from.
    """
    here = Hlc(0, 0, tx.device_uid)
    last = tx.conn.scalar(select(event.c.hlc).order_by(event.c.hlc.desc()).limit(1))
    return (here.after(Hlc.parse(last)) if last else here).next(tx.now)


def record(
    tx: Tx,
    kind: str,
    changes: Sequence[FieldChange],
    *,
    conversation: str | None = None,
    group_uid: str | None = None,
    undo_of: str | None = None,
    actor: str | None = None,
) -> Event:
    """Build the event of something done now, by this agent unless `actor` says otherwise; apply it.

    `conversation` is the uid of the one whose history shows it.
    """
    uid = new_uid(tx.now)
    done = Event(
        uid=uid,
        hlc=stamp(tx),
        actor=actor or f"agent:{tx.agent.uid}",
        at=tx.now,
        kind=kind,
        group_uid=group_uid or uid,
        changes=tuple(changes),
        conversation=conversation,
        undo_of=undo_of,
    )
    apply(tx, done)
    return done


def apply(tx: Tx, done: Event) -> None:
    """Store an event and let it change the tables; one that is stored already does nothing.

    Every field it names takes its `after`, unless a later event has written that field before.
    """
    if not _store(tx, done):
        return
    hlc = str(done.hlc)
    effects = _Effects(at_ms=done.hlc.milliseconds)
    for change in done.changes:
        setter = _setter(change)
        if setter is not None and _is_latest(tx, change, hlc):
            setter(tx, change, effects)
    if effects.conversations:
        conversations.refresh(tx, effects.conversations)
    if effects.clocks:
        tx.before_commit(service_levels.refresh, effects.clocks)
    if effects.customers:
        customers.index(tx, effects.customers)
        tx.before_commit(service_levels.refresh_of_customers, effects.customers)
    if done.conversation is not None:
        shown_in = conversations.by_uid(tx.conn, done.conversation)
        tx.touch(conversation=() if shown_in is None else shown_in)


def _store(tx: Tx, done: Event) -> bool:
    added = tx.conn.execute(
        sqlite.insert(event)
        .values(
            uid=done.uid,
            hlc=str(done.hlc),
            device=done.hlc.device,
            actor=done.actor,
            at=done.at,
            kind=done.kind,
            group_uid=done.group_uid,
            undo_of=done.undo_of,
            conversation=done.conversation,
            changes=[list(change) for change in done.changes],
        )
        .on_conflict_do_nothing()
    )
    return bool(added.rowcount)


def _is_latest(tx: Tx, change: FieldChange, hlc: str) -> bool:
    statement = sqlite.insert(field_clock).values(
        entity=change.entity, uid=change.uid, field=change.field, hlc=hlc
    )
    won = tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=[field_clock.c.entity, field_clock.c.uid, field_clock.c.field],
            set_={"hlc": statement.excluded.hlc},
            where=statement.excluded.hlc > field_clock.c.hlc,
        )
    )
    return bool(won.rowcount)


@dataclass(slots=True)
class _Effects:
    """What has to be computed again once all fields of an event are set."""

    at_ms: int
    conversations: set[int] = field(default_factory=set)
    clocks: set[int] = field(default_factory=set)  # of conversations
    customers: set[int] = field(default_factory=set)


_Setter = Callable[[Tx, FieldChange, _Effects], None]


def _setter(change: FieldChange) -> _Setter | None:
    if change.entity == "conversation" and change.field.startswith("tag:"):
        return _set_tag
    if change.entity in _VERSIONED and change.field.startswith("version:"):
        return _set_version
    if change.entity == "canned" and change.field.startswith("body:"):
        return _set_canned_body
    if change.entity == "customer" and ":" in change.field:
        return _CUSTOMER_MEMBERS.get(change.field.partition(":")[0])
    return _SETTERS.get((change.entity, change.field))


# Entities that an event may name before it says all about them: whoever speaks first creates them.


def _row_id(tx: Tx, table: Table, uid: str, **defaults: object) -> int:
    """Return the key of a row, creating it with `defaults` where nobody has named it before."""
    found = tx.conn.scalar(select(table.c.id).where(table.c.uid == uid))
    if found is None:
        if _was_unmade(tx, table, uid):
            defaults["deleted"] = True
        found = tx.conn.scalar(
            sqlite.insert(table).values(uid=uid, **defaults).returning(table.c.id)
        )
    assert found is not None
    return int(found)


def _was_unmade(tx: Tx, table: Table, uid: str) -> bool:
    """Tell whether a row was here, made and taken back: who names it now does not make it again."""
    entity = next((name for name, one in unmade.TABLES.items() if one is table), None)
    return entity is not None and bool(
        tx.conn.scalar(
            select(field_clock.c.hlc).where(
                field_clock.c.entity == entity,
                field_clock.c.uid == uid,
                field_clock.c.field == "deleted",
            )
        )
    )


def _conversation_id(tx: Tx, uid: str, effects: _Effects) -> int:
    at = from_milliseconds(effects.at_ms)
    key = _row_id(
        tx, conversation, uid, subject="", status=Status.OPEN.value, created_at=at, last_at=at
    )
    _date_back(tx, conversation.c.created_at, key, effects)
    effects.clocks.add(key)
    tx.touch(conversation=key)
    return key


def _date_back(tx: Tx, column: Column[datetime], key: int, effects: _Effects) -> None:
    """Let a row be as old as the first event that names it, in whatever order they come."""
    at = from_milliseconds(effects.at_ms)
    tx.conn.execute(
        update(column.table).where(column.table.c.id == key, column > at).values({column.name: at})
    )


def _customer_id(tx: Tx, uid: str, effects: _Effects) -> int:
    key = _row_id(tx, customer, uid, name="", first_seen_at=from_milliseconds(effects.at_ms))
    _date_back(tx, customer.c.first_seen_at, key, effects)
    effects.customers.add(key)
    tx.touch(customer=key)
    return key


def _agent_id(tx: Tx, uid: str) -> int:
    return _row_id(tx, agent, uid, name="")


def _tag_id(tx: Tx, uid: str) -> int:
    key = _row_id(tx, tag, uid, name="", hue=0)
    tx.touch(tag=key)
    return key


def _view_id(tx: Tx, uid: str) -> int:
    key = _row_id(tx, saved_view, uid, name="")
    tx.touch(view=key)
    return key


def _canned_id(tx: Tx, uid: str) -> int:
    key = _row_id(tx, canned_response, uid, title="", shortcut="", body="")
    tx.touch(canned=key)
    return key


# Fields


def _set_conversation(tx: Tx, change: FieldChange, effects: _Effects, **values: object) -> int:
    key = _conversation_id(tx, change.uid, effects)
    tx.conn.execute(update(conversation).where(conversation.c.id == key).values(**values))
    return key


def _set_status(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    if _is_one_of(Status, change.after):
        _set_conversation(tx, change, effects, status=change.after or Status.OPEN.value)


def _set_priority(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    if _is_one_of(Priority, change.after):
        _set_conversation(tx, change, effects, priority=change.after or Priority.NORMAL.value)


def _is_one_of(known: type[StrEnum], value: object) -> bool:
    """Tell whether we know a value; None stands for the one that things begin with."""
    return value is None or value in set(known)


def _set_subject(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    _set_conversation(tx, change, effects, subject=str(change.after or ""))


def _set_pinned_policy(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    pinned = None if change.after is None else str(change.after)
    _set_conversation(tx, change, effects, pinned_policy=pinned)


def _set_assignee(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    key = None if change.after is None else _agent_id(tx, str(change.after))
    _set_conversation(tx, change, effects, assignee_id=key)


def _set_customer(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    key = None if change.after is None else _customer_id(tx, str(change.after), effects)
    _set_conversation(tx, change, effects, customer_id=key, customer_origin_id=None)
    customer_merging.show_with_roots(tx, [] if key is None else [key])


def _set_snooze(tx: Tx, change: FieldChange, effects: _Effects) -> None:
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


def _set_follow_up(tx: Tx, change: FieldChange, effects: _Effects) -> None:
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


def _set_woke(tx: Tx, change: FieldChange, effects: _Effects) -> None:
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


def _set_starred(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    _set_conversation(tx, change, effects, starred=bool(change.after))


def _set_message_kind(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    """Let a message be what a person says it is, whatever its headers do (rule D1)."""
    key = messages.by_uid(tx.conn, change.uid)
    if key is not None and change.after in set(MessageClass):
        tx.conn.execute(update(message).where(message.c.id == key).values(kind=change.after))
        tx.touch(message=key)
        shown_in = _shown_in(tx, key)
        effects.conversations |= shown_in
        effects.clocks |= shown_in  # nobody waits for an answer to a machine (rules A3, B3)


def _set_merged_into(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    key = _conversation_id(tx, change.uid, effects)
    target = None if change.after is None else _conversation_id(tx, str(change.after), effects)
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


def _set_tag(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    conversation_id = _conversation_id(tx, change.uid, effects)
    tag_id = _tag_id(tx, change.field.removeprefix("tag:"))
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


def _set_customer_merged_into(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    key = _customer_id(tx, change.uid, effects)
    target = None if change.after is None else _customer_id(tx, str(change.after), effects)
    before = customer_merging.roots(tx.conn, [key])[key]
    tx.conn.execute(update(customer).where(customer.c.id == key).values(merged_into_id=target))
    after = customer_merging.roots(tx.conn, [key])[key]
    customer_merging.move(tx, key, before=before, after=after)
    effects.customers |= {before, after}


def _set_customer_tag(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    tag_id = _tag_id(tx, change.field.removeprefix("tag:"))
    key = _customer_id(tx, change.uid, effects)
    customer_fields.set_tag(tx, key, tag_id, on=bool(change.after))


def _set_customer_value(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    field_id = _row_id(tx, customer_field, change.field.removeprefix("field:"), name="")
    value = None if change.after is None else str(change.after)
    customer_fields.set_value(tx, _customer_id(tx, change.uid, effects), field_id, value)


def _set_apart(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    """Two customers were said not to be one, or to be no longer (rule E3)."""
    pair = {"one": change.uid, "other": change.field.removeprefix("apart:")}
    if change.after:
        tx.conn.execute(sqlite.insert(customer_apart).values(pair).on_conflict_do_nothing())
    else:
        tx.conn.execute(customer_apart.delete().filter_by(**pair))
    for uid in pair.values():
        _customer_id(tx, uid, effects)


_CUSTOMER_MEMBERS: dict[str, _Setter] = {
    "tag": _set_customer_tag,
    "field": _set_customer_value,
    "apart": _set_apart,
}


def _field_id(tx: Tx, uid: str) -> int:
    key = _row_id(tx, customer_field, uid, name="")
    tx.touch(customer_field=key)
    return key


def _set_field_choices(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    key = _field_id(tx, change.uid)
    choices = change.after if isinstance(change.after, list) else None
    tx.conn.execute(
        update(customer_field).where(customer_field.c.id == key).values(choices=choices)
    )


def _set_seen(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    key = messages.by_uid(tx.conn, change.uid)
    if key is not None:
        effects.conversations |= messages.set_seen(tx, {key: bool(change.after)})


def _of_chats(
    apply: Callable[[Tx, int, Any, datetime], None],
) -> _Setter:
    """Return a setter of what only messages of chats have."""

    def set_on_message(tx: Tx, change: FieldChange, effects: _Effects) -> None:
        key = messages.by_uid(tx.conn, change.uid)
        if key is not None:
            apply(tx, key, change.after, from_milliseconds(effects.at_ms))
            effects.conversations |= _shown_in(tx, key)

    return set_on_message


def _set_text(tx: Tx, key: int, after: Any, at: datetime) -> None:
    from desktop_inbox.store import chat_messages  # mail alone does without

    chat_messages.change_text(tx, key, str(after or ""), at=at)


def _set_withdrawn(tx: Tx, key: int, after: Any, at: datetime) -> None:
    from desktop_inbox.store import chat_messages

    chat_messages.withdraw(tx, key, at if after else None)


def _set_reaction(tx: Tx, key: int, after: Any, at: datetime) -> None:
    from desktop_inbox.store import chat_messages

    emojis = [str(one) for one in after] if isinstance(after, list) else []
    chat_messages.react(tx, key, chat_messages.OURS, emojis, at)


def _set_message_thread(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    """Let a message belong to another thread and lie where that one lies; answers follow it."""
    key = messages.by_uid(tx.conn, change.uid)
    found = tx.conn.execute(
        select(thread.c.id, thread.c.conversation_id).where(thread.c.uid == str(change.after))
    ).first()
    if key is None or found is None:
        return
    effects.conversations |= _shown_in(tx, key)
    for statement in _CLAIMS_FOLLOW:
        tx.conn.execute(statement, {"message": key, "thread": found.id})
    shown = conversations.roots(tx.conn, [found.conversation_id])[found.conversation_id]
    tx.conn.execute(
        update(message)
        .where(message.c.id == key)
        .values(thread_id=found.id, origin_id=found.conversation_id, conversation_id=shown)
    )
    tx.touch(message=key)
    effects.conversations.add(shown)


# Its Message-ID leads to the new thread, which the same people may join (rules C1, C2).
_CLAIMS_FOLLOW = (
    text(
        """
        INSERT OR IGNORE INTO thread_participant (thread_id, address)
        SELECT :thread, p.address FROM message m
        JOIN thread_participant p ON p.thread_id = m.thread_id WHERE m.id = :message
        """
    ),
    text(
        """
        UPDATE OR REPLACE thread_reference SET thread_id = :thread
        FROM message m
        WHERE m.id = :message AND thread_reference.message_id = m.external_id
            AND thread_reference.thread_id = m.thread_id AND thread_reference.named_by = '='
        """
    ),
)


def _set_thread_conversation(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    key = tx.conn.scalar(select(thread.c.id).where(thread.c.uid == change.uid))
    if key is not None:
        target = _conversation_id(tx, str(change.after), effects)
        threads.move(tx, [key], to_conversation=target)


def _set_note(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    """Write, move or take back a note: {"conversation", "agent", "at" (ms), "text"}, one value."""
    key = messages.by_uid(tx.conn, change.uid)
    if key is not None:
        effects.conversations |= _shown_in(tx, key)
    if isinstance(change.after, dict):
        _write_note(tx, change.uid, change.after, key, effects)
    elif key is not None:
        messages.remove(tx, key)


def _write_note(tx: Tx, uid: str, note: dict[str, Any], key: int | None, effects: _Effects) -> None:
    words = str(note["text"])
    lies_in = _conversation_id(tx, str(note["conversation"]), effects)
    if key is None:
        key = _insert_note(tx, uid, lies_in, note)
    else:
        shown = conversations.roots(tx.conn, [lies_in])[lies_in]
        moved = update(message).where(message.c.id == key)
        tx.conn.execute(moved.values(origin_id=lies_in, conversation_id=shown))
    short = " ".join(words.split())[:_SNIPPET_LENGTH]
    tx.conn.execute(update(message).where(message.c.id == key).values(snippet=short))
    messages.insert_bodies(tx, [messages.NewBody(message_id=key, text=words)])
    message_index.put_words(tx, key, body=words)
    tx.touch(message=key)
    effects.conversations |= _shown_in(tx, key)


def _insert_note(tx: Tx, uid: str, conversation_id: int, note: dict[str, Any]) -> int:
    at = from_milliseconds(int(note["at"]))
    (key,) = messages.next_ids(tx, [at])
    new = messages.NewMessage(
        id=key,
        uid=uid,
        conversation_id=conversation_id,
        direction=Direction.NOTE,
        agent_id=_agent_id(tx, str(note["agent"])),
        at=at,
    )
    messages.insert_messages(tx, [new])
    return key


def _shown_in(tx: Tx, message_id: int) -> set[int]:
    return set(tx.conn.scalars(select(message.c.conversation_id).where(message.c.id == message_id)))


def _column_setter(
    row_id: Callable[[Tx, FieldChange, _Effects], int], table: Table, column: str, kind: type
) -> _Setter:
    def set_column(tx: Tx, change: FieldChange, effects: _Effects) -> None:
        key = row_id(tx, change, effects)
        value = kind() if change.after is None else kind(change.after)
        tx.conn.execute(update(table).where(table.c.id == key).values({column: value}))

    return set_column


def _customer_column(column: str, kind: type = str) -> _Setter:
    return _column_setter(
        lambda tx, change, effects: _customer_id(tx, change.uid, effects), customer, column, kind
    )


def _field_column(column: str, kind: type) -> _Setter:
    return _column_setter(
        lambda tx, change, _: _field_id(tx, change.uid),
        customer_field,
        column,
        kind,
    )


def _agent_field(column: str) -> _Setter:
    return _column_setter(lambda tx, change, _: _agent_id(tx, change.uid), agent, column, str)


def _set_business_name(tx: Tx, change: FieldChange, _effects: _Effects) -> None:
    if change.uid == tx.workspace_uid:  # an event of another workspace names that one
        tx.conn.execute(update(workspace).values(name=str(change.after or "")))
        tx.touch(account=tx.conn.scalars(select(account.c.id)).all())  # shown with them


def _tag_field(column: str, kind: type) -> _Setter:
    return _column_setter(lambda tx, change, _: _tag_id(tx, change.uid), tag, column, kind)


_VERSIONED = {"sla_calendar": sla_calendar, "sla_policy": sla_policy}


def _versioned_id(tx: Tx, change: FieldChange, _effects: _Effects) -> int:
    key = _row_id(tx, _VERSIONED[change.entity], change.uid, versions=[])
    service_levels.renew_later(tx)
    return key


def _set_version(tx: Tx, change: FieldChange, effects: _Effects) -> None:
    """Let a calendar or policy be so from a time on: "version:MS", taken back with None (B8)."""
    since = change.field.removeprefix("version:")
    if since.isdecimal():
        key = _versioned_id(tx, change, effects)
        version = change.after if isinstance(change.after, dict) else None
        policies.set_version(tx, _VERSIONED[change.entity], key, int(since), version)


def _versioned_column(table: Table, column: str, kind: type) -> _Setter:
    return _column_setter(_versioned_id, table, column, kind)


def _set_promised_by(set_column: _Setter) -> _Setter:
    """Return a setter of what service levels may be promised by."""

    def set_and_renew(tx: Tx, change: FieldChange, effects: _Effects) -> None:
        set_column(tx, change, effects)
        service_levels.renew_later(tx)

    return set_and_renew


def _view_field(column: str, kind: type) -> _Setter:
    return _column_setter(lambda tx, change, _: _view_id(tx, change.uid), saved_view, column, kind)


def _set_view_condition(tx: Tx, change: FieldChange, _effects: _Effects) -> None:
    key = _view_id(tx, change.uid)
    tx.conn.execute(update(saved_view).where(saved_view.c.id == key).values(condition=change.after))


def _set_canned_body(tx: Tx, change: FieldChange, _effects: _Effects) -> None:
    """Write the text of a canned response in one language, or take it away."""
    key = _canned_id(tx, change.uid)
    language = change.field.removeprefix("body:")
    known = tx.conn.scalar(select(canned_response.c.bodies).where(canned_response.c.id == key))
    bodies = dict(known) if isinstance(known, dict) else {}
    bodies.pop(language, None)
    if change.after:
        bodies[language] = str(change.after)
    ordered = dict(sorted(bodies.items()))
    tx.conn.execute(
        update(canned_response).where(canned_response.c.id == key).values(bodies=ordered)
    )


def _canned_field(column: str, kind: type) -> _Setter:
    return _column_setter(
        lambda tx, change, _: _canned_id(tx, change.uid), canned_response, column, kind
    )


_SETTERS: dict[tuple[str, str], _Setter] = {
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
    ("message", "seen"): _set_seen,
    ("message", "kind"): _set_message_kind,
    ("message", "thread"): _set_message_thread,
    ("message", "text"): _of_chats(_set_text),
    ("message", "withdrawn"): _of_chats(_set_withdrawn),
    ("message", "reaction"): _of_chats(_set_reaction),
    ("thread", "conversation"): _set_thread_conversation,
    ("note", "content"): _set_note,
    ("customer", "name"): _customer_column("name"),
    ("customer", "company"): _customer_column("company"),
    ("customer", "notes"): _customer_column("notes"),
    ("customer", "vip"): _customer_column("vip", bool),
    ("customer", "blocked"): _customer_column("blocked", bool),
    ("customer", "language"): _customer_column("language"),
    ("customer", "time_zone"): _customer_column("time_zone"),
    ("customer", "merged_into"): _set_customer_merged_into,
    ("customer_field", "name"): _field_column("name", str),
    ("customer_field", "kind"): _field_column("kind", str),
    ("customer_field", "deleted"): _set_promised_by(_field_column("deleted", bool)),
    ("customer_field", "choices"): _set_field_choices,
    ("agent", "name"): _agent_field("name"),
    ("agent", "signature"): _agent_field("signature"),
    ("workspace", "name"): _set_business_name,
    ("tag", "name"): _tag_field("name", str),
    ("tag", "hue"): _tag_field("hue", int),
    ("tag", "deleted"): _set_promised_by(_tag_field("deleted", bool)),
    ("sla_calendar", "deleted"): _versioned_column(sla_calendar, "deleted", bool),
    ("sla_policy", "deleted"): _versioned_column(sla_policy, "deleted", bool),
    ("view", "name"): _view_field("name", str),
    ("view", "condition"): _set_view_condition,
    ("view", "position"): _view_field("position", str),
    ("view", "deleted"): _view_field("deleted", bool),
    ("canned", "title"): _canned_field("title", str),
    ("canned", "shortcut"): _canned_field("shortcut", str),
    ("canned", "body"): _canned_field("body", str),
    ("canned", "folder"): _canned_field("folder", str),
    ("canned", "files"): _canned_field("files", list),
    ("canned", "channels"): _canned_field("channels", list),
    ("canned", "tag"): _canned_field("tag", str),
    ("canned", "status"): _canned_field("status", str),
    ("canned", "steps"): _canned_field("steps", list),
    ("canned", "deleted"): _canned_field("deleted", bool),
}
