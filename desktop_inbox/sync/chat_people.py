"""Whose the identities of a messaging channel are: known, vouched for, or a new customer's.

Runs on the store's writer thread, as part of the one transaction of ingest (rules E1 to E3, E6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from desktop_inbox.connectors.chat import Person
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.same_person import is_sure
from desktop_inbox.store import customers
from desktop_inbox.store.customers import IdentityKey, Owner
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.people import Stranger, new_identity, owners_of
from desktop_inbox.sync.spoken import identity_of, key_of


def owners_of_people(
    tx: Tx, mailbox: Mailbox, people: Iterable[tuple[Person, datetime]]
) -> dict[IdentityKey, Owner]:
    """Return whose the identities of these people are, first seen at these moments.

    Somebody new whom the service vouches to be a known one is that one where that is sure (rule
    E3b); everybody else new becomes a customer, and what was vouched for is suggested.
    """
    wanted: dict[IdentityKey, tuple[Person, datetime]] = {}
    for person, at in people:
        key = identity_of(person, mailbox)
        if key.address:
            known = wanted.get(key)
            named = person if known is None or (person.name and not known[0].name) else known[0]
            wanted[key] = named, min(at, known[1]) if known else at
    vouched = {key: _vouched(person) for key, (person, _) in wanted.items()}
    asked = {*wanted, *(one for some in vouched.values() for one in some)}
    found = customers.owners(tx.conn, asked)
    for key in wanted:
        if key not in found and (owner := _attested_owner(tx, key, vouched[key], found)):
            found |= _add(tx, key, wanted[key][0].label or key.address, owner)
    strangers = {
        key: Stranger(name=_name(person), label=visible(person.label or key.address), seen_at=at)
        for key, (person, at) in wanted.items()
    }
    found |= owners_of(tx, strangers)
    for key in wanted:
        for one in vouched[key]:
            if one not in found:
                found |= _add(tx, one, one.address, found[key].customer_id)
    _keep_what_was_vouched_for(tx, wanted, vouched, found)
    _name_nameless(tx, wanted, found)
    return found


def _keep_what_was_vouched_for(
    tx: Tx,
    wanted: Mapping[IdentityKey, tuple[Person, datetime]],
    vouched: Mapping[IdentityKey, Iterable[IdentityKey]],
    found: Mapping[IdentityKey, Owner],
) -> None:
    """Note which identities are verified now, and who is said to be somebody else as well."""
    proven, claims = [], []
    for key, (person, _) in wanted.items():
        if person.proven:
            proven.append(found[key])
        for one in vouched[key]:
            if found[one].customer_id == found[key].customer_id:
                proven.append(found[one])
            else:
                claims.append((found[key], found[one]))
    customers.verify(tx, proven)
    customers.claim(tx, claims)


def _vouched(person: Person) -> list[IdentityKey]:
    keys = [key_of(kind, address) for kind, address in person.attested]
    return [key for key in keys if key.address]


def _attested_owner(
    tx: Tx, key: IdentityKey, vouched: Iterable[IdentityKey], found: Mapping[IdentityKey, Owner]
) -> int | None:
    known = {one: found[one] for one in vouched if one in found}
    owners = {owner.customer_id for owner in known.values()}
    if len(owners) != 1:
        return None
    (customer_id,) = owners
    conflicting = customers.has_identity_of(tx.conn, customer_id, key)
    sure = any(
        is_sure(one.kind, verified=owner.verified, conflicting=conflicting)
        for one, owner in known.items()
    )
    return customer_id if sure else None


def _add(tx: Tx, key: IdentityKey, label: str, customer_id: int) -> dict[IdentityKey, Owner]:
    added = customers.add_identities(tx, [new_identity(tx, key, visible(label), customer_id)])
    customers.index(tx, [customer_id])
    return added


def _name(person: Person) -> str:
    """Return what somebody calls themselves; '' for what is only an address (rule E2)."""
    name = visible(person.name)
    return "" if name in (person.address, person.label) else name


def _name_nameless(
    tx: Tx,
    people: Mapping[IdentityKey, tuple[Person, datetime]],
    found: Mapping[IdentityKey, Owner],
) -> None:
    names = {
        found[key].customer_id: _name(person)
        for key, (person, _) in people.items()
        if _name(person)
    }
    nameless = {
        row.id: names[row.id] for row in customers.rows(tx.conn, names).values() if not row.name
    }
    customers.fill_names(tx, nameless)
    if nameless:
        customers.index(tx, nameless)
    languages = {
        found[key].customer_id: person.language
        for key, (person, _) in people.items()
        if person.language
    }
    customers.fill_languages(tx, languages)
