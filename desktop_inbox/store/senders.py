"""What is remembered of who writes to us: signing servers and names that are taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import sqlite

from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import customer, identity, receiving_server

_MOST_NAMES = 100


def count_servers(tx: Tx, account_id: int, new: Mapping[str, int]) -> dict[str, int]:
    """Add to how often each server signed an account's mail, and return all counts.

    However many names senders make up, only the first hundred are kept apart.
    """
    counts: dict[str, int] = dict(tx.conn.execute(_SERVERS, {"account": account_id}).all())
    kept: Counter[str] = Counter()
    for name, often in new.items():
        kept[name if name in counts or len(counts) + len(kept) < _MOST_NAMES else ""] += often
    if kept:
        statement = sqlite.insert(receiving_server)
        tx.conn.execute(
            statement.on_conflict_do_update(
                index_elements=[receiving_server.c.account_id, receiving_server.c.name],
                set_={"seen": receiving_server.c.seen + statement.excluded.seen},
            ),
            [{"account_id": account_id, "name": name, "seen": n} for name, n in kept.items()],
        )
    return dict(kept + Counter(counts))


_SERVERS = select(*receiving_server.c["name", "seen"]).where(
    receiving_server.c.account_id == bindparam("account")
)


def addresses_by_name(conn: Connection, names: Collection[str]) -> dict[str, list[str]]:
    """Return the addresses of the customer whom we knew first under each of these names."""
    first: dict[str, int] = {}
    found: dict[str, list[str]] = {}
    for name, key, address in conn.execute(_BY_NAME, {"names": bulk.packed(names)}):
        if first.setdefault(name, key) == key:
            found.setdefault(name, []).append(address)
    return found


_BY_NAME = (
    select(customer.c.name, customer.c.id, identity.c.address)
    .join(identity, identity.c.customer_id == customer.c.id)
    .where(
        customer.c.name.in_(bulk.values_of("names")),
        customer.c.merged_into_id.is_(None),
        identity.c.kind == "email",
    )
    .order_by(customer.c.first_seen_at, customer.c.id, identity.c.id)
)
