"""The log of what we did, and the one door through which it changes the tables.

Each field keeps the clock of the event that last wrote it, so events may come twice and in any
order and the tables end the same. Kinds and fields we do not know are kept and skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, RowMapping, bindparam, func, select
from sqlalchemy.dialects import sqlite

from desktop_inbox.domain.clock import Hlc
from desktop_inbox.domain.events import Event, FieldChange
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import conversations, customers, service_levels
from desktop_inbox.store.database import Tx
from desktop_inbox.store.fields import Effects, setter_of
from desktop_inbox.store.rows import EventRow
from desktop_inbox.store.schema import agent, conversation, event, field_clock

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
    found = conn.scalars(_SAID, {"conversation": conversation, "kind": kind})
    return any(change[2] == field for changes in found for change in changes)


# Made once: a first sync writes thousands of events, and building a statement costs most of one.
_SAID = select(event.c.changes).where(
    event.c.conversation == bindparam("conversation"), event.c.kind == bindparam("kind")
)


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
    last = tx.conn.scalar(_LAST)
    return (here.after(Hlc.parse(last)) if last else here).next(tx.now)


_LAST = select(func.max(event.c.hlc))


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
    effects = Effects(at_ms=done.hlc.milliseconds)
    for change in done.changes:
        setter = setter_of(change)
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
        _STORE,
        {
            "uid": done.uid,
            "hlc": str(done.hlc),
            "device": done.hlc.device,
            "actor": done.actor,
            "at": done.at,
            "kind": done.kind,
            "group_uid": done.group_uid,
            "undo_of": done.undo_of,
            "conversation": done.conversation,
            "changes": [list(change) for change in done.changes],
        },
    )
    return bool(added.rowcount)


_STORE = sqlite.insert(event).on_conflict_do_nothing()


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
