"""A workspace on its way to a newer version and back, also where somebody pulls the plug."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from desktop_inbox.services import recovery
from desktop_inbox.store import backup, driver, migrations
from desktop_inbox.store.backup import Kind
from desktop_inbox.store.database import Database, DatabaseTooNew
from desktop_inbox.store.errors import UpgradeBlocked
from desktop_inbox.store.workspace import Workspace
from tests.support import builders

ROOT = Path(__file__).parents[2]
COUNT = 40  # conversations
# A program of the next version, as a process that can be killed. The step says where it is.
NEWER = """
import sys
from sqlalchemy import Column, Text
from desktop_inbox.store import driver, migrations
from desktop_inbox.store.database import Database

def step(op):
    op.execute("CREATE TABLE half (x)")
    op.execute("UPDATE conversation SET subject = 'half done'")
    if "in the step" in sys.argv:
        print("here", flush=True)
        sys.stdin.read()
    op.add_column("tag", Column("mood", Text, nullable=False, server_default="calm"))

def copy(source, target, **options):
    target.write_bytes(b"half a copy")
    print("here", flush=True)
    sys.stdin.read()

if "in the copy" in sys.argv:
    driver.copy = copy
migrations.STEPS = (*migrations.STEPS, step)
migrations.VERSION += 1
Database.open(__import__("pathlib").Path(sys.argv[1])).close()
print("done", flush=True)
"""

OLDER = """
import sys
from pathlib import Path
from desktop_inbox.store.lock import EngineLock

with EngineLock(Path(sys.argv[1])):
    print("here", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the version before, with something in it."""
    workspace = Workspace.open(tmp_path / "data")
    workspace.db.write(lambda tx: builders.fill(tx, conversation_count=COUNT)).result(10)
    workspace.close()
    return tmp_path / "data"


@pytest.fixture
def database(data: Path) -> Path:
    return data / "workspace.db"


@pytest.fixture(autouse=True)
def nothing_is_left_over(tmp_path: Path) -> Iterator[None]:
    yield
    assert not list(tmp_path.rglob("*.part*"))


def newer(database: Path, *where: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", NEWER, str(database), *where],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def killed(database: Path, where: str) -> None:
    """Start the newer program, and kill it at that place."""
    process = newer(database, where)
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    process.communicate(timeout=20)


def upgraded(database: Path) -> None:
    told, _none = newer(database).communicate(timeout=60)
    assert told == "done\n"


def rows(database: Path, query: str) -> list[Any]:
    file = driver.open_file(database, key=None)
    try:
        return list(file.execute(query).fetchall())
    finally:
        file.close()


def copies(database: Path) -> list[backup.Backup]:
    return [one for one in backup.listing(database) if one.kind is Kind.BEFORE_VERSION]


def is_as_before(database: Path) -> bool:
    db = Database.open(database)
    try:
        found = db.read(lambda conn: conn.execute(text("SELECT subject FROM conversation")).all())
        return len(found.result(10)) == COUNT and ("half done",) not in found.result(10)
    finally:
        db.close()


@pytest.mark.parametrize("where", ["in the step", "in the copy"])
def test_an_upgrade_that_is_killed_changes_nothing_and_goes_on_at_the_next_start(
    database: Path, where: str
) -> None:
    killed(database, where)
    assert rows(database, "PRAGMA user_version") == [(migrations.VERSION,)]
    assert rows(database, "SELECT count(*) FROM sqlite_master WHERE name = 'half'") == [(0,)]
    assert is_as_before(database)  # the older program goes on with it
    upgraded(database)
    assert rows(database, "PRAGMA user_version") == [(migrations.VERSION + 1,)]
    assert rows(database, "SELECT DISTINCT subject FROM conversation") == [("half done",)]
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]
    (copy,) = copies(database)
    assert copy.version == migrations.VERSION + 1
    assert is_as_before(copy.path)


def test_killing_it_again_and_again_leaves_one_copy(database: Path) -> None:
    for _again in range(3):
        killed(database, "in the step")
    assert len(copies(database)) == 1
    assert is_as_before(database)


def test_the_older_program_refuses_and_goes_on_with_the_copy(data: Path, database: Path) -> None:
    upgraded(database)
    with pytest.raises(DatabaseTooNew):
        Workspace.open(data)
    found = recovery.newest_copy(data)
    assert found is not None
    assert found.kind is Kind.BEFORE_VERSION
    recovered = recovery.open_copy(data)
    assert is_as_before(database)
    assert recovered.kept is not None  # what the newer version had made of it
    assert rows(recovered.kept, "PRAGMA user_version") == [(migrations.VERSION + 1,)]
    upgraded(database)  # and the newer version takes it up again
    assert rows(database, "PRAGMA user_version") == [(migrations.VERSION + 1,)]


def test_a_workspace_that_an_older_program_works_on_is_left_alone(
    data: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = subprocess.Popen(
        [sys.executable, "-c", OLDER, str(data)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert older.stdout is not None
    assert older.stdout.readline() == "here\n"
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "VERSION", migrations.VERSION + 1)
        with pytest.raises(UpgradeBlocked, match=f"process {older.pid}"):
            Database.open(database)
    assert copies(database) == []
    older.communicate("", timeout=20)
    upgraded(database)


def test_copies_of_the_newer_version_are_nothing_for_the_older_one(
    data: Path, database: Path
) -> None:
    upgraded(database)
    later = datetime.now(UTC) + timedelta(days=1)
    taken = backup.folder_of(database) / f"workspace-{later:%Y-%m-%dT%H%M%SZ}.db"
    taken.write_bytes(database.read_bytes())
    found = recovery.newest_copy(data)
    assert found is not None
    assert found.kind is Kind.BEFORE_VERSION


def test_the_newest_copy_from_before_each_of_the_last_two_versions_is_kept(
    database: Path,
) -> None:
    file = driver.open_file(database, key=None)
    folder = backup.folder_of(database)
    folder.mkdir(exist_ok=True)
    for day, version in ((1, 5), (2, 6), (3, 6), (4, 7)):
        (folder / f"workspace-2026-01-0{day}T000000Z-before-version-{version}.db").write_bytes(b"x")
    backup.before_migration(file, path=database, key=None, version=7)
    file.close()
    assert [(one.version, one.at.day) for one in copies(database)][1:] == [(6, 3)]
    assert copies(database)[0].version == 7
    assert copies(database)[0].at.year > 2025
    assert len(copies(database)) == 2
