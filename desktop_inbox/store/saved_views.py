"""The views people made for themselves. What they change in them goes through `events`."""

from __future__ import annotations

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, select

from desktop_inbox.domain import conditions
from desktop_inbox.domain.errors import UserError
from desktop_inbox.store.rows import SavedViewRow
from desktop_inbox.store.schema import saved_view
from desktop_inbox.store.zone import own_zone

log = logging.getLogger(__name__)

_ROWS = select(*saved_view.c["id", "uid", "name", "condition", "position"]).where(
    saved_view.c.deleted.is_(False)
)


def list_all(conn: Connection) -> list[SavedViewRow]:
    """Return every saved view in the order people put them in."""
    found = conn.execute(_ROWS.order_by(saved_view.c.position, saved_view.c.uid)).mappings()
    return [_row(one) for one in found]


def row(conn: Connection, view_id: int) -> SavedViewRow | None:
    """Return one saved view, None where there is none."""
    found = conn.execute(_ROWS.where(saved_view.c.id == view_id)).mappings().first()
    return _row(found) if found else None


def local(now: datetime) -> datetime:
    """Return a moment as the clock on the wall shows it here, by which days begin."""
    return now.astimezone(ZoneInfo(own_zone()))


def _row(found: RowMapping) -> SavedViewRow:
    """Build a row; its condition is None where another device knows more than this one."""
    condition = None
    try:
        condition = conditions.from_json(found["condition"])
    except UserError as error:
        log.info("saved view %s cannot be read: %s", found["uid"], error.code)
    return SavedViewRow(
        id=found["id"],
        uid=found["uid"],
        name=found["name"],
        position=found["position"],
        condition=condition,
    )
