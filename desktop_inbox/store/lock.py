"""One engine at a time on a workspace: a lock the system drops when its holder dies."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from desktop_inbox.store.errors import from_system

_NAME = "engine.lock"
_FAR = 1 << 30  # Windows forbids reading what is locked, so a byte past the text is locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that runs the engine."""

    pid: int
    since: datetime


class EngineBusy(Exception):
    """Another process runs this workspace's engine."""

    def __init__(self, holder: Holder | None) -> None:
        super().__init__(f"process {holder.pid}" if holder else "another process")
        self.holder = holder


class EngineLock:
    """The right to run the engine of one workspace. A context manager.

    Its file is also the mark of a crash: a holder that ends well empties it, so what is found in
    it was left by one that was killed, and stays there until somebody has `looked_over` the
    database.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / _NAME
        self._file: BinaryIO | None = None
        self.crashed = False  # the last holder did not end well, and nobody has looked since

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def acquire(self) -> None:
        """Take the lock. A lock file that a killed process left behind does not matter.

        Raises:
            EngineBusy: another process holds it, or this one already does.
            StoreError: the folder does not let us write.
        """
        try:
            file = self._path.open("a+b")
        except OSError as error:
            raise from_system(error, path=self._path) from error
        if not _try_lock(file):
            holder = _read(file)
            file.close()
            raise EngineBusy(holder)
        file.seek(0)
        self.crashed = bool(file.read(1))
        file.truncate(0)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        file.write(json.dumps({"pid": os.getpid(), "since": since}).encode())
        file.flush()
        self._file = file

    def looked_over(self) -> None:
        """Take the mark of a crash away: the database was found whole, or put right."""
        self.crashed = False

    def release(self) -> None:
        """Give the lock back. Idempotent."""
        if self._file is not None:
            if not self.crashed:
                self._file.truncate(0)
            _unlock(self._file)
            self._file.close()
            self._file = None

    def holder(self) -> Holder | None:
        """Return who runs the engine now, None for nobody."""
        if self._file is not None:
            return _read(self._file)
        try:
            file = self._path.open("r+b")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise from_system(error, path=self._path) from error
        with file:
            if _try_lock(file):
                _unlock(file)
                return None
            return _read(file)

    def __enter__(self) -> EngineLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _read(file: BinaryIO) -> Holder | None:
    file.seek(0)
    try:
        known = json.loads(file.read())
        return Holder(pid=int(known["pid"]), since=datetime.fromisoformat(known["since"]))
    except (ValueError, KeyError, TypeError):
        return None  # its holder has just begun to write


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: BinaryIO) -> bool:
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: BinaryIO) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: BinaryIO) -> bool:
        # flock belongs to the open file, so a second lock object in this process is refused too.
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
