"""Files kept under the sha256 of what is in them: raw messages and attachments.

Safe to use from several threads and processes at once: a file appears whole or not at all, and
writing the same bytes twice does nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter
from pathlib import Path
from typing import BinaryIO

from desktop_inbox.store.errors import from_system

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_CHUNK_BYTES = 1 << 20


class Files:
    """A folder of files named by their content."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Return where the file lies, or would lie.

        Raises:
            ValueError: `sha256` is not a digest; a path is never built from anything else.
        """
        if not _SHA256.match(sha256):
            raise ValueError("not a sha256 digest")
        return self.root / sha256[:2] / sha256[2:]

    def has(self, sha256: str) -> bool:
        """Tell whether the file is here."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """Open the file for reading.

        Raises:
            FileNotFoundError: it is not here.
        """
        return self.path(sha256).open("rb")

    def read(self, sha256: str) -> bytes:
        """Return the whole file.

        Raises:
            FileNotFoundError: it is not here.
        """
        return self.path(sha256).read_bytes()

    def put(self, data: bytes, *, durable: bool = False) -> str:
        """Keep `data` and return its sha256. With `durable` it survives a power cut.

        Raises:
            StoreError: the disk is full or does not let us write.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        if target.is_file():
            return sha256
        with self._temporary(target) as file:
            file.write(data)
            self._settle_as(target, file, durable=durable)
        return sha256

    def put_file(self, source: Path, *, durable: bool = False) -> str:
        """Keep a copy of the file at `source` and return its sha256; it is never held in memory.

        Raises:
            StoreError: the disk is full or does not let us write.
            OSError: `source` cannot be read.
        """
        with source.open("rb") as original:
            return self._copy(original, durable=durable)

    def _copy(self, original: BinaryIO, *, durable: bool) -> str:
        digest = hashlib.sha256()
        with self._temporary(self.root) as file:
            while chunk := original.read(_CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
            self._settle_as(self.path(digest.hexdigest()), file, durable=durable)
        return digest.hexdigest()

    def discard_leftovers(self) -> None:
        """Remove what a killed process left half written. Only while no other one runs."""
        shutil.rmtree(self.root / "tmp", ignore_errors=True)

    @contextmanager
    def _temporary(self, target: Path) -> Iterator[BufferedWriter]:
        """Open a file to write into; nothing of it is left unless it was given its name."""
        path = self.root / "tmp" / uuid.uuid4().hex
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                try:
                    yield file
                finally:
                    _discard(file, path)
        except OSError as error:
            raise from_system(error, path=target) from error

    def _settle_as(self, target: Path, file: BufferedWriter, *, durable: bool) -> None:
        """Close what was written and let it appear as `target`, which may be there already."""
        file.flush()
        if durable:
            os.fsync(file.fileno())
        file.close()  # Windows does not rename what is open
        if target.is_file():
            return
        target.parent.mkdir(exist_ok=True)
        Path(file.name).replace(target)
        if durable:
            _settle_folder(target.parent)


def _discard(file: BufferedWriter, path: Path) -> None:
    try:
        file.close()  # may fail on a full disk, and is closed all the same
    finally:
        path.unlink(missing_ok=True)


def _settle_folder(folder: Path) -> None:
    if os.name == "nt":  # NTFS journals names, and a folder cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
