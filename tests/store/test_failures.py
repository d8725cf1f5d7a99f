"""What the world does to the database: each with its own error and code, and nothing lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text

from desktop_inbox.store import database, driver
from desktop_inbox.store.database import (
    Database,
    DatabaseCorrupt,
    DatabaseKeyWrong,
    DatabaseLocked,
    DatabaseReadOnly,
    DatabaseTooNew,
    DatabaseUnavailable,
    DiskFull,
    StoreError,
    Tx,
)
from desktop_inbox.store.schema import tag
from desktop_inbox.store.workspace import Workspace
from tests.store.conftest import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A healthy database of some pages, closed."""
    target = tmp_path / "workspace.db"
    db = Database.open(target)
    for start in range(0, 2000, 500):
        db.write(lambda tx, start=start: _add_tags(tx, start)).result(10)  # type: ignore[misc]
    db.close()
    return target


def _add_tags(tx: Tx, start: int) -> None:
    rows = [{"uid": str(n), "name": f"tag {n} " * 20, "hue": 0} for n in range(start, start + 500)]
    tx.conn.execute(insert(tag), rows)


def _count(conn: Connection) -> int:
    return int(conn.scalar(text("SELECT count(*) FROM tag")) or 0)


def _read_all(path: Path) -> None:
    db = Database.open(path)
    try:
        db.read(lambda c: c.execute(text("SELECT sum(length(name)) FROM tag")).all()).result(10)
    finally:
        db.close()


def test_random_bytes_are_called_corrupt(tmp_path: Path) -> None:
    target = tmp_path / "workspace.db"
    target.write_bytes(os.urandom(20_000))
    with pytest.raises(DatabaseCorrupt) as caught:
        Database.open(target)
    assert caught.value.code == "database-corrupt"
    assert caught.value.path == target


def test_a_truncated_file_is_called_corrupt(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 4])
    with pytest.raises(DatabaseCorrupt):
        _read_all(path)


def test_a_file_damaged_in_the_middle_is_called_corrupt_when_it_is_read(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for offset in range(4096 * 8, len(data) - 4096, 4096):
        data[offset : offset + 200] = b"\xff" * 200
    path.write_bytes(data)
    with pytest.raises(DatabaseCorrupt):
        _read_all(path)


def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "workspace.db"
    foreign = driver.open_file(target, key=None)
    foreign.execute("CREATE TABLE recipes (name)")
    foreign.close()
    with pytest.raises(DatabaseCorrupt, match="not a workspace"):
        Database.open(target)
    foreign = driver.open_file(target, key=None)
    assert foreign.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    foreign.close()


def test_a_newer_file_is_refused_and_not_touched(path: Path) -> None:
    newer = driver.open_file(path, key=None)
    newer.execute("PRAGMA user_version = 9999")
    newer.close()
    with pytest.raises(DatabaseTooNew) as caught:
        Database.open(path)
    assert caught.value.code == "database-too-new"
    assert sorted(file.name for file in path.parent.iterdir()) == ["workspace.db"]


def test_a_wrong_passphrase_is_told_from_a_damaged_file_as_far_as_can_be(tmp_path: Path) -> None:
    target = tmp_path / "workspace.db"
    Database.open(target, key="right").close()
    with pytest.raises(DatabaseKeyWrong) as caught:
        Database.open(target, key="wrong")
    assert caught.value.code == "database-key-wrong"
    with pytest.raises(DatabaseCorrupt):
        Database.open(target)


def test_a_full_disk_fails_the_write_and_keeps_the_rest(path: Path) -> None:
    db = Database.open(path)
    store = Store(db)

    def limit(tx: Tx) -> None:
        pages = tx.conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")

    store.write(limit)
    with pytest.raises(DiskFull) as caught:
        store.write(lambda tx: _add_tags(tx, 5000))
    assert caught.value.code == "disk-full"
    assert store.read(_count) == 2000
    store.write(lambda tx: tx.conn.exec_driver_sql("PRAGMA max_page_count = 1000000"))
    store.write(lambda tx: _add_tags(tx, 5000))
    assert store.read(_count) == 2500
    db.close()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to mount")
def test_a_really_full_file_system_fails_the_write_and_keeps_the_rest(
    path: Path, small_disk: Path
) -> None:
    target = small_disk / "workspace.db"
    shutil.copy(path, target)
    db = Database.open(target)
    store = Store(db)
    futures = [
        db.write(lambda tx, start=start: _add_tags(tx, start))  # type: ignore[misc]
        for start in range(10_000, 50_000, 500)
    ]
    assert any(isinstance(future.exception(30), DiskFull) for future in futures)
    assert store.read(_count) >= 2000
    assert store.read(lambda c: c.exec_driver_sql("PRAGMA integrity_check").scalar()) == "ok"
    db.close()


_NOBODY = 65534


@pytest.fixture
def unprivileged(path: Path) -> Iterator[None]:
    """A file and a folder that do not let us write, and us not being root, whom nothing stops."""
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions work differently here")
    was_root = os.geteuid() == 0
    if was_root:
        for folder in path.parents[:-2]:
            folder.chmod(folder.stat().st_mode | 0o711)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    if was_root:
        os.seteuid(_NOBODY)
    yield
    if was_root:
        os.seteuid(0)
    path.parent.chmod(0o755)


@pytest.mark.usefixtures("unprivileged")
def test_a_read_only_folder_is_said_so(path: Path) -> None:
    with pytest.raises(DatabaseReadOnly) as caught:
        Database.open(path)
    assert caught.value.code == "database-read-only"


def test_a_write_to_a_file_that_became_read_only_is_said_so(path: Path) -> None:
    db = Database.open(path)
    store = Store(db)
    store.write(lambda tx: tx.conn.exec_driver_sql("PRAGMA query_only = ON"))
    with pytest.raises(DatabaseReadOnly) as caught:
        store.write(lambda tx: _add_tags(tx, 5000))
    assert caught.value.code == "database-read-only"
    db.close()


def test_a_missing_folder_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        Database.open(tmp_path / "nowhere" / "workspace.db")


def test_a_folder_in_the_place_of_the_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        Database.open(tmp_path)


def test_a_file_in_the_place_of_the_data_folder_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(StoreError):
        Workspace.open(tmp_path / "data")


def test_a_lock_held_too_long_is_said_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.1)
    db = Database.open(path)
    holder = driver.open_file(path, key=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLocked) as caught:
        db.write(lambda tx: _add_tags(tx, 5000)).result(10)
    assert caught.value.code == "database-locked"
    assert db.read(_count).result(10) == 2000  # readers do not mind
    holder.execute("ROLLBACK")
    holder.close()
    db.write(lambda tx: _add_tags(tx, 5000)).result(10)
    db.close()


def test_a_mistake_of_our_own_is_not_called_the_world_s(store: Store) -> None:
    with pytest.raises(Exception, match="syntax error") as caught:
        store.write(lambda tx: tx.conn.execute(text("SELEC")))
    assert not isinstance(caught.value, StoreError)
