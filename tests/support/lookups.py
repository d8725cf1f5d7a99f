"""What tests ask a workspace, and the program never does."""

from __future__ import annotations

from sqlalchemy import Connection, select

from desktop_inbox.domain.events import Event
from desktop_inbox.store import customer_merging, customers, events
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.store.schema import event


def customer_known_as(conn: Connection, kind: str, address: str) -> CustomerRow | None:
    """Return whom a normalised address belongs to."""
    key = IdentityKey(kind, "", address)
    owner = customers.owners(conn, [key]).get(key)
    if owner is None:
        return None
    roots = customer_merging.roots(conn, [owner.customer_id])
    return customers.row(conn, roots[owner.customer_id])


def whole_log(conn: Connection) -> list[Event]:
    """Return every event in the order of the clock."""
    found = conn.execute(select(event).order_by(event.c.hlc)).mappings()
    return [events.from_row(row) for row in found]
