"""Small helpers for whole sets of rows in one statement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, Text, bindparam, func, insert, literal, select
from sqlalchemy.dialects import sqlite


def values(items: Iterable[int | str]) -> Select[Any]:
    """Return a subquery of `items`, for IN: one parameter, so the statement stays the same."""
    each = func.json_each(literal(json.dumps(list(items)))).table_valued("value")
    return select(each.c.value)


def values_of(parameter: str) -> Select[Any]:
    """Return a subquery of the values in a JSON array that is passed as `parameter`."""
    each = func.json_each(bindparam(parameter, type_=Text)).table_valued("value")
    return select(each.c.value)


def insert_all(conn: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert `rows`, all with the same columns."""
    if rows:
        conn.execute(insert(table), rows)


def insert_new(conn: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert those of `rows` that break no uniqueness; the others are there already."""
    if rows:
        conn.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)


def ensure_named(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, object]]
) -> dict[str, int]:
    """Insert the rows whose uid is new; return the key of every row by its uid."""
    insert_new(conn, table, rows)
    return keys_of(conn, table, [str(row["uid"]) for row in rows])


def keys_of(conn: Connection, table: Table, uids: Iterable[str]) -> dict[str, int]:
    """Return the integer keys of the rows with these uids; unknown ones are left out."""
    query = select(table.c.uid, table.c.id).where(table.c.uid.in_(values(uids)))
    return dict(conn.execute(query).all())
