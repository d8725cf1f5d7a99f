"""What can be done about a database that is damaged: open the last sound copy, or salvage.

Either way the damaged file is kept, and what is missing is fetched again from the servers, because
how far each was read lies in the same database. Blocking; nobody may have the workspace open.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import DATABASE_NAME, backup, health
from desktop_inbox.store.database import utc_now
from desktop_inbox.store.errors import from_system
from desktop_inbox.store.lock import EngineLock
from desktop_inbox.store.salvage import salvage
from desktop_inbox.sync import channel_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What there is now."""

    copy_at: datetime | None  # of the copy that was opened, or that helped; None for none
    kept: Path | None  # the damaged database
    rows: dict[str, int]  # by table, where it was salvaged
    damaged: tuple[str, ...] = ()  # tables of which something could not be read


def known_damage(data_dir: Path) -> str:
    """Return what an engine found damaged in a database that still opens, '' for nothing."""
    return health.noted_damage(data_dir / DATABASE_NAME)


def newest_copy(data_dir: Path) -> backup.Backup | None:
    """Return the newest sound copy of the database, None where there is none. Reads all of it."""
    return backup.newest_sound(data_dir / DATABASE_NAME)


def open_copy(data_dir: Path) -> Recovered:
    """Put the newest sound copy in the damaged database's place.

    Raises:
        UserError: "no-backup".
        EngineBusy: the workspace is open.
        StoreError: there is no room, or the folder cannot be written to.
    """
    path = data_dir / DATABASE_NAME
    with EngineLock(data_dir) as lock:
        copy = newest_copy(data_dir)
        if copy is None:
            raise UserError("no-backup", path=backup.folder_of(path))
        channel_files.put_copies_back(data_dir, backup.folder_of(path))
        backup.stage(copy.path, path, now=utc_now())
        kept = _exchange(path, lock)
    return Recovered(copy_at=copy.at, kept=kept, rows={})


def save_what_is_left(data_dir: Path) -> Recovered:
    """Put a new database in the damaged one's place, with everything that could still be read.

    Raises:
        EngineBusy: the workspace is open.
        DatabaseCorrupt: nothing can be read, and there is no copy either.
        StoreError: there is no room, or the folder cannot be written to.
    """
    path = data_dir / DATABASE_NAME
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with EngineLock(data_dir) as lock:
        copy = newest_copy(data_dir)
        try:
            found = salvage(path, new, sound=copy.path if copy else None)
            backup.stage(new, path, now=utc_now())
        except OSError as error:
            raise from_system(error, path=path) from error
        finally:
            with suppress(OSError):
                new.unlink(missing_ok=True)
        kept = _exchange(path, lock)
    return Recovered(
        copy_at=copy.at if copy else None, kept=kept, rows=found.rows, damaged=found.damaged
    )


def _exchange(path: Path, lock: EngineLock) -> Path | None:
    """Put the staged database in the damaged one's place; return where that is kept."""
    kept = backup.exchange(path)
    health.forget_damage(path)
    lock.looked_over()
    return kept
