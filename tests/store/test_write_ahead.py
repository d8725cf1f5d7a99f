"""The log is written back beside the writer, and does not stay long."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox.store import driver
from desktop_inbox.store.write_ahead import WriteAhead, prepare_writer

_LONG = 1_000_000
_ROWS, _BYTES = 600, 2_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workspace.db"


@pytest.fixture
def writer(path: Path) -> Iterator[Any]:
    with closing(driver.open_file(path, key=None)) as connection:
        prepare_writer(connection)
        connection.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, body BLOB)")
        yield connection


@pytest.fixture
def other(path: Path, writer: Any) -> Iterator[Any]:
    with closing(driver.open_file(path, key=None)) as connection:
        connection.execute("PRAGMA query_only = ON")  # as the poller's is
        yield connection


def test_a_long_log_is_written_back_by_another_than_the_writer(
    path: Path, writer: Any, other: Any
) -> None:
    _write(writer)
    assert _rows_without_the_log(path) == 0

    WriteAhead(path, long_bytes=_LONG).tend(other)
    assert _rows_without_the_log(path) == _ROWS


def test_a_short_log_is_left_alone(path: Path, writer: Any, other: Any) -> None:
    writer.execute("INSERT INTO mail (body) VALUES (zeroblob(100))")
    WriteAhead(path, long_bytes=_LONG).tend(other)
    assert _rows_without_the_log(path) == 0


def test_what_is_written_back_while_somebody_writes_is_what_was_committed(
    path: Path, writer: Any, other: Any
) -> None:
    _write(writer)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO mail (body) VALUES (zeroblob(100))")
    WriteAhead(path, long_bytes=_LONG).tend(other)
    assert _rows_without_the_log(path) == _ROWS
    writer.execute("ROLLBACK")


def test_the_file_is_cut_back_once_its_log_begins_anew(path: Path, writer: Any, other: Any) -> None:
    log = path.with_name("workspace.db-wal")
    _write(writer, times=4)
    WriteAhead(path, long_bytes=_LONG).tend(other)
    assert log.stat().st_size > 4 * 2**20

    writer.execute("INSERT INTO mail (body) VALUES (zeroblob(100))")
    assert log.stat().st_size <= 4 * 2**20


def test_a_log_that_a_reader_still_needs_is_tried_again_once_it_has_grown(
    path: Path, writer: Any, other: Any
) -> None:
    log = WriteAhead(path, long_bytes=_LONG)
    with closing(driver.open_file(path, key=None)) as reader:
        reader.execute("BEGIN")
        assert _count(reader) == 0
        _write(writer)
        log.tend(other)
        assert _rows_without_the_log(path) == 0
        reader.execute("COMMIT")
    writer.execute("INSERT INTO mail (body) VALUES (zeroblob(100))")
    log.tend(other)
    assert _rows_without_the_log(path) == _ROWS + 1


def test_a_disk_that_is_full_is_not_the_pollers_to_tell(path: Path, writer: Any) -> None:
    class Full:
        def execute(self, _statement: str) -> None:
            raise driver.MODULE.OperationalError("database or disk is full")

    _write(writer)
    WriteAhead(path, long_bytes=_LONG).tend(Full())
    assert _count(writer) == _ROWS


def test_a_database_without_a_log_is_none_of_our_business(tmp_path: Path) -> None:
    WriteAhead(tmp_path / "nothing.db").tend(None)


def _write(writer: Any, *, times: int = 1) -> None:
    for _ in range(times):
        writer.execute("BEGIN IMMEDIATE")
        writer.executemany("INSERT INTO mail (body) VALUES (zeroblob(?))", [(_BYTES,)] * _ROWS)
        writer.execute("COMMIT")


def _rows_without_the_log(path: Path) -> int:
    """Count what the database file holds by itself."""
    alone = path.with_name("alone.db")
    shutil.copyfile(path, alone)
    with closing(driver.open_file(alone, key=None)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        found = _count(connection) if tables else 0
    for left in path.parent.glob("alone.db*"):
        left.unlink()
    return found


def _count(connection: Any) -> int:
    return int(connection.execute("SELECT count(*) FROM mail").fetchone()[0])
