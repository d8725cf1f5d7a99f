"""What a person can change about a customer. Functions of a transaction."""

from __future__ import annotations

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.services.changing import Group
from desktop_inbox.store import customers
from desktop_inbox.store.database import Tx


def edit(
    tx: Tx,
    customer_id: int,
    *,
    name: str | None = None,
    company: str | None = None,
    notes: str | None = None,
) -> str | None:
    """Change what is given; return the group to undo it by, None where nothing changed.

    Raises:
        UserError: "customer-missing".
    """
    row = customers.row(tx.conn, customer_id)
    if row is None:
        raise UserError("customer-missing", id=customer_id)
    given = {"name": name, "company": company, "notes": notes}
    known = {"name": row.name, "company": row.company, "notes": row.notes}
    changes = [
        FieldChange("customer", row.uid, field, known[field], value.strip())
        for field, value in given.items()
        if value is not None
    ]
    group = Group(tx)
    group.record("customer.edit", changes)
    return group.uid
