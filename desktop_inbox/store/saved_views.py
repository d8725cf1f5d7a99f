"""The views people made for themselves. What they change in them goes through `events`."""

from __future__ import annotations

import logging
from functools import lru_cache

import msgspec
from sqlalchemy import Connection, RowMapping, select

from desktop_inbox.domain.conditions import Group, Operator, from_json, tests
from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import driver
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


def condition(conn: Connection, view_id: int) -> Group | None:
    """Return what a saved view asks for, None where it is gone or cannot be read."""
    found = driver.below(conn).execute(_CONDITION, (view_id,)).fetchone()
    return None if found is None or found[1] is None else _read(*found)


_CONDITION = "SELECT uid, condition FROM saved_view WHERE id = ? AND NOT deleted"


@lru_cache(100)
def _read(uid: str, stored: str) -> Group | None:
    return _understood(uid, msgspec.json.decode(stored))


def zone_of(condition: Group | None) -> str:
    """Return in which zone a view looks: this computer's own, where it asks for days."""
    days = (Operator.SINCE, Operator.BEFORE)
    asks = condition is not None and any(one.operator in days for one in tests(condition))
    return own_zone() if asks else "UTC"


def _row(found: RowMapping) -> SavedViewRow:
    return SavedViewRow(
        id=found["id"],
        uid=found["uid"],
        name=found["name"],
        position=found["position"],
        condition=_understood(found["uid"], found["condition"]),
    )


def _understood(uid: str, stored: object) -> Group | None:
    """Return a condition, None where another device knows more than this one."""
    try:
        return from_json(stored)
    except UserError as error:
        log.info("saved view %s cannot be read: %s", uid, error.code)
        return None
