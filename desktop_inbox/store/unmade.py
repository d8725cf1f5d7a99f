"""Forgets what was made and taken back, once nothing of it is in force and nothing refers to it.

The log still tells of it, so that taking back the undo makes it again. The thread of the writer.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Column, ColumnElement, Table, delete, exists, select

from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import (
    canned_response,
    conversation,
    conversation_tag,
    customer_field,
    customer_tag,
    customer_value,
    saved_view,
    sla_calendar,
    sla_policy,
    tag,
)

# What events make, by the name they have for it. All can be taken away again: `deleted`.
TABLES: dict[str, Table] = {
    "tag": tag,
    "canned": canned_response,
    "customer_field": customer_field,
    "view": saved_view,
    "sla_calendar": sla_calendar,
    "sla_policy": sla_policy,
}
# The columns that refer to a row, with the column of the row they hold.
_REFERRING: dict[str, tuple[tuple[Column[object], str], ...]] = {
    "tag": ((conversation_tag.c.tag_id, "id"), (customer_tag.c.tag_id, "id")),
    "customer_field": ((customer_value.c.field_id, "id"),),
    "sla_policy": ((conversation.c.pinned_policy, "uid"),),
}


def forget(tx: Tx, entity: str, uids: Collection[str]) -> None:
    """Remove those of these that are taken away and that no other row refers to.

    Whoever calls knows that no event about them is in force.
    """
    table = TABLES[entity]
    gone: list[ColumnElement[bool]] = [table.c.uid.in_(list(uids)), table.c.deleted.is_(True)]
    gone += [
        ~exists(select(column).where(column == table.c[own]))
        for column, own in _REFERRING.get(entity, ())
    ]
    tx.conn.execute(delete(table).where(*gone))
