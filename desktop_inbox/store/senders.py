"""What is remembered of who writes to us: signing servers and names that are taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.dialects import sqlite

from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import receiving_server

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
    found: dict[str, list[str]] = defaultdict(list)
    for name, address in conn.execute(_BY_NAME, {"names": bulk.packed(names)}).all():
        found[name].append(address)
    return dict(found)


# However many share a name, one is looked at: `customer_name` has the first of them first.
_BY_NAME = text(
    """
    SELECT asked.value, i.address FROM json_each(:names) asked
    CROSS JOIN identity i ON i.customer_id = (
        SELECT c.id FROM customer c
        WHERE c.name = asked.value AND c.merged_into_id IS NULL
            AND EXISTS (SELECT 1 FROM identity WHERE customer_id = c.id AND kind = 'email')
        ORDER BY c.first_seen_at, c.id LIMIT 1
    )
    WHERE i.kind = 'email' ORDER BY i.id
    """
)
