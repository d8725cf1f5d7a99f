"""Canned responses. What people change in them goes through `events`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, select, update

from desktop_inbox.domain import macros
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import CannedRow
from desktop_inbox.store.schema import canned_response, tag

_PLAIN = ("id", "uid", "title", "shortcut", "body", "folder", "status", "uses", "used_at")
_ROWS = (
    select(
        *canned_response.c[_PLAIN],
        *canned_response.c["bodies", "files", "channels", "steps"],
        func.coalesce(tag.c.name, "").label("tag"),
    )
    .select_from(
        canned_response.outerjoin(
            tag, and_(tag.c.uid == canned_response.c.tag, tag.c.deleted.is_(False))
        )
    )
    .where(canned_response.c.deleted.is_(False))
)


def list_all(conn: Connection) -> list[CannedRow]:
    """Return every canned response by title."""
    found = conn.execute(_ROWS.order_by(func.lower(canned_response.c.title))).mappings()
    return [_row(one) for one in found]


def row(conn: Connection, canned_id: int) -> CannedRow | None:
    """Return one canned response, None where there is none."""
    found = conn.execute(_ROWS.where(canned_response.c.id == canned_id)).mappings().first()
    return _row(found) if found else None


def by_shortcut(conn: Connection, shortcut: str) -> CannedRow | None:
    """Return the response with this shortcut, compared without case (rule F3)."""
    query = _ROWS.where(func.lower(canned_response.c.shortcut) == shortcut.lower())
    found = conn.execute(query).mappings().first()
    return _row(found) if found else None


def used(tx: Tx, canned_id: int) -> None:
    """Count one more use, which ranks it higher."""
    tx.conn.execute(
        update(canned_response)
        .where(canned_response.c.id == canned_id)
        .values(uses=canned_response.c.uses + 1, used_at=tx.now)
    )
    tx.touch(canned=canned_id)


def _row(found: RowMapping) -> CannedRow:
    """Build a row; what another device wrote oddly into the lists is left out."""
    plain: dict[str, Any] = {name: found[name] for name in (*_PLAIN, "tag")}
    bodies = found["bodies"] if isinstance(found["bodies"], dict) else {}
    return CannedRow(
        **plain,
        bodies=tuple((str(language), str(body)) for language, body in bodies.items()),
        files=tuple(one for one in found["files"] if isinstance(one, dict) and "sha256" in one),
        channels=tuple(str(kind) for kind in found["channels"]),
        steps=macros.known(found["steps"] if isinstance(found["steps"], list) else ()),
    )
