"""What a business keeps of its customers besides everybody's: fields of its own, and tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import sqlite

from desktop_inbox.store import bulk
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import customer_field, customer_tag, customer_value, tag


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A field of one's own."""

    id: int
    uid: str
    name: str
    kind: str  # a domain.customer_fields.FieldKind
    choices: tuple[str, ...] = ()


# Reading


def list_all(conn: Connection) -> list[FieldRow]:
    """Return the fields there are, in the order they were made."""
    found = conn.execute(
        select(*customer_field.c["id", "uid", "name", "kind", "choices"])
        .where(customer_field.c.deleted.is_(False), customer_field.c.kind != "")
        .order_by(customer_field.c.id)
    )
    return [
        FieldRow(id=key, uid=uid, name=name, kind=kind, choices=tuple(choices or ()))
        for key, uid, name, kind, choices in found
    ]


def by_name(conn: Connection, name: str) -> FieldRow | None:
    """Return the field of this name, in whatever case."""
    wanted = name.strip().casefold()
    return next((one for one in list_all(conn) if one.name.casefold() == wanted), None)


def values(conn: Connection, wanted: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return what is known of customers: field uid to value, by customer."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for key, uid, value in conn.execute(
        select(customer_value.c.customer_id, customer_field.c.uid, customer_value.c.value)
        .join(customer_field, customer_field.c.id == customer_value.c.field_id)
        .where(customer_value.c.customer_id.in_(bulk.values(wanted)))
        .order_by(customer_field.c.id)
    ):
        found[key][uid] = value
    return found


def tags_of(conn: Connection, wanted: Iterable[int]) -> dict[int, tuple[TagRow, ...]]:
    """Return the tags that customers bear, by name."""
    found: dict[int, list[TagRow]] = defaultdict(list)
    for owner, key, uid, name, hue in conn.execute(
        select(customer_tag.c.customer_id, *tag.c["id", "uid", "name", "hue"])
        .join(tag, tag.c.id == customer_tag.c.tag_id)
        .where(
            customer_tag.c.customer_id.in_(bulk.values(wanted)),
            tag.c.deleted.is_(False),
        )
        .order_by(func.lower(tag.c.name), tag.c.id)
    ):
        found[owner].append(TagRow(id=key, uid=uid, name=name, hue=hue))
    return {owner: tuple(rows) for owner, rows in found.items()}


# Writing, from events only


def set_value(tx: Tx, customer_id: int, field_id: int, value: str | None) -> None:
    """Let a customer have a value in a field, or with None no more."""
    if value is None:
        tx.conn.execute(
            delete(customer_value).where(
                customer_value.c.customer_id == customer_id,
                customer_value.c.field_id == field_id,
            )
        )
        return
    statement = sqlite.insert(customer_value).values(
        customer_id=customer_id, field_id=field_id, value=value
    )
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["customer_id", "field_id"], set_={"value": statement.excluded.value}
        )
    )


def set_tag(tx: Tx, customer_id: int, tag_id: int, *, on: bool) -> None:
    """Let a customer bear a tag, or no more."""
    if on:
        tx.conn.execute(
            sqlite.insert(customer_tag)
            .values(customer_id=customer_id, tag_id=tag_id)
            .on_conflict_do_nothing()
        )
    else:
        tx.conn.execute(
            delete(customer_tag).where(
                customer_tag.c.customer_id == customer_id, customer_tag.c.tag_id == tag_id
            )
        )
