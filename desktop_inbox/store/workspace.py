"""Everything the program keeps: the database, the files beside it, and the folder both lie in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import DATABASE_NAME, backup
from desktop_inbox.store.database import Database, utc_now
from desktop_inbox.store.errors import from_system
from desktop_inbox.store.files import Files
from desktop_inbox.store.lock import EngineBusy, EngineLock

FILES_NAME = "files"
DEVICE_NAME = "device"  # this laptop's uid: outside the database, so a restored copy differs


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An open workspace. Safe to use from any thread; `close` it once, at the end."""

    data_dir: Path
    db: Database
    files: Files

    @classmethod
    def open(cls, data_dir: Path, *, key: str | None = None) -> Workspace:
        """Open the workspace in `data_dir`, creating what is missing.

        Raises:
            StoreError: one of the errors of `Database.open`.
        """
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            device_uid = _device_uid(data_dir / DEVICE_NAME)
        except OSError as error:
            raise from_system(error, path=data_dir) from error
        finish_restoring(data_dir)
        db = Database.open(data_dir / DATABASE_NAME, key=key, device_uid=device_uid)
        return cls(data_dir=data_dir, db=db, files=Files(data_dir / FILES_NAME))

    def close(self) -> None:
        """Finish what is queued and let go. Idempotent."""
        self.db.close()


def finish_restoring(data_dir: Path) -> Path | None:
    """Put a copy that waits for it in the database's place; return where the old one is now.

    None where nothing waits, or where an engine still works on the old one: then it happens at
    the start after that.

    Raises:
        StoreError: the folder cannot be written to.
    """
    path = data_dir / DATABASE_NAME
    if backup.staged(path) is None:
        return None
    try:
        with EngineLock(data_dir) as lock:
            kept = backup.exchange(path)
            lock.looked_over()  # what lies there now was checked before it was left to wait
            return kept
    except EngineBusy:
        return None


def _device_uid(path: Path) -> str:
    """Return the uid kept in `path`; it is made at the first start, or where it was lost."""
    known = path.read_text(encoding="ascii").strip() if path.exists() else ""
    if known:
        return known
    written = path.with_suffix(".new")
    written.write_text(new_uid(utc_now()), encoding="ascii")
    written.replace(path)
    return path.read_text(encoding="ascii").strip()
