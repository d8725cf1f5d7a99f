"""Canned responses. What people change in them goes through `events`."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import CannedRow
from desktop_inbox.store.schema import canned_response

_ROWS = select(*canned_response.c["id", "uid", "title", "shortcut", "body", "uses"]).where(
    canned_response.c.deleted.is_(False)
)


def list_all(conn: Connection) -> list[CannedRow]:
    """Return every canned response by title."""
    found = conn.execute(_ROWS.order_by(func.lower(canned_response.c.title))).mappings()
    return [CannedRow(**row) for row in found]


def row(conn: Connection, canned_id: int) -> CannedRow | None:
    """Return one canned response, None where there is none."""
    found = conn.execute(_ROWS.where(canned_response.c.id == canned_id)).mappings().first()
    return CannedRow(**found) if found else None


def by_shortcut(conn: Connection, shortcut: str) -> CannedRow | None:
    """Return the response with this shortcut, compared without case (rule F3)."""
    query = _ROWS.where(func.lower(canned_response.c.shortcut) == shortcut.lower())
    found = conn.execute(query).mappings().first()
    return CannedRow(**found) if found else None


def used(tx: Tx, canned_id: int) -> None:
    """Count one more use, which ranks it higher."""
    tx.conn.execute(
        update(canned_response)
        .where(canned_response.c.id == canned_id)
        .values(uses=canned_response.c.uses + 1)
    )
    tx.touch(canned=canned_id)
