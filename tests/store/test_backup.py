"""Copies of the database: taken beside running writes, few kept, put back without a gap."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from desktop_inbox.store import backup, driver, migrations
from desktop_inbox.store.database import Database, DatabaseCorrupt, DatabaseTooNew, DiskFull, Tx
from desktop_inbox.store.lock import EngineLock
from desktop_inbox.store.schema import tag
from desktop_inbox.store.workspace import Workspace
from tests.store.conftest import Store

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)


def add_tags(tx: Tx, names: list[str]) -> None:
    tx.conn.execute(insert(tag), [{"uid": name, "name": name, "hue": 0} for name in names])


def tags_in(path: Path, *, key: str | None = None) -> list[str]:
    with closing(driver.open_file(path, key=key)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM tag ORDER BY name")]


def damage(path: Path) -> None:
    """Overwrite the middle of every page but the first few, as a dying disk does."""
    data = bytearray(path.read_bytes())
    for offset in range(4096 * 4, len(data) - 4096, 4096):
        data[offset + 300 : offset + 900] = b"\xa5" * 600
    path.write_bytes(data)


def test_a_copy_holds_what_was_committed_and_is_one_file(store: Store, db: Database) -> None:
    store.write(lambda tx: add_tags(tx, ["VIP"]))
    made = backup.take(db.path, now=NOW)
    assert tags_in(made.path) == ["VIP"]
    assert backup.listing(db.path) == [made]
    assert sorted(file.name for file in made.path.parent.iterdir()) == [made.path.name]
    assert made.kind is backup.Kind.DAILY
    assert made.at == NOW


def test_a_copy_is_one_moment_however_much_is_written_meanwhile(
    store: Store, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_STEP_PAGES", 2)
    store.write(lambda tx: add_tags(tx, [f"{n:04} {'x' * 500}" for n in range(300)]))
    stopping = threading.Event()
    pairs: list[int] = []

    def write_pairs() -> None:
        while not stopping.is_set():
            number = len(pairs)
            names = [f"left {number}", f"right {number}"]
            db.write(partial(add_tags, names=names), durable=False).result(10)
            pairs.append(number)

    writer = threading.Thread(target=write_pairs)
    writer.start()
    try:
        made = backup.take(db.path, now=NOW)
    finally:
        stopping.set()
        writer.join()
    names = tags_in(made.path)
    left = {name.partition(" ")[2] for name in names if name.startswith("left")}
    right = {name.partition(" ")[2] for name in names if name.startswith("right")}
    assert left == right
    assert len(pairs) > len(left)  # writing went on


def test_an_encrypted_database_has_encrypted_copies(tmp_path: Path) -> None:
    path = tmp_path / "workspace.db"
    db = Database.open(path, key="secret")
    db.write(lambda tx: add_tags(tx, ["VIP"])).result(10)
    made = backup.take(path, key=db.key, now=NOW)
    assert not made.path.read_bytes().startswith(b"SQLite format 3")
    assert tags_in(made.path, key=db.key) == ["VIP"]
    db.close()


def test_the_last_days_and_weeks_are_kept() -> None:
    times = [NOW - timedelta(hours=12 * number) for number in range(200)]
    kept = sorted(backup.to_keep(times), reverse=True)
    evening = NOW.replace(hour=21)
    assert kept[:7] == [NOW, *(evening - timedelta(days=number) for number in range(1, 7))]
    assert len(kept) == 7 + 2  # a Monday: this week's and last week's last are among the days
    assert kept[-1] == datetime(2026, 9, 20, 21, 30, tzinfo=UTC)


def test_what_is_not_kept_is_removed_when_the_next_one_is_there(store: Store, db: Database) -> None:
    for number in reversed(range(60)):
        backup.take(db.path, now=NOW - timedelta(days=number))
    days = [(NOW - one.at).days for one in backup.listing(db.path)]
    assert days[:7] == list(range(7))
    assert 7 < len(days) <= 11


def test_a_copy_is_due_once_a_day_and_when_the_clock_went_back(db: Database) -> None:
    assert backup.is_due(db.path, now=NOW)
    backup.take(db.path, now=NOW)
    assert not backup.is_due(db.path, now=NOW + timedelta(hours=23))
    assert backup.is_due(db.path, now=NOW + timedelta(days=1))
    assert backup.is_due(db.path, now=NOW - timedelta(days=400))


def test_a_damaged_database_takes_no_sound_copy_s_place(tmp_path: Path) -> None:
    path = tmp_path / "workspace.db"
    db = Database.open(path)
    db.write(lambda tx: add_tags(tx, [f"{n:04} {'x' * 900}" for n in range(400)])).result(10)
    sound = backup.take(path, now=NOW)
    db.close()
    damage(path)
    with pytest.raises(DatabaseCorrupt):
        backup.take(path, now=NOW + timedelta(days=1))
    assert backup.listing(path) == [sound]
    assert backup.newest_sound(path) == sound


def test_a_damaged_copy_is_passed_over(store: Store, db: Database) -> None:
    older = backup.take(db.path, now=NOW)
    newer = backup.take(db.path, now=NOW + timedelta(days=1))
    newer.path.write_bytes(b"nothing of the kind")
    assert backup.newest_sound(db.path) == older


def test_without_room_there_is_no_half_copy(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    with pytest.raises(DiskFull):
        backup.take(db.path, now=NOW)
    assert backup.listing(db.path) == []


def test_a_copy_that_is_put_back_keeps_the_replaced_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    workspace = Workspace.open(data)
    workspace.db.write(lambda tx: add_tags(tx, ["before"])).result(10)
    made = backup.take(workspace.db.path, now=NOW)
    workspace.db.write(lambda tx: add_tags(tx, ["after"])).result(10)
    backup.stage(made.path, workspace.db.path, now=NOW + timedelta(hours=1))
    workspace.close()
    again = Workspace.open(data)
    assert again.db.read(lambda conn: conn.scalars(text("SELECT name FROM tag")).all()).result(
        10
    ) == ["before"]
    replaced = next(one for one in backup.listing(again.db.path) if one.kind == "replaced")
    assert tags_in(replaced.path) == ["after", "before"]
    assert backup.staged(again.db.path) is None
    again.close()


def test_nothing_is_exchanged_under_a_running_engine(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    made = backup.take(workspace.db.path, now=NOW)
    workspace.db.write(lambda tx: add_tags(tx, ["after"])).result(10)
    backup.stage(made.path, workspace.db.path, now=NOW)
    with EngineLock(tmp_path):
        beside = Workspace.open(tmp_path)
        beside.close()
    assert backup.staged(workspace.db.path) is not None
    workspace.close()


@pytest.mark.parametrize("call", range(8))
def test_an_exchange_cut_short_anywhere_goes_on_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    workspace = Workspace.open(tmp_path)
    workspace.db.write(lambda tx: add_tags(tx, ["before"])).result(10)
    made = backup.take(workspace.db.path, now=NOW)
    workspace.db.write(lambda tx: add_tags(tx, ["after"])).result(10)
    backup.stage(made.path, workspace.db.path, now=NOW)
    # As a killed process leaves it: its last commits are in the log only.
    shutil.copytree(tmp_path, tmp_path.parent / f"{tmp_path.name}-killed")
    workspace.close()
    data = tmp_path.parent / f"{tmp_path.name}-killed"
    path = data / "workspace.db"
    left = [call]

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **more: object) -> object:
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            return real(*args, **more)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", counted(os.link))
        for name in ("replace", "unlink"):
            patched.setattr(Path, name, counted(getattr(Path, name)))
        with suppress(KeyboardInterrupt):
            backup.exchange(path)
    again = Workspace.open(data)
    found = again.db.read(lambda conn: conn.scalars(text("SELECT name FROM tag")).all()).result(10)
    again.close()
    assert found == ["before"]
    (replaced,) = [one for one in backup.listing(path) if one.kind == "replaced"]
    assert tags_in(replaced.path) == ["after", "before"]


def test_a_newer_copy_and_a_foreign_database_are_refused(db: Database, tmp_path: Path) -> None:
    made = backup.take(db.path, now=NOW)
    newer = tmp_path / "newer.db"
    shutil.copy(made.path, newer)
    with closing(driver.open_file(newer, key=None)) as connection:
        connection.execute(f"PRAGMA user_version = {migrations.VERSION + 1}")
    with pytest.raises(DatabaseTooNew):
        backup.stage(newer, db.path, now=NOW)
    foreign = tmp_path / "foreign.db"
    with closing(driver.open_file(foreign, key=None)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    with pytest.raises(DatabaseCorrupt, match="not a workspace"):
        backup.stage(foreign, db.path, now=NOW)
    assert backup.staged(db.path) is None


def test_a_copy_with_a_trigger_in_it_is_refused(db: Database) -> None:
    made = backup.take(db.path, now=NOW)
    with closing(driver.open_file(made.path, key=None)) as connection:
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON tag BEGIN DELETE FROM event; END")
    with pytest.raises(DatabaseCorrupt, match="not a workspace"):
        backup.stage(made.path, db.path, now=NOW)


def test_a_step_to_a_new_version_is_preceded_by_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "workspace.db"
    Database.open(path).close()
    with closing(driver.open_file(path, key=None)) as connection:
        backup.before_migration(connection, path=path, key=None, version=7)
    (made,) = backup.listing(path)
    assert made.kind is backup.Kind.BEFORE_VERSION
