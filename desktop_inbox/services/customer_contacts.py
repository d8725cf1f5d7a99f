"""Giving a customer further numbers and addresses. Functions of a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.phones import normalise_phone
from desktop_inbox.services.customers import shown
from desktop_inbox.store import customer_merging, customers
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.people import new_identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of numbers and addresses, as they were written."""

    new: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()  # known to be this customer's already
    others: tuple[str, ...] = ()  # known to be somebody else's: they stay so (rule E3)
    unreadable: tuple[str, ...] = ()


def add(
    tx: Tx,
    customer_id: int,
    *,
    phones: Sequence[str] = (),
    emails: Sequence[str] = (),
    region: str = "",
) -> Added:
    """Let these be a customer's from now on, unless they are somebody else's already.

    Raises:
        UserError: "customer-missing".
    """
    row = shown(tx, customer_id)
    keys = {written: _phone(written, region) for written in phones}
    keys |= {written: _email(written) for written in emails}
    readable = {written: key for written, key in keys.items() if key is not None}
    owners = customers.owners(tx.conn, list(readable.values()))
    fresh = {key: written for written, key in readable.items() if key not in owners}
    customers.add_identities(
        tx, [new_identity(tx, key, written, row.id) for key, written in fresh.items()]
    )
    customers.index(tx, [row.id])
    known = {written: owners[key].customer_id for written, key in readable.items() if key in owners}
    roots = customer_merging.roots(tx.conn, known.values())
    return Added(
        new=tuple(fresh.values()),
        theirs=tuple(written for written, owner in known.items() if roots[owner] == row.id),
        others=tuple(written for written, owner in known.items() if roots[owner] != row.id),
        unreadable=tuple(written for written in keys if written not in readable),
    )


def _phone(written: str, region: str) -> IdentityKey | None:
    number = normalise_phone(written, region=region)
    return IdentityKey("phone", "", number) if number else None


def _email(written: str) -> IdentityKey | None:
    address = normalise_email(written)
    return IdentityKey("email", "", address) if "@" in address else None
