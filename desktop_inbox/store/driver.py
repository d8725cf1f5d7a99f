"""The one place that knows the SQLite driver: one modern SQLite on every system (SQLCipher's)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlcipher3 import dbapi2

MODULE: Any = dbapi2  # carries no types


def open_file(path: Path, *, key: str | None, timeout_seconds: float = 5.0) -> Any:
    """Open the database at `path`, which may be used from any one thread at a time.

    Nothing begins by itself on it; `key` is the passphrase of an encrypted file.
    """
    connection = MODULE.connect(
        str(path), timeout=timeout_seconds, isolation_level=None, check_same_thread=False
    )
    if key is not None:
        connection.execute("PRAGMA key = '{}'".format(key.replace("'", "''")))
    return connection


def below(connection: Connection) -> Any:
    """Return the driver's connection under one of SQLAlchemy's."""
    return connection.connection.driver_connection
