"""An open database and workspace for each test of the store."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from desktop_inbox.store.database import READERS, Database, Tx
from desktop_inbox.store.workspace import Workspace
from tests.support.scripted_chat import chat_room as chat_room

T = TypeVar("T")


class Store:
    """A database whose futures a test waits for."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def write(self, function: Callable[[Tx], T]) -> T:
        return self.db.write(function).result(10)

    def read(self, function: Callable[[Connection], T]) -> T:
        return self.db.read(function).result(10)


@contextmanager
def standing_store(folder: Path) -> Iterator[Store]:
    """A store for all tests of a module; both readers have begun, so none seems left behind."""
    database = Database.open(folder / "workspace.db")
    met = threading.Barrier(READERS, timeout=10)
    for reading in [database.read(lambda _: met.wait()) for _ in range(READERS)]:
        reading.result(10)
    yield Store(database)
    database.close()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "workspace.db")
    yield database
    database.close()


@pytest.fixture
def store(db: Database) -> Store:
    return Store(db)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes of its own. Needs root."""
    mount_point = tmp_path / "small"
    mount_point.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mount_point)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("this machine does not let us mount")
    yield mount_point
    subprocess.run(["umount", "-l", str(mount_point)], check=True)
