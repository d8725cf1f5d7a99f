"""Who writes: identities looked up for a whole batch, strangers made customers (rules E1, E3a).

Runs on the store's writer thread, as part of the one transaction of ingest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from desktop_inbox.domain.uid import found_uid
from desktop_inbox.store import customers
from desktop_inbox.store.customers import IdentityKey, Owner
from desktop_inbox.store.database import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """What is known of somebody who may be new."""

    name: str  # '' where only an address is known
    label: str  # the address as it is shown
    seen_at: datetime


def owners_of(tx: Tx, people: Mapping[IdentityKey, Stranger]) -> dict[IdentityKey, Owner]:
    """Return whose these identities are; strangers become customers."""
    found = customers.owners(tx.conn, people)
    strangers = {key: one for key, one in people.items() if key not in found}
    if strangers:
        found |= _new_customers(tx, strangers)
    return found


def _new_customers(tx: Tx, strangers: Mapping[IdentityKey, Stranger]) -> dict[IdentityKey, Owner]:
    uids = {key: found_uid(tx.workspace_uid, "customer", *key) for key in strangers}
    ids = customers.create(
        tx,
        [
            customers.NewCustomer(uid=uids[key], name=one.name, first_seen_at=one.seen_at)
            for key, one in strangers.items()
        ],
    )
    owners = {key: ids[uids[key]] for key in strangers}
    found = customers.add_identities(
        tx, [new_identity(tx, key, strangers[key].label, owners[key]) for key in strangers]
    )
    customers.index(tx, ids.values())
    return found


def new_identity(tx: Tx, key: IdentityKey, label: str, customer_id: int) -> customers.NewIdentity:
    """Return an identity about to be a customer's, named as every device names it."""
    return customers.NewIdentity(
        uid=found_uid(tx.workspace_uid, "identity", *key),
        customer_id=customer_id,
        key=key,
        label=label,
    )
