"""What can go wrong with the workspace's database through the world's doing, a code for each."""

from __future__ import annotations

import errno
from pathlib import Path

# SQLite's primary result codes (https://www.sqlite.org/rescode.html).
_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26


class StoreError(Exception):
    """Base of everything the world does to the store. Anything else is our bug."""

    code = "store"

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(f"{self.code}: {path}" + (f" ({detail})" if detail else ""))
        self.path = path
        self.detail = detail


class DatabaseTooNew(StoreError):
    """A newer version of the program wrote this file."""

    code = "database-too-new"


class UpgradeBlocked(StoreError):
    """An older program still works on this file, which would lose its footing."""

    code = "upgrade-blocked"


class UpgradeFailed(StoreError):
    """A step to the present shape went wrong. Nothing was changed, and there is a copy."""

    code = "upgrade-failed"


class DatabaseCorrupt(StoreError):
    """The file is damaged, or is not a database."""

    code = "database-corrupt"


class DatabaseKeyWrong(DatabaseCorrupt):
    """The passphrase does not open the file, or the file is damaged: the two look alike."""

    code = "database-key-wrong"


class DatabaseUnavailable(StoreError):
    """The file may be all right, but cannot be used now."""

    code = "database-unavailable"


class DatabaseReadOnly(DatabaseUnavailable):
    """The file or its folder does not let us write."""

    code = "database-read-only"


class DiskFull(DatabaseUnavailable):
    """There is no room left. What was committed before is safe."""

    code = "disk-full"


class DatabaseLocked(DatabaseUnavailable):
    """Another program held the write lock for longer than we wait."""

    code = "database-locked"


_BY_RESULT: dict[int, type[StoreError]] = {
    _BUSY: DatabaseLocked,
    _LOCKED: DatabaseLocked,
    _READONLY: DatabaseReadOnly,
    _IOERR: DatabaseUnavailable,
    _CORRUPT: DatabaseCorrupt,
    _FULL: DiskFull,
    _CANTOPEN: DatabaseUnavailable,
    _NOTADB: DatabaseCorrupt,
}


def from_database(error: BaseException, *, path: Path, keyed: bool = False) -> StoreError | None:
    """Return the error that `error` means, or None where it is a mistake of our own.

    `error` comes from SQLAlchemy or from the driver below it; it is told apart by SQLite's
    result code.
    """
    # Not by type: the parse worker keeps files too, and must not load SQLAlchemy for it.
    cause = getattr(error, "orig", error)
    if isinstance(cause, UnicodeDecodeError):  # see driver.FAILURES
        return DatabaseCorrupt(path, "unreadable text")
    code: object = getattr(cause, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return None
    kind = _BY_RESULT.get(code & 0xFF)
    if kind is None:
        return None
    if keyed and code & 0xFF == _NOTADB:
        kind = DatabaseKeyWrong
    return kind(path, str(cause))


def from_system(error: OSError, *, path: Path) -> StoreError:
    """Return the error that a refusal of the operating system means for the file at `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(path, str(error))
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DatabaseReadOnly(path, str(error))
    return DatabaseUnavailable(path, str(error))
