"""Whether the database is whole and what it holds, for those who are asked for help. Reads only."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from desktop_inbox.store import driver
from desktop_inbox.store.errors import DatabaseCorrupt, DatabaseKeyWrong, from_database, from_system

_COUNTED = ("conversation", "message", "customer", "outbox", "event")
_MOST_FAULTS = 20
_STEPS_BETWEEN = 10_000  # of SQLite's machine, between two looks at whether to go on


def faults(conn: Connection) -> list[str]:
    """Return what SQLite finds wrong with the file, [] where it is whole. Reads all of it.

    Pages that this connection has read before are taken as they were; see `faults_of_file`.
    """
    return _faults(driver.below(conn))


def faults_of_file(
    path: Path, *, key: str | None = None, give_up: driver.GiveUp = driver.never
) -> list[str]:
    """Return what is wrong with the database at `path`, [] where it is whole.

    On a connection of its own: one that has been in use answers from pages it remembers. Takes
    seconds for gigabytes, and holds nobody up. `key` comes from `driver.key_for`.

    Raises:
        StoreError: it cannot be read at all, for another reason than being damaged.
        GivenUp: as `give_up` wanted.
    """
    try:
        with closing(driver.open_suspect(path, key=key)) as connection:
            connection.set_progress_handler(give_up, _STEPS_BETWEEN)
            return _faults(connection)
    except driver.FAILURES as error:
        if give_up():
            raise driver.GivenUp from error
        meant = from_database(error, path=path, keyed=key is not None)
        if isinstance(meant, DatabaseCorrupt) and not isinstance(meant, DatabaseKeyWrong):
            return [meant.detail]
        if meant is None:
            raise
        raise meant from error


def _faults(connection: Any) -> list[str]:
    found = connection.execute(f"PRAGMA integrity_check({_MOST_FAULTS})").fetchall()
    loose = connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_FAULTS)
    said = [line for (line,) in found if line != "ok"]
    return said + [f"{row[0]} {row[1]} refers to a missing {row[2]}" for row in loose]


# A database that is damaged deep inside still opens, so that it is damaged is kept beside it.


def note_damage(path: Path, detail: str) -> None:
    """Remember until it was mended that the database at `path` is damaged, and how.

    Raises:
        StoreError: the folder does not let us write.
    """
    try:
        _damage_note(path).write_text(detail, encoding="utf-8")
    except OSError as error:
        raise from_system(error, path=path) from error


def noted_damage(path: Path) -> str:
    """Return what was noted of the database at `path`, '' where nothing is wrong with it."""
    try:
        return _damage_note(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def forget_damage(path: Path) -> None:
    """Take the note away: the database was put right, or found whole.

    Raises:
        StoreError: the folder does not let us write.
    """
    try:
        _damage_note(path).unlink(missing_ok=True)
    except OSError as error:
        raise from_system(error, path=path) from error


def _damage_note(path: Path) -> Path:
    return path.with_name(f"{path.name}.damage.txt")


def sizes(conn: Connection) -> dict[str, int]:
    """Return how many rows the tables have that people ask about."""
    return row_counts(driver.below(conn))


def row_counts(connection: Any) -> dict[str, int]:
    """Return the same on a connection of the driver's."""
    return {
        name: int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0])  # noqa: S608
        for name in _COUNTED
    }


def sqlite_version(conn: Connection) -> str:
    """Return the version of the SQLite that is linked in."""
    return str(conn.scalar(text("SELECT sqlite_version()")))
