"""The samples of recordings that were taken apart: files of a private folder, gone with the window.

Asked for on the UI thread; a disk may take its time, so its threads do what touches one.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Lock

from desktop_inbox.ui.sound_stream import SoundStream


class SoundSamples:
    """Owns the folder. It is made when there is something to put into it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._folder: Path | None = None
        self._made = 0  # files in it so far
        self._closed = False

    async def place(self, key: int) -> Path:
        """Return where the samples of a recording may be written; nothing lies there yet.

        Raises:
            FileNotFoundError: it was closed.
            OSError: the folder cannot be made.
        """
        return await asyncio.to_thread(self._place, key)

    async def opened(self, path: Path, *, rate: int, speed: float) -> SoundStream:
        """Return what plays a file of samples. *Raises:* OSError."""
        return await asyncio.to_thread(SoundStream, path, rate=rate, speed=speed)

    async def remove(self, stream: SoundStream) -> None:
        """Remove the file of a stream that was closed."""
        await asyncio.to_thread(_remove, stream.path)

    def close(self) -> None:
        """Remove the folder with all that lies in it. Waits for the disk. Idempotent."""
        with self._lock:
            self._closed = True
            folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _place(self, key: int) -> Path:
        with self._lock:
            if self._closed:
                raise FileNotFoundError("the folder of samples was closed")
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="desktop-inbox-"))
            self._made += 1
            return self._folder / f"{key}-{self._made}"


def _remove(path: Path) -> None:
    with suppress(PermissionError):  # on Windows, where something looks at it: it goes later, then
        path.unlink(missing_ok=True)
