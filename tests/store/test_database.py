"""The database's threads, transactions and the word they spread."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text

from desktop_inbox.domain.changes import Changes
from desktop_inbox.store import database, driver
from desktop_inbox.store.database import Database, Tx
from desktop_inbox.store.schema import change_log, tag
from tests.store.conftest import Store


def _add_tag(tx: Tx, name: str = "VIP") -> int:
    added = tx.conn.execute(insert(tag).values(uid=name, name=name, hue=0)).inserted_primary_key
    assert added is not None
    tx.touch(tag=added[0])
    return int(added[0])


def _tags(conn: Connection) -> list[str]:
    return list(conn.scalars(select(tag.c.name).order_by(tag.c.id)))


@pytest.fixture
def other(db: Database) -> Iterator[Database]:
    """The same file opened a second time, as another process would."""
    second = Database.open(db.path)
    yield second
    second.close()


def test_what_is_written_can_be_read(store: Store) -> None:
    store.write(_add_tag)
    assert store.read(_tags) == ["VIP"]


def test_a_failing_write_leaves_nothing_and_says_what_failed(store: Store) -> None:
    def fail(tx: Tx) -> None:
        _add_tag(tx)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        store.write(fail)
    assert store.read(_tags) == []


def test_a_failed_write_does_not_leak_into_the_next(store: Store) -> None:
    def fail(tx: Tx) -> None:
        _add_tag(tx, "lost")
        tx.conn.execute(text("INSERT INTO no_such_table VALUES (1)"))

    with pytest.raises(Exception, match="no_such_table"):
        store.write(fail)
    store.write(lambda tx: _add_tag(tx, "kept"))
    assert store.read(_tags) == ["kept"]


def test_writes_run_one_after_the_other_on_one_thread(db: Database) -> None:
    names = {
        future.result(10)
        for future in [db.write(lambda _: threading.current_thread().name) for _ in range(20)]
    }
    assert len(names) == 1


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(database.StoreError):
        store.read(lambda conn: conn.execute(insert(tag).values(uid="x", name="x", hue=0)))


def test_a_reader_sees_one_snapshot_while_somebody_writes(db: Database, store: Store) -> None:
    def read_twice(conn: Connection) -> tuple[list[str], list[str]]:
        before = _tags(conn)
        db.write(_add_tag).result(10)
        return before, _tags(conn)

    assert store.read(read_twice) == ([], [])
    assert store.read(_tags) == ["VIP"]


def test_two_readers_work_at_once(db: Database) -> None:
    met = threading.Barrier(2, timeout=10)
    futures = [db.read(lambda _: met.wait()) for _ in range(2)]
    assert {future.result(10) for future in futures} == {0, 1}


def test_a_commit_is_published_once_with_what_it_touched(db: Database, store: Store) -> None:
    heard: list[Changes] = []
    db.subscribe(heard.append)
    store.write(lambda tx: tx.touch(conversation=[3, 4], message=9))
    assert heard == [Changes(conversations=frozenset({3, 4}), messages=frozenset({9}))]


def test_a_rolled_back_write_is_not_published(db: Database, store: Store) -> None:
    heard: list[Changes] = []
    db.subscribe(heard.append)

    def fail(tx: Tx) -> None:
        tx.touch(tag=1)
        raise KeyError

    with pytest.raises(KeyError):
        store.write(fail)
    assert heard == []


def test_nobody_hears_after_ending_the_subscription(db: Database, store: Store) -> None:
    heard: list[Changes] = []
    end = db.subscribe(heard.append)
    end()
    end()
    store.write(_add_tag)
    assert heard == []


def test_a_broken_listener_is_reported_and_fails_no_write(
    db: Database, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: reported.append(args.exc_value))
    heard: list[Changes] = []

    def broken(_: Changes) -> None:
        raise KeyError("listener")

    db.subscribe(broken)
    db.subscribe(heard.append)
    store.write(_add_tag)
    assert store.read(_tags) == ["VIP"]
    assert [repr(error) for error in reported] == ["KeyError('listener')"]
    assert len(heard) == 1


def test_another_process_s_commit_is_heard_within_a_second(db: Database, other: Database) -> None:
    heard: queue.SimpleQueue[Changes] = queue.SimpleQueue()
    db.subscribe(heard.put)
    other.write(_add_tag).result(10)
    assert heard.get(timeout=1.0) == Changes(tags=frozenset({1}))


def test_own_commits_are_not_heard_a_second_time(db: Database, other: Database) -> None:
    heard: queue.SimpleQueue[Changes] = queue.SimpleQueue()
    db.write(_add_tag).result(10)
    db.subscribe(heard.put)
    other.write(lambda tx: tx.touch(canned=7)).result(10)  # comes after, so all was looked at
    assert heard.get(timeout=2.0) == Changes(canned=frozenset({7}))
    assert heard.empty()


def test_the_log_of_changes_stays_short(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CHANGES_KEPT", 5)
    for number in range(20):
        store.write(lambda tx, number=number: tx.touch(tag=number))  # type: ignore[misc]
    assert store.read(lambda conn: conn.scalar(select(func.count()).select_from(change_log))) == 5


def test_two_processes_take_turns_at_writing(db: Database, other: Database) -> None:
    futures = [
        one.write(lambda tx, name=f"{n}-{name}": _add_tag(tx, name))  # type: ignore[misc]
        for n in range(25)
        for name, one in (("a", db), ("b", other))
    ]
    for future in futures:
        future.result(30)
    assert len(db.read(_tags).result(10)) == 50


def _synchronous(tx: Tx) -> int:
    return int(tx.conn.exec_driver_sql("PRAGMA synchronous").scalar_one())


def test_what_people_write_is_synced_and_what_can_be_fetched_again_is_not(db: Database) -> None:
    full, normal = 2, 1
    assert db.write(_synchronous).result(10) == full
    assert db.write(_synchronous, durable=False).result(10) == normal
    assert db.write(_synchronous).result(10) == full


def test_the_file_is_in_wal_mode_checks_references_and_gives_room_back(store: Store) -> None:
    def pragmas(tx: Tx) -> dict[str, object]:
        names = ("journal_mode", "foreign_keys", "auto_vacuum")
        return {name: tx.conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    assert store.write(pragmas) == {"journal_mode": "wal", "foreign_keys": 1, "auto_vacuum": 2}


def test_closing_finishes_what_is_queued(tmp_path: Path) -> None:
    db = Database.open(tmp_path / "workspace.db")
    futures = [
        db.write(lambda tx, name=str(n): _add_tag(tx, name))  # type: ignore[misc]
        for n in range(50)
    ]
    db.close()
    assert all(future.result(0) for future in futures)
    again = Database.open(tmp_path / "workspace.db")
    assert len(again.read(_tags).result(10)) == 50
    again.close()


_ENDLESS = text(
    "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
)


def test_closing_interrupts_a_read_that_never_ends(tmp_path: Path) -> None:
    db = Database.open(tmp_path / "workspace.db")
    started = threading.Event()

    def read(conn: Connection) -> object:
        started.set()
        return conn.scalar(_ENDLESS)

    futures = [db.read(read) for _ in range(5)]
    assert started.wait(10)
    db.close()
    for future in futures:
        with pytest.raises((Exception, CancelledError)):
            future.result(0)


def test_closing_interrupts_a_write_that_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "CLOSE_SECONDS", 0.2)
    db = Database.open(tmp_path / "workspace.db")

    def write(tx: Tx) -> object:
        _add_tag(tx)
        return tx.conn.scalar(_ENDLESS)

    future = db.write(write)
    db.close()
    with pytest.raises(Exception, match="interrupted"):
        future.result(0)
    again = Database.open(tmp_path / "workspace.db")
    assert again.read(_tags).result(10) == []
    again.close()


def test_closing_twice_is_the_same_as_once(tmp_path: Path) -> None:
    db = Database.open(tmp_path / "workspace.db")
    db.close()
    db.close()
    with pytest.raises(RuntimeError):
        db.write(_add_tag)


_KILLED_WHILE_WRITING = """
import os, sys
from pathlib import Path
from sqlalchemy import insert
from desktop_inbox.store.database import Database
from desktop_inbox.store.schema import tag
db = Database.open(Path(sys.argv[1]))
def write(tx, name):
    tx.conn.execute(insert(tag).values(uid=name, name=name, hue=0))
db.write(lambda tx: write(tx, "committed")).result()
def die(tx):
    write(tx, "half")
    os._exit(9)
db.write(die).result()
"""


def test_a_killed_process_leaves_what_it_committed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "workspace.db"
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED_WHILE_WRITING, str(path)], timeout=60, check=False
    )
    assert killed.returncode == 9
    db = Database.open(path)
    assert db.read(_tags).result(10) == ["committed"]
    assert (
        db.read(lambda conn: conn.exec_driver_sql("PRAGMA integrity_check").scalar()).result(10)
        == "ok"
    )
    db.close()


def test_a_passphrase_hides_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "workspace.db"
    db = Database.open(path, key="it's a secret")
    db.write(lambda tx: _add_tag(tx, "plain words")).result(10)
    db.close()
    assert b"plain words" not in path.read_bytes()
    # As SQLCipher itself opens it, so that its tools can.
    plainly = driver.open_file(path, key="it's a secret")
    assert plainly.execute("SELECT name FROM tag").fetchall() == [("plain words",)]
    plainly.close()
    again = Database.open(path, key="it's a secret")
    assert again.read(_tags).result(10) == ["plain words"]
    again.close()
