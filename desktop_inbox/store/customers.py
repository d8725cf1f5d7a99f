"""Customers and the addresses they are known by."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, text, update

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.phones import search_token
from desktop_inbox.domain.same_person import secondary_key
from desktop_inbox.store import bulk, customer_merging
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import CustomerRow, IdentityRow
from desktop_inbox.store.schema import customer, identity, identity_claim


class IdentityKey(NamedTuple):
    """What makes an identity one: compared after normalising (rule E2)."""

    kind: str
    scope: str  # '' or an account's uid
    address: str


class Owner(NamedTuple):
    """Whose identity it is by itself; where customers were merged, it is shown with another."""

    identity_id: int
    customer_id: int
    verified: bool = False  # its service vouches for it, or a mail proved it (rule E1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """Somebody we did not know."""

    uid: str
    name: str  # '' where only an address is known
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIdentity:
    """An address somebody writes from."""

    uid: str
    customer_id: int
    key: IdentityKey
    label: str  # as first written


# Reading


def row(conn: Connection, customer_id: int) -> CustomerRow | None:
    """Return one customer, None where there is none."""
    return rows(conn, [customer_id]).get(customer_id)


def rows(conn: Connection, wanted: Iterable[int]) -> dict[int, CustomerRow]:
    """Return the customers with these ids; those that are gone are left out."""
    keys = {"ids": bulk.packed(wanted)}
    known: dict[int, list[IdentityRow]] = defaultdict(list)
    for key, owner, kind, address, label, verified in conn.execute(_IDENTITIES, keys):
        one = IdentityRow(id=key, kind=kind, address=address, label=label, verified=verified)
        known[owner].append(one)
    return {
        one["id"]: CustomerRow(**one, identities=tuple(known.get(one["id"], ())))
        for one in conn.execute(_CUSTOMERS, keys).mappings()
    }


_IDENTITIES = (
    select(*identity.c["id", "customer_id", "kind", "address", "label", "verified"])
    .where(identity.c.customer_id.in_(bulk.values_of("ids")))
    .order_by(identity.c.id)
)
_PLAIN = ("id", "uid", "name", "company", "notes", "first_seen_at")
_MARKS = ("vip", "blocked", "language", "time_zone")
_CUSTOMERS = select(*customer.c[*_PLAIN, *_MARKS]).where(customer.c.id.in_(bulk.values_of("ids")))


def list_all(conn: Connection, *, limit: int = 100, after: int = 0) -> list[CustomerRow]:
    """Return customers in the order they were first stored, from behind the id `after`."""
    keys = conn.scalars(
        select(customer.c.id)
        .where(customer.c.id > after, customer.c.merged_into_id.is_(None))
        .order_by(customer.c.id)
        .limit(limit)
    ).all()
    by_id = rows(conn, keys)
    return [by_id[key] for key in keys]


def owners(conn: Connection, keys: Iterable[IdentityKey]) -> dict[IdentityKey, Owner]:
    """Return whose each of these identities is; unknown ones are left out (rule E3a)."""
    found: dict[IdentityKey, Owner] = {}
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key in keys:
        grouped[key.kind, key.scope].append(key.address)
    for (kind, scope), addresses in grouped.items():
        wanted = {"kind": kind, "scope": scope, "addresses": bulk.packed(addresses)}
        for address, *owner in conn.execute(_OWNERS, wanted).all():
            found[IdentityKey(kind, scope, address)] = Owner(*owner)
    return found


_OWNERS = select(
    identity.c.address,
    identity.c.id,
    func.coalesce(identity.c.origin_id, identity.c.customer_id),
    identity.c.verified,
).where(
    identity.c.kind == bindparam("kind"),
    identity.c.scope == bindparam("scope"),
    identity.c.address.in_(bulk.values_of("addresses")),
)


def has_identity_of(conn: Connection, customer_id: int, like: IdentityKey) -> bool:
    """Tell whether a customer has an identity of this kind and scope, merges followed."""
    root = customer_merging.roots(conn, [customer_id])[customer_id]
    query = select(identity.c.id).where(
        identity.c.customer_id == root,
        identity.c.kind == like.kind,
        identity.c.scope == like.scope,
    )
    return conn.execute(query.limit(1)).first() is not None


def blocked(conn: Connection, wanted: Iterable[int]) -> set[int]:
    """Return who of these was blocked, by themselves or as whom they are shown."""
    roots = customer_merging.roots(conn, wanted)
    marked = set(conn.scalars(_BLOCKED, {"ids": bulk.packed(roots.values())}))
    return {key for key, root in roots.items() if root in marked}


_BLOCKED = select(customer.c.id).where(customer.c.blocked, customer.c.id.in_(bulk.values_of("ids")))


def by_uid(conn: Connection, uid: str) -> int | None:
    """Return the id of the customer with this uid."""
    return conn.scalar(select(customer.c.id).where(customer.c.uid == uid))


# Writing


def create(tx: Tx, new: Sequence[NewCustomer]) -> dict[str, int]:
    """Store customers and return their ids by uid; those already here stay as they are."""
    stored = bulk.ensure_named(
        tx.conn,
        customer,
        [{"uid": one.uid, "name": one.name, "first_seen_at": one.first_seen_at} for one in new],
    )
    tx.touch(customer=stored.values())
    return stored


def add_identities(tx: Tx, new: Sequence[NewIdentity]) -> dict[IdentityKey, Owner]:
    """Store identities and return whose each one is: an address already here keeps its owner."""
    bulk.insert_new(
        tx.conn,
        identity,
        [
            {
                "uid": one.uid,
                "customer_id": one.customer_id,
                "kind": one.key.kind,
                "scope": one.key.scope,
                "address": one.key.address,
                "label": one.label,
                "secondary": secondary_key(one.key.kind, one.key.address) or None,
            }
            for one in new
        ],
    )
    customer_merging.show_with_roots(tx, [one.customer_id for one in new])
    tx.touch(customer=[one.customer_id for one in new])
    return owners(tx.conn, [one.key for one in new])


def verify(tx: Tx, proven: Iterable[Owner]) -> None:
    """Note that identities are whose they seem to be; what is known once stays known."""
    new = [owner for owner in proven if not owner.verified]
    if new:
        keys = bulk.values(owner.identity_id for owner in new)
        tx.conn.execute(update(identity).where(identity.c.id.in_(keys)).values(verified=True))
        tx.touch(customer=[owner.customer_id for owner in new])


def claim(tx: Tx, claims: Iterable[tuple[Owner, Owner]]) -> None:
    """Note of whom a service says that they are somebody else here as well (rule E3)."""
    bulk.insert_new(
        tx.conn,
        identity_claim,
        [
            {"identity_id": one.identity_id, "claimed_id": other.identity_id}
            for one, other in claims
        ],
    )


def fill_names(tx: Tx, names: dict[int, str]) -> None:
    """Give customers a name who have none; a name that is there is never overwritten."""
    if names:
        tx.conn.execute(
            text("UPDATE customer SET name = :name WHERE id = :id AND name = ''"),
            [{"id": key, "name": name} for key, name in names.items()],
        )
        tx.touch(customer=names)


def fill_languages(tx: Tx, languages: dict[int, str]) -> None:
    """Note which language customers speak of whom nobody knows it."""
    if languages:
        tx.conn.execute(
            text("UPDATE customer SET language = :language WHERE id = :id AND language = ''"),
            [{"id": key, "language": language} for key, language in languages.items()],
        )


def index(tx: Tx, wanted: Iterable[int]) -> None:
    """Put customers into the search index, in place of what it held of them.

    Those who were merged into others are found by the words of the others.
    """
    asked = {"ids": json.dumps(list(wanted))}
    gone = tx.conn.scalars(_MERGED_AWAY, asked).all()
    if gone:
        tx.conn.exec_driver_sql(
            "DELETE FROM customer_fts WHERE rowid = ?", [(key,) for key in gone]
        )
    found = tx.conn.execute(_WORDS, asked).all()
    if found:
        tx.conn.exec_driver_sql(
            "INSERT OR REPLACE INTO customer_fts (rowid, words) VALUES (?, ?)",
            [(key, _indexed(words, json.loads(phones))) for key, words, phones in found],
        )


def _indexed(words: str, phones: Iterable[str]) -> str:
    """Return what is indexed of a customer; numbers also under their search token."""
    return " ".join((fold(words), *map(search_token, phones)))


_WORDS = text(
    """
    SELECT c.id, c.name || ' ' || c.company || ' ' || coalesce(
        (SELECT group_concat(i.address || ' ' || i.label, ' ') FROM identity i
         WHERE i.customer_id = c.id), '') || ' ' || coalesce(
        (SELECT group_concat(v.value, ' ') FROM customer_value v WHERE v.customer_id = c.id), ''),
        (SELECT json_group_array(i.address) FROM identity i
         WHERE i.customer_id = c.id AND i.kind = 'phone')
    FROM customer c
    WHERE c.id IN (SELECT value FROM json_each(:ids)) AND c.merged_into_id IS NULL ORDER BY c.id
    """
)
_MERGED_AWAY = text(
    """
    SELECT id FROM customer
    WHERE id IN (SELECT value FROM json_each(:ids)) AND merged_into_id IS NOT NULL
    """
)
