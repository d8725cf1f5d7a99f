"""Where merges end: a row that went into another one points to it (rules E4, P2)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from sqlalchemy import Connection, Select, Table, bindparam, select

from desktop_inbox.store import bulk


def roots(conn: Connection, table: Table, wanted: Iterable[int]) -> dict[int, int]:
    """Return where each row of a table with `merged_into_id` is shown: the end of its merges.

    Two laptops may merge two rows into each other; then the one with the smallest uid stands for
    the circle, on every laptop.
    """
    keys = list(dict.fromkeys(wanted))
    merged = set(conn.scalars(_merged(table), {"ids": bulk.packed(keys)}))
    return {key: _root(conn, table, key) if key in merged else key for key in keys}


def _root(conn: Connection, table: Table, key: int) -> int:
    path: dict[int, str] = {}
    here = key
    while here not in path:
        uid, target = conn.execute(_step(table), {"here": here}).one()
        if target is None:
            return here
        path[here] = uid
        here = target
    members = list(path)
    circle = members[members.index(here) :]
    return min(circle, key=path.__getitem__)


@cache
def _merged(table: Table) -> Select[int]:
    return select(table.c.id).where(
        table.c.merged_into_id.is_not(None), table.c.id.in_(bulk.values_of("ids"))
    )


@cache
def _step(table: Table) -> Select[str, int | None]:
    return select(table.c.uid, table.c.merged_into_id).where(table.c.id == bindparam("here"))
