"""What connectors keep in databases of their own, such as keys to sealed talks, and its copies.

Such a database is not put back in its place, where a newer one may lie that is in use: it comes to
lie beside it, and the connector takes out of it what it lacks. Blocking; on a thread of its own.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

from desktop_inbox.connectors.contract import RESTORED
from desktop_inbox.store import DATABASE_NAME, backup
from desktop_inbox.store.errors import DatabaseCorrupt, from_system

FOLDER = "channels"  # in the data folder, and among the daily copies

log = logging.getLogger(__name__)


def folder_of(data_dir: Path, account_uid: str) -> Path:
    """Return where an account's connector may keep files of its own."""
    return data_dir / FOLDER / account_uid


def found(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the databases of every account in `folder`, the data folder or that of its copies."""
    for path in sorted((folder / FOLDER).glob("*/*.db")):
        yield path.parent.name, path


def copy(path: Path, target: Path) -> bool:
    """Write a copy of a database that may be in use to `target`; False where it is damaged.

    Raises:
        StoreError: there is no room for it, or it cannot be written.
    """
    try:
        backup.snapshot_of_library(path, target)
    except DatabaseCorrupt as error:
        log.warning("a file that a channel keeps is damaged: %s", error.detail)
        return False
    return True


def keep_copies(data_dir: Path) -> None:
    """Keep the last sound copy of each with the daily ones: it holds all that older ones did.

    *Raises:* StoreError, as of `copy`.
    """
    copies = backup.folder_of(data_dir / DATABASE_NAME)
    for uid, path in found(data_dir):
        copy(path, copies / FOLDER / uid / path.name)


def put_copies_back(data_dir: Path, copies: Path) -> None:
    """Put back what lies in a folder of daily copies. *Raises:* StoreError, as of `copy`."""
    for uid, path in found(copies):
        put_back(data_dir, uid, path)


def put_back(data_dir: Path, account_uid: str, path: Path) -> None:
    """Have the account's connector take out of `path` what it lacks, the next time it opens.

    Twice the same does no harm. A damaged one is left where it is.

    *Raises:* StoreError, as of `copy`.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError as error:
        raise from_system(error, path=path) from error
    copy(path, folder_of(data_dir, account_uid) / RESTORED / f"{digest}.db")
