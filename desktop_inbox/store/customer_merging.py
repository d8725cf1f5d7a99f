"""Where what belongs to a customer is shown once customers were merged (rule E4).

A merge is a pointer. What was a customer's remembers it (`origin_id`), so the end of a merge gives
everything back, and what comes later goes by the address it came from. Writer thread, but `roots`.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select, text

from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import customer


def roots(conn: Connection, wanted: Iterable[int]) -> dict[int, int]:
    """Return with whom each customer is shown: the end of their merges.

    Two laptops may merge two customers into each other; then the one with the smallest uid
    stands for the circle, on every laptop.
    """
    keys = list(dict.fromkeys(wanted))
    merged = set(conn.scalars(_MERGED, {"ids": bulk.packed(keys)}))
    return {key: _root(conn, key) if key in merged else key for key in keys}


_MERGED = select(customer.c.id).where(
    customer.c.merged_into_id.is_not(None), customer.c.id.in_(bulk.values_of("ids"))
)


def _root(conn: Connection, customer_id: int) -> int:
    path: dict[int, str] = {}
    here = customer_id
    while here not in path:
        uid, target = conn.execute(
            select(customer.c.uid, customer.c.merged_into_id).where(customer.c.id == here)
        ).one()
        if target is None:
            return here
        path[here] = uid
        here = target
    members = list(path)
    circle = members[members.index(here) :]
    return min(circle, key=path.__getitem__)


def show_with_roots(tx: Tx, wanted: Iterable[int]) -> None:
    """Show what was just stored with these customers at the end of their merges."""
    for source, root in roots(tx.conn, wanted).items():
        if source != root:
            move(tx, source, before=source, after=root)


def move(tx: Tx, source: int, *, before: int, after: int) -> None:
    """Show what is a customer's, or of one merged into them, with `after` instead of `before`."""
    where = {"source": source, "before": before, "after": after}
    tx.conn.execute(_MOVE_IDENTITIES, where)
    moved = tx.conn.scalars(_MOVE_CONVERSATIONS, where).all()
    tx.touch(customer=[source, before, after], conversation=moved)


# NULL stands for "where it is shown": what has come back is as if it had never been away.
_MOVE_IDENTITIES = text(
    """
    WITH RECURSIVE below (id) AS (
        SELECT :source UNION
        SELECT c.id FROM customer c JOIN below ON c.merged_into_id = below.id
    )
    UPDATE identity
    SET customer_id = :after, origin_id = nullif(coalesce(origin_id, customer_id), :after)
    WHERE customer_id = :before AND coalesce(origin_id, customer_id) IN (SELECT id FROM below)
    """
)
_MOVE_CONVERSATIONS = text(
    """
    WITH RECURSIVE below (id) AS (
        SELECT :source UNION
        SELECT c.id FROM customer c JOIN below ON c.merged_into_id = below.id
    )
    UPDATE conversation
    SET customer_id = :after,
        customer_origin_id = nullif(coalesce(customer_origin_id, customer_id), :after)
    WHERE customer_id = :before
        AND coalesce(customer_origin_id, customer_id) IN (SELECT id FROM below)
    RETURNING id
    """
)
