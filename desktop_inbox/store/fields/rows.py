"""What setting a field needs: the rows that events name, and what is computed again after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Column, Table, select, update
from sqlalchemy.dialects import sqlite

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.store import service_levels, unmade
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.schema import agent, conversation, customer, field_clock, message, tag


@dataclass(slots=True)
class Effects:
    """What has to be computed again once all fields of an event are set."""

    at_ms: int
    conversations: set[int] = field(default_factory=set)
    clocks: set[int] = field(default_factory=set)  # of conversations
    customers: set[int] = field(default_factory=set)


Setter = Callable[[Tx, FieldChange, Effects], None]


def row_key(tx: Tx, table: Table, uid: str, **defaults: object) -> int:
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


def conversation_key(tx: Tx, uid: str, effects: Effects) -> int:
    """Return the key of a conversation; its service levels are computed again."""
    at = from_milliseconds(effects.at_ms)
    key = row_key(
        tx, conversation, uid, subject="", status=Status.OPEN.value, created_at=at, last_at=at
    )
    _date_back(tx, conversation.c.created_at, key, effects)
    effects.clocks.add(key)
    tx.touch(conversation=key)
    return key


def _date_back(tx: Tx, column: Column[datetime], key: int, effects: Effects) -> None:
    """Let a row be as old as the first event that names it, in whatever order they come."""
    at = from_milliseconds(effects.at_ms)
    tx.conn.execute(
        update(column.table).where(column.table.c.id == key, column > at).values({column.name: at})
    )


def customer_key(tx: Tx, uid: str, effects: Effects) -> int:
    """Return the key of a customer, who is indexed again."""
    key = row_key(tx, customer, uid, name="", first_seen_at=from_milliseconds(effects.at_ms))
    _date_back(tx, customer.c.first_seen_at, key, effects)
    effects.customers.add(key)
    tx.touch(customer=key)
    return key


def agent_key(tx: Tx, uid: str) -> int:
    """Return the key of somebody who works here."""
    return row_key(tx, agent, uid, name="")


def tag_key(tx: Tx, uid: str) -> int:
    """Return the key of a tag."""
    key = row_key(tx, tag, uid, name="", hue=0)
    tx.touch(tag=key)
    return key


def shown_in(tx: Tx, message_id: int) -> set[int]:
    """Return the conversation that shows a message, none where it is gone."""
    return set(tx.conn.scalars(select(message.c.conversation_id).where(message.c.id == message_id)))


def column_setter(
    row_of: Callable[[Tx, FieldChange, Effects], int], table: Table, column: str, kind: type
) -> Setter:
    """Return a setter of one column, which takes `kind()` where the change says nothing."""

    def set_column(tx: Tx, change: FieldChange, effects: Effects) -> None:
        key = row_of(tx, change, effects)
        value = kind() if change.after is None else kind(change.after)
        tx.conn.execute(update(table).where(table.c.id == key).values({column: value}))

    return set_column


def promised_by(set_column: Setter) -> Setter:
    """Return a setter of what service levels may be promised by."""

    def set_and_renew(tx: Tx, change: FieldChange, effects: Effects) -> None:
        set_column(tx, change, effects)
        service_levels.renew_later(tx)

    return set_and_renew
