"""Accounts, customers and their addresses, and what conversations are labelled with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Table, select, update

from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.same_person import secondary_key
from desktop_inbox.store import bulk, customer_merging, customers
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.records import Record
from desktop_inbox.store.replanting.uids import Uids, id_of, text_of
from desktop_inbox.store.schema import (
    account,
    agent,
    canned_response,
    customer,
    identity,
    saved_view,
    tag,
)

# What else an account's settings say, such as its servers, is asked again: whoever made the file
# must not choose whom a password is sent to.
_KEPT_SETTINGS = ("name", "aliases", "identities", "since", "sent_copy")


def plant_accounts(tx: Tx, records: Iterable[Record], uids: Uids) -> None:
    """Add accounts that are not here; they wait for somebody to sign in."""
    known = {
        (kind, normalise_email(address)): uid
        for uid, kind, address in tx.conn.execute(
            select(account.c.uid, account.c.kind, account.c.address).where(
                account.c.removed.is_(False)
            )
        )
    }
    for record in records:
        uid, address = text_of(record, "uid"), text_of(record, "address")
        here = known.get((text_of(record, "kind"), normalise_email(address)))
        if here is not None:
            uids.call(uid, here)
            continue
        settings = dict(record["settings"])
        bulk.insert_new(
            tx.conn,
            account,
            [
                {
                    "uid": uid,
                    "kind": record["kind"],
                    "title": text_of(record, "title"),
                    "address": address,
                    "settings": {n: settings[n] for n in _KEPT_SETTINGS if n in settings},
                    "enabled": False,
                    "state": "paused",
                }
            ],
        )
        key = id_of(tx, account, uids, uid)
        assert key is not None
        tx.touch(account=key)


def plant_people(tx: Tx, people: Sequence[Record], addresses: Sequence[Record], uids: Uids) -> None:
    """Add customers and their addresses; one who has an address that is here is the one here."""
    keys = {
        text_of(one, "uid"): customers.IdentityKey(
            text_of(one, "kind"), uids.of(text_of(one, "scope")), text_of(one, "address")
        )
        for one in addresses
    }
    _call_owners(tx, addresses, keys, uids)
    _plant_customers(tx, people, uids)
    _plant_addresses(tx, addresses, keys, uids)
    _plant_merges(tx, people, uids)
    planted = [id_of(tx, customer, uids, one["uid"]) for one in people]
    here = [key for key in planted if key is not None]
    customer_merging.show_with_roots(tx, set(here))
    customers.index(tx, here)
    tx.touch(customer=here)


Keys = Mapping[str, customers.IdentityKey]
"""Addresses as the store knows them, by their uid."""


def _call_owners(tx: Tx, addresses: Sequence[Record], keys: Keys, uids: Uids) -> None:
    """Note who has these addresses here already: they are the same people."""
    owners = customers.owners(tx.conn, keys.values())
    for one in addresses:
        owner = owners.get(keys[one["uid"]])
        if owner is not None:
            uids.call(text_of(one, "customer"), _uid_of(tx, customer, owner.customer_id))


def _plant_customers(tx: Tx, people: Sequence[Record], uids: Uids) -> None:
    rows = [
        {
            "uid": text_of(one, "uid"),
            "name": text_of(one, "name"),
            "company": text_of(one, "company"),
            "notes": text_of(one, "notes"),
            "first_seen_at": from_milliseconds(int(one["first_seen_at"])),
        }
        for one in people
        if uids.of(one["uid"]) == one["uid"]
    ]
    bulk.insert_new(tx.conn, customer, rows)


def _plant_addresses(tx: Tx, addresses: Sequence[Record], keys: Keys, uids: Uids) -> None:
    bulk.insert_new(
        tx.conn,
        identity,
        [
            {
                "uid": one["uid"],
                "customer_id": id_of(tx, customer, uids, one["customer"]),
                "kind": keys[one["uid"]].kind,
                "scope": keys[one["uid"]].scope,
                "address": keys[one["uid"]].address,
                "label": text_of(one, "label"),
                "secondary": secondary_key(keys[one["uid"]].kind, keys[one["uid"]].address) or None,
            }
            for one in addresses
        ],
    )


def _plant_merges(tx: Tx, people: Sequence[Record], uids: Uids) -> None:
    for one in people:
        into = id_of(tx, customer, uids, one["merged_into"])
        if into is not None:
            key = id_of(tx, customer, uids, one["uid"])
            tx.conn.execute(
                update(customer)
                .where(customer.c.id == key, customer.c.merged_into_id.is_(None))
                .values(merged_into_id=into)
            )


def _uid_of(tx: Tx, table: Table, key: int) -> str:
    return str(tx.conn.scalar(select(table.c.uid).where(table.c.id == key)))


_PLAIN: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "agents": (agent, ("uid", "name", "email", "signature")),
    "tags": (tag, ("uid", "name", "hue", "deleted")),
    "views": (saved_view, ("uid", "name", "condition", "position", "deleted")),
    "canned": (
        canned_response,
        (
            "uid",
            "title",
            "shortcut",
            "body",
            "bodies",
            "folder",
            "files",
            "channels",
            "tag",
            "status",
            "steps",
            "uses",
            "used_at",
            "deleted",
        ),
    ),
}
PLAIN_KINDS = tuple(_PLAIN)


def plant_plain(tx: Tx, kind: str, records: Iterable[Record]) -> None:
    """Add agents, tags, saved views or canned responses that are not here."""
    table, columns = _PLAIN[kind]
    bulk.insert_new(tx.conn, table, [{name: one[name] for name in columns} for one in records])
