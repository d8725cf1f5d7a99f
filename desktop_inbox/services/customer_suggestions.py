"""What a person says to a suggestion that two customers are one (rule E3)."""

from __future__ import annotations

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.services.changing import Group
from desktop_inbox.store import customers
from desktop_inbox.store.database import Tx


def dismiss(tx: Tx, one_id: int, other_id: int) -> str | None:
    """Remember that two customers are not one; return the group to undo it by.

    Raises:
        UserError: "customer-missing"; "merge-same-customer".
    """
    uids = []
    for key in (one_id, other_id):
        row = customers.row(tx.conn, key)
        if row is None:
            raise UserError("customer-missing", id=key)
        uids.append(row.uid)
    one, other = sorted(uids)
    if one == other:
        raise UserError("merge-same-customer")
    group = Group(tx)
    group.record("customer.apart", [FieldChange("customer", one, f"apart:{other}", None, True)])
    return group.uid
