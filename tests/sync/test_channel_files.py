"""What channels keep in databases of their own is in every copy, and comes back beside others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_inbox.connectors.contract import RESTORED
from desktop_inbox.services import backup, recovery
from desktop_inbox.store import backup as copies
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync import channel_files

UID = "0192a000-0000-7000-8000-000000000001"
NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give a data folder with a workspace, and an account that keeps one key."""
    data = tmp_path / "data"
    Workspace.open(data).close()
    folder = channel_files.folder_of(data, UID)
    folder.mkdir(parents=True)
    put(folder / "matrix-1.db", "first")
    return data


def put(path: Path, key: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS keys (key TEXT)")
        connection.execute("INSERT INTO keys VALUES (?)", (key,))
        connection.commit()


def keys(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM keys")]


def brought_back(data: Path) -> list[list[str]]:
    return [keys(path) for path in (channel_files.folder_of(data, UID) / RESTORED).iterdir()]


def back_up(data: Path) -> Path:
    workspace = Workspace.open(data)
    try:
        return backup.make(workspace, data.parent / "shop.zip").path
    finally:
        workspace.close()


def test_a_backup_holds_what_was_kept_for_good_and_lays_it_beside_what_is_newer(
    data: Path, tmp_path: Path
) -> None:
    lies = channel_files.folder_of(data, UID) / "matrix-1.db"
    with closing(sqlite3.connect(lies)) as working:
        working.execute("INSERT INTO keys VALUES ('half done')")
        made = back_up(data)
    put(lies, "second")

    for _ in range(2):
        backup.restore(data, made)
    backup.restore(tmp_path / "elsewhere", made)

    assert keys(lies) == ["first", "second"]
    assert brought_back(data) == brought_back(tmp_path / "elsewhere") == [["first"]]
    assert not list(data.glob("*.part"))


def test_the_daily_copies_hold_it_too_and_bring_it_back(data: Path, tmp_path: Path) -> None:
    daily = copies.take(data / "workspace.db", now=NOW)
    channel_files.keep_copies(data)

    backup.restore(tmp_path / "elsewhere", daily.path)
    recovery.open_copy(data)

    assert brought_back(tmp_path / "elsewhere") == brought_back(data) == [["first"]]


@pytest.mark.expects_log("a file that a channel keeps is damaged")
def test_a_damaged_one_costs_neither_the_backup_nor_the_last_sound_copy(data: Path) -> None:
    channel_files.keep_copies(data)
    (channel_files.folder_of(data, UID) / "matrix-1.db").write_bytes(b"no database" * 1000)
    channel_files.keep_copies(data)
    made = back_up(data)
    backup.restore(data, made)

    [copy] = [path for _, path in channel_files.found(copies.folder_of(data / "workspace.db"))]
    assert keys(copy) == ["first"]
    assert not (channel_files.folder_of(data, UID) / RESTORED).exists()


@pytest.mark.expects_log("a file that a channel keeps is damaged: it has triggers or views")
def test_one_that_would_do_something_by_itself_is_left_out(data: Path) -> None:
    bad = data / "bad.db"
    put(bad, "evil")
    with closing(sqlite3.connect(bad)) as connection:
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON keys BEGIN DELETE FROM keys; END")
    channel_files.put_back(data, UID, bad)
    assert not list((channel_files.folder_of(data, UID) / RESTORED).glob("*"))
