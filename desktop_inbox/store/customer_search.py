"""Customers found by what is typed: names, companies, addresses, fields of one's own. Reads."""

from __future__ import annotations

from sqlalchemy import Connection, select, text

from desktop_inbox.domain.folding import words
from desktop_inbox.domain.query import Number, parse_query
from desktop_inbox.store import customers, matching
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.store.schema import customer


def find(conn: Connection, typed: str, *, limit: int) -> list[CustomerRow]:
    """Return those who have every word that is typed, the last one as a beginning; by name.

    A telephone number is found in any format.
    Without a word, those who were stored last.
    """
    match = _expression(typed)
    if match:
        keys = conn.scalars(_FOUND, {"match": match, "limit": limit}).all()
    else:
        keys = conn.scalars(_LATEST.limit(limit)).all()
    rows = customers.rows(conn, keys)
    return [rows[key] for key in keys if key in rows]


def _expression(typed: str) -> str:
    query = parse_query(typed)
    if isinstance(query.root, Number):
        return matching.customer_expression(query)
    folded = words(typed)
    return " ".join(f'"{word}"' for word in folded) + "*" if folded else ""


_FOUND = text(
    """
    SELECT c.id FROM customer_fts f JOIN customer c ON c.id = f.rowid
    WHERE customer_fts MATCH :match AND c.merged_into_id IS NULL
    ORDER BY c.name COLLATE NOCASE, c.id LIMIT :limit
    """
)
_LATEST = (
    select(customer.c.id).where(customer.c.merged_into_id.is_(None)).order_by(customer.c.id.desc())
)
