"""Writes SQLite's log back into the database file while others go on writing.

By itself SQLite does this within the commit that finds the log long, and whoever commits waits for
the disk: a first sync for a tenth of its time. Used on the poller's thread.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from desktop_inbox.store import driver

# Not earlier: a first sync writes the same pages again and again.
_LONG_BYTES = 12 * 2**20
_SHORT_BYTES = 4 * 2**20  # what the file is cut to when its log begins anew
_LAST_RESORT_PAGES = 16_000  # 64 MB: where a writer is faster than we are, its commit waits


def prepare_writer(connection: Any) -> None:
    """Have a connection of the driver's write a log that others write back."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LAST_RESORT_PAGES}")
    # Else the file would never shrink, and its size would not tell how long the log is.
    connection.execute(f"PRAGMA journal_size_limit = {_SHORT_BYTES}")


class WriteAhead:
    """Looks after the log of the database at `path`, whoever writes it."""

    def __init__(self, path: Path, *, long_bytes: int = _LONG_BYTES) -> None:
        self._file = path.with_name(f"{path.name}-wal")
        self._long_bytes = long_bytes
        self._done: tuple[int, int] = (0, 0)  # size and time of the log that was written back

    def tend(self, connection: Any) -> None:
        """Write a long log back over a connection of the driver's, as far as readers allow."""
        seen = self._look()
        if seen[0] < self._long_bytes or seen == self._done:
            return
        # Nothing is lost where this fails: it stays in the log, and a commit that has no room for
        # its own pages says so to whoever asked for it.
        with suppress(driver.MODULE.OperationalError):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._done = seen

    def _look(self) -> tuple[int, int]:
        try:
            found = self._file.stat()
        except OSError:
            return 0, 0
        return found.st_size, found.st_mtime_ns
