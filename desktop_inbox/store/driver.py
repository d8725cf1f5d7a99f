"""The one place that knows the SQLite driver: one modern SQLite on every system (SQLCipher's)."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlcipher3 import dbapi2

MODULE: Any = dbapi2  # carries no types


# SQLCipher 4 makes a key of a passphrase this way: right, and too slow to do for each connection.
_ROUNDS = 256_000
_SALT_BYTES = 16  # at the beginning of the file


def key_for(path: Path, passphrase: str) -> str:
    """Return the key that `passphrase` means for the file at `path`, which need not exist yet.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            salt = file.read(_SALT_BYTES)
    except FileNotFoundError:
        salt = b""
    if len(salt) < _SALT_BYTES:
        salt = secrets.token_bytes(_SALT_BYTES)
    key = hashlib.pbkdf2_hmac("sha512", passphrase.encode(), salt, _ROUNDS, dklen=32)
    return f"x'{key.hex()}{salt.hex()}'"


def open_file(path: Path, *, key: str | None, timeout_seconds: float = 5.0) -> Any:
    """Open the database at `path`, which may be used from any one thread at a time.

    Nothing begins by itself on it; `key` comes from `key_for`, for an encrypted file.
    """
    connection = MODULE.connect(
        str(path), timeout=timeout_seconds, isolation_level=None, check_same_thread=False
    )
    if key is not None:
        connection.execute(f'PRAGMA key = "{key}"')
    return connection


def below(connection: Connection) -> Any:
    """Return the driver's connection under one of SQLAlchemy's."""
    return connection.connection.driver_connection
