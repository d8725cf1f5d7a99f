"""The steps from every released shape of the database to the present one, and their runner.

A new file is made from the schema and stamped; an older one is copied, then walked through the
steps it lacks in one transaction. Alembic is imported only when a step has to run. Runs on the
thread that opens the database.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from desktop_inbox.store import backup, driver
from desktop_inbox.store.errors import (
    DatabaseCorrupt,
    DatabaseTooNew,
    UpgradeBlocked,
    UpgradeFailed,
    from_database,
)
from desktop_inbox.store.lock import EngineLock
from desktop_inbox.store.migrations import m0001_first
from desktop_inbox.store.schema import create_all

Step = Callable[[Any], None]  # changes the tables through Alembic's operations

# In order; an explicit list of ordinary imports, so that frozen builds pack them.
STEPS: tuple[Step, ...] = (m0001_first.upgrade,)
VERSION = len(STEPS)

APPLICATION_ID = 0x44494258  # "DIBX": says whose file this is


def bring_up_to_date(connection: Connection, *, path: Path, key: str | None) -> None:
    """Give the database on `connection` the present shape.

    Raises:
        DatabaseTooNew: it has a newer shape than this program knows.
        UpgradeBlocked: an older program's engine runs on it.
        UpgradeFailed: a step went wrong; it has the shape that it had.
        DatabaseCorrupt: it is a database, but not one of ours.
    """
    version = _pragma(connection, "user_version")
    if version == VERSION:
        return
    if version > VERSION:
        raise DatabaseTooNew(path, f"version {version}, this program knows {VERSION}")
    if version:
        _nobody_works_on_it(path)
        backup.before_migration(driver.below(connection), path=path, key=key, version=VERSION)
    below = driver.below(connection)
    below.execute("PRAGMA foreign_keys = OFF")  # batches put a new table in the old one's place
    try:
        _upgrade(connection, path=path)
    finally:
        below.execute("PRAGMA foreign_keys = ON")


def _nobody_works_on_it(path: Path) -> None:
    """Leave a file alone whose engine runs: whoever runs it knows the older shape only."""
    holder = EngineLock(path.parent).holder()
    if holder is not None and holder.pid != os.getpid():
        raise UpgradeBlocked(path, f"process {holder.pid}")


def _upgrade(connection: Connection, *, path: Path) -> None:
    with connection.begin():
        # Another process may have been faster while we waited for the lock.
        version = _pragma(connection, "user_version")
        if version == 0:
            if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one():
                raise DatabaseCorrupt(path, "not a workspace of this program")
            create_all(connection)
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        elif version < VERSION:
            _walk(connection, version, path=path)
        connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")


def _walk(connection: Connection, version: int, *, path: Path) -> None:
    try:
        run(connection, STEPS[version:])
    except Exception as error:
        # Whatever it is, its owner must be told in words that nothing was changed.
        raise from_database(error, path=path) or UpgradeFailed(
            path, type(error).__name__
        ) from error


def run(connection: Connection, steps: tuple[Step, ...]) -> None:
    """Run `steps` in the transaction that is open on `connection`."""
    # 0.1 s that nearly every start can save.
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    op = Operations(MigrationContext.configure(connection))
    for step in steps:
        step(op)


def _pragma(connection: Connection, name: str) -> int:
    return int(driver.below(connection).execute(f"PRAGMA {name}").fetchone()[0])
