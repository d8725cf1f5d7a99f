"""The fields of customers and of the fields one keeps of them."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.dialects import sqlite

from desktop_inbox.domain.events import FieldChange
from desktop_inbox.store import customer_fields, customer_merging
from desktop_inbox.store.database import Tx
from desktop_inbox.store.fields.rows import (
    Effects,
    Setter,
    column_setter,
    customer_key,
    promised_by,
    row_key,
    tag_key,
)
from desktop_inbox.store.schema import customer, customer_apart, customer_field


def _customer_column(column: str, kind: type = str) -> Setter:
    return column_setter(
        lambda tx, change, effects: customer_key(tx, change.uid, effects), customer, column, kind
    )


def _set_customer_merged_into(tx: Tx, change: FieldChange, effects: Effects) -> None:
    key = customer_key(tx, change.uid, effects)
    target = None if change.after is None else customer_key(tx, str(change.after), effects)
    before = customer_merging.roots(tx.conn, [key])[key]
    tx.conn.execute(update(customer).where(customer.c.id == key).values(merged_into_id=target))
    after = customer_merging.roots(tx.conn, [key])[key]
    customer_merging.move(tx, key, before=before, after=after)
    effects.customers |= {before, after}


def _set_customer_tag(tx: Tx, change: FieldChange, effects: Effects) -> None:
    tag_id = tag_key(tx, change.field.removeprefix("tag:"))
    key = customer_key(tx, change.uid, effects)
    customer_fields.set_tag(tx, key, tag_id, on=bool(change.after))


def _set_customer_value(tx: Tx, change: FieldChange, effects: Effects) -> None:
    field_id = row_key(tx, customer_field, change.field.removeprefix("field:"), name="")
    value = None if change.after is None else str(change.after)
    customer_fields.set_value(tx, customer_key(tx, change.uid, effects), field_id, value)


def _set_apart(tx: Tx, change: FieldChange, effects: Effects) -> None:
    """Two customers were said not to be one, or to be no longer (rule E3)."""
    pair = {"one": change.uid, "other": change.field.removeprefix("apart:")}
    if change.after:
        tx.conn.execute(sqlite.insert(customer_apart).values(pair).on_conflict_do_nothing())
    else:
        tx.conn.execute(customer_apart.delete().filter_by(**pair))
    for uid in pair.values():
        customer_key(tx, uid, effects)


MEMBERS: dict[str, Setter] = {
    "tag": _set_customer_tag,
    "field": _set_customer_value,
    "apart": _set_apart,
}


def _field_key(tx: Tx, uid: str) -> int:
    key = row_key(tx, customer_field, uid, name="")
    tx.touch(customer_field=key)
    return key


def _field_column(column: str, kind: type) -> Setter:
    return column_setter(
        lambda tx, change, _: _field_key(tx, change.uid),
        customer_field,
        column,
        kind,
    )


def _set_field_choices(tx: Tx, change: FieldChange, effects: Effects) -> None:
    key = _field_key(tx, change.uid)
    choices = change.after if isinstance(change.after, list) else None
    tx.conn.execute(
        update(customer_field).where(customer_field.c.id == key).values(choices=choices)
    )


SETTERS: dict[tuple[str, str], Setter] = {
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
    ("customer_field", "deleted"): promised_by(_field_column("deleted", bool)),
    ("customer_field", "choices"): _set_field_choices,
}
