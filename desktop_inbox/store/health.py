"""Whether the database is whole and what it holds, for those who are asked for help. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, func, select, text

from desktop_inbox.store.schema import conversation, customer, event, message, outbox

_COUNTED: Sequence[Table] = (conversation, message, customer, outbox, event)
_MOST_FAULTS = 20


def faults(conn: Connection) -> list[str]:
    """Return what SQLite finds wrong with the file, [] where it is whole. Reads all of it."""
    found = conn.scalars(text(f"PRAGMA integrity_check({_MOST_FAULTS})")).all()
    loose = conn.execute(text("PRAGMA foreign_key_check")).fetchmany(_MOST_FAULTS)
    said = [line for line in found if line != "ok"]
    return said + [f"{row[0]} {row[1]} refers to a missing {row[2]}" for row in loose]


def sizes(conn: Connection) -> dict[str, int]:
    """Return how many rows the tables have that people ask about."""
    return {
        table.name: conn.scalar(select(func.count()).select_from(table)) or 0 for table in _COUNTED
    }


def sqlite_version(conn: Connection) -> str:
    """Return the version of the SQLite that is linked in."""
    return str(conn.scalar(text("SELECT sqlite_version()")))
