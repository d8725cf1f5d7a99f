"""The one place that knows the SQLite driver: one modern SQLite on every system (SQLCipher's)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlcipher3 import dbapi2

if TYPE_CHECKING:
    from sqlalchemy import Connection  # the first page of the list is read without it

MODULE: Any = dbapi2  # carries no types

# What using a file that may be damaged can raise: SQLite's words for it may quote what it found
# there, and the driver takes those for UTF-8.
FAILURES: tuple[type[Exception], ...] = (MODULE.Error, UnicodeDecodeError)


# SQLCipher 4 makes a key of a passphrase this way: right, and too slow to do for each connection.
_ROUNDS = 256_000
_SALT_BYTES = 16  # at the beginning of the file
_PAUSE_SECONDS = 0.005  # between two steps of a copy


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
        salt = os.urandom(_SALT_BYTES)
    from hashlib import pbkdf2_hmac  # loads a library, and most workspaces have no passphrase

    key = pbkdf2_hmac("sha512", passphrase.encode(), salt, _ROUNDS, dklen=32)
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


def open_suspect(path: Path, *, key: str | None) -> Any:
    """Open, for reading only, a database that may be damaged or made by somebody who means harm.

    What it defines does not run while it is read, and half a character in it is no failure.
    """
    connection = open_file(path, key=key)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


class GivenUp(Exception):
    """Whoever asked for something that takes long does not want it any more."""


GiveUp = Callable[[], bool]  # asked now and then: True ends it with GivenUp


def never() -> bool:
    """Go on to the end."""
    return False


def copy(
    source: Any, target: Path, *, key: str | None, pages: int = -1, give_up: GiveUp = never
) -> None:
    """Write what `source`, a connection of the driver's, holds into one file at `target`.

    What lies there is replaced. With `pages` it goes on a few at a time and lets others have their
    turn: begin a transaction on `source` first, or every commit meanwhile starts it anew.
    """

    def step(_status: int, _left: int, _all: int) -> None:
        if give_up():
            raise GivenUp

    target.unlink(missing_ok=True)
    with closing(open_file(target, key=key)) as copied:
        source.backup(copied, pages=pages, progress=step, sleep=_PAUSE_SECONDS)
        copied.execute("PRAGMA journal_mode = DELETE")  # a copy is one file, without a log beside


def below(connection: Connection) -> Any:
    """Return the driver's connection under one of SQLAlchemy's."""
    return connection.connection.driver_connection
