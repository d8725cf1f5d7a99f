"""Where what belongs to a customer is shown once customers were merged (rule E4).

A merge is a pointer. What was a customer's remembers it (`origin_id`), so the end of a merge gives
everything back, and what comes later goes by the address it came from. Writer thread, but `roots`.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from desktop_inbox.store import merges
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import customer


def roots(conn: Connection, wanted: Iterable[int]) -> dict[int, int]:
    """Return with whom each customer is shown: the end of their merges."""
    return merges.roots(conn, customer, wanted)


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
