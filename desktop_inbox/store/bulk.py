"""Whole sets of rows in one statement, with as little as possible between us and the driver."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Select, Table, Text, bindparam, func, literal, select
from sqlalchemy.dialects import sqlite

_DIALECT = sqlite.dialect()
# Of an insert, in one statement: after each statement the driver takes the interpreter's lock
# again, and waits for it where another thread computes.
_ROWS_AT_ONCE = 32


def values(items: Iterable[int | str]) -> Select[Any]:
    """Return a subquery of `items`, for IN: one parameter, so the statement stays the same."""
    each = func.json_each(literal(packed(items))).table_valued("value")
    return select(each.c.value)


def values_of(parameter: str) -> Select[Any]:
    """Return a subquery of the values that are `packed` into a parameter, for IN."""
    each = func.json_each(bindparam(parameter, type_=Text)).table_valued("value")
    return select(each.c.value)


def packed(items: Iterable[int | str]) -> str:
    """Return the form in which many values are one parameter."""
    return json.dumps(list(items))


def insert_all(conn: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert `rows`, all with the same columns."""
    _insert(conn, "INSERT", table, rows)


def insert_new(conn: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert those of `rows` that break no uniqueness; the others are there already."""
    # Not OR IGNORE, which would pass over broken checks and missing values as well.
    _insert(conn, "INSERT", table, rows, conflict="ON CONFLICT DO NOTHING")


def replace_all(conn: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert `rows` in place of those with the same key."""
    _insert(conn, "INSERT OR REPLACE", table, rows)


def _insert(
    conn: Connection,
    verb: str,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    *,
    conflict: str = "",
) -> None:
    if not rows:
        return
    columns = tuple(rows[0])
    marks = f"({', '.join('?' * len(columns))})"
    into = f"{verb} INTO {table.name} ({', '.join(columns)}) VALUES"
    # Column by column, which costs half of going through every row with a question at each value.
    values_by_column = [
        [row[name] for row in rows] if convert is None else [convert(row[name]) for row in rows]
        for name, convert in _converters(table, columns)
    ]
    stored = list(zip(*values_by_column, strict=True))
    whole = len(stored) - len(stored) % _ROWS_AT_ONCE
    if whole:
        several = ", ".join([marks] * _ROWS_AT_ONCE)
        chunks = (stored[at : at + _ROWS_AT_ONCE] for at in range(0, whole, _ROWS_AT_ONCE))
        conn.exec_driver_sql(
            f"{into} {several} {conflict}", [tuple(chain.from_iterable(rows)) for rows in chunks]
        )
    if whole < len(stored):
        conn.exec_driver_sql(f"{into} {marks} {conflict}", stored[whole:])


@cache
def _converters(
    table: Table, columns: tuple[str, ...]
) -> tuple[tuple[str, Callable[[object], object] | None], ...]:
    """Return, for each column, what turns a value into the one that is stored."""
    return tuple(
        (name, table.c[name].type.dialect_impl(_DIALECT).bind_processor(_DIALECT))
        for name in columns
    )


def ensure_named(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, object]]
) -> dict[str, int]:
    """Insert the rows whose uid is new; return the key of every row by its uid."""
    insert_new(conn, table, rows)
    return keys_of(conn, table, [str(row["uid"]) for row in rows])


def keys_of(conn: Connection, table: Table, uids: Iterable[str]) -> dict[str, int]:
    """Return the integer keys of the rows with these uids; unknown ones are left out."""
    return dict(conn.execute(_keys_query(table), {"uids": packed(uids)}).all())


@cache
def _keys_query(table: Table) -> Select[str, int]:
    return select(table.c.uid, table.c.id).where(table.c.uid.in_(values_of("uids")))
