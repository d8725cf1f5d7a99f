"""Sets of rows go in as each row by itself would, however many they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, create_engine, select

from desktop_inbox.store import bulk

NAMED = Table("named", MetaData(), Column("id", Integer, primary_key=True), Column("name", Text))


@pytest.fixture
def conn() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        NAMED.create(connection)
        yield connection
    engine.dispose()


def _rows(count: int, name: str) -> list[dict[str, object]]:
    return [{"id": key, "name": f"{name} {key}"} for key in range(count)]


def _stored(conn: Connection) -> list[tuple[int, str]]:
    return [tuple(row) for row in conn.execute(select(NAMED).order_by(NAMED.c.id))]


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 64, 100])
def test_every_row_is_stored_once_and_as_it_is(conn: Connection, count: int) -> None:
    bulk.insert_all(conn, NAMED, _rows(count, "first"))
    assert _stored(conn) == [(key, f"first {key}") for key in range(count)]


@pytest.mark.parametrize("count", [1, 33, 100])
def test_what_is_there_stays_or_gives_way(conn: Connection, count: int) -> None:
    bulk.insert_all(conn, NAMED, _rows(count, "first"))
    bulk.insert_new(conn, NAMED, _rows(count + 1, "second") * 2)
    assert _stored(conn)[-2:] == [(count - 1, f"first {count - 1}"), (count, f"second {count}")]
    bulk.replace_all(conn, NAMED, _rows(count, "third") + _rows(count, "last"))
    assert _stored(conn)[:count] == [(key, f"last {key}") for key in range(count)]
