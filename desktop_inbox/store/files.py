"""Files kept under the sha256 of what is in them: raw messages and attachments.

Safe to use from several threads and processes at once: a file appears whole or not at all, and
writing the same bytes twice does nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import IO, BinaryIO

from desktop_inbox.store.disk import settle_folder
from desktop_inbox.store.errors import from_system

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_CHUNK_BYTES = 1 << 20
_UNFINISHED = "."  # what the names of files begin with while they are being written
_FOLDER_LETTERS = 2  # of a digest: the name of the folder the file lies in
# Windows neither replaces nor removes what somebody has open in this moment.
_IN_USE: tuple[type[OSError], ...] = (PermissionError,) if os.name == "nt" else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep removed."""

    count: int = 0
    size: int = 0  # bytes


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
        # A first sync puts tens of thousands: plain system calls cost half of what Path does.
        if not _is_wanted(target):
            try:
                self._write(target, data, durable=durable)
            except OSError as error:
                raise from_system(error, path=target) from error
        return sha256

    def _write(self, target: Path, data: bytes, *, durable: bool) -> None:
        """Write beside the target, then give the file its name in one step.

        In the same folder: file systems look for room near the folder a file is made in, and one
        folder for all that is unfinished made a file twenty times as slow (ext4).
        """
        path = os.path.join(target.parent, f"{_UNFINISHED}{secrets.token_hex(16)}")
        handle = _create(path)
        try:
            with open(handle, "wb", buffering=0) as file:
                _write_all(file, data)
                if durable:
                    os.fsync(handle)
            _give_name(path, target)
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        if durable:
            settle_folder(target.parent)

    def put_file(self, source: Path, *, durable: bool = False) -> str:
        """Keep a copy of the file at `source` and return its sha256; it is never held in memory.

        Raises:
            StoreError: the disk is full or does not let us write.
            OSError: `source` cannot be read.
        """
        with source.open("rb") as original:
            return self.put_stream(original, durable=durable)

    def put_stream(self, original: IO[bytes], *, durable: bool = False) -> str:
        """Keep what `original` holds, read piece by piece, and return its sha256.

        Raises:
            StoreError: the disk is full or does not let us write.
        """
        digest = hashlib.sha256()
        with self._temporary(self.root) as file:
            while chunk := original.read(_CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
            self._settle_as(self.path(digest.hexdigest()), file, durable=durable)
        return digest.hexdigest()

    def discard_leftovers(self, *, before: datetime | None = None) -> None:
        """Remove what killed processes left half written before a moment.

        Without one, all of it, which is right only while no other process runs.
        """
        for path in self._leftovers():
            with suppress(FileNotFoundError, *_IN_USE):  # it was given its name in this moment
                if before is None or _changed(path) < before:
                    path.unlink()

    def _leftovers(self) -> Iterator[Path]:
        with suppress(FileNotFoundError):
            yield from (self.root / "tmp").iterdir()
        yield from (path for path in self._all() if path.name.startswith(_UNFINISHED))

    def sweep(self, wanted: Set[str], *, before: datetime) -> Swept:
        """Remove files that are not `wanted` and that nobody has put here since `before`.

        A file that is put again meanwhile stays. Slow where there are many; any thread.

        Raises:
            StoreError: the folder does not let us.
        """
        count = size = 0
        try:
            for path in self._all():
                name = path.parent.name + path.name
                if name in wanted or not _SHA256.match(name) or _changed(path) >= before:
                    continue
                length = path.stat().st_size
                if self._remove(path, before=before):
                    count, size = count + 1, size + length
        except OSError as error:
            raise from_system(error, path=self.root) from error
        return Swept(count=count, size=size)

    def _all(self) -> Iterator[Path]:
        if self.root.is_dir():
            for folder in self.root.iterdir():
                if len(folder.name) == _FOLDER_LETTERS and folder.is_dir():
                    yield from folder.iterdir()

    def _remove(self, path: Path, *, before: datetime) -> bool:
        """Take a file away; whoever puts it in this moment either saves it or writes it anew."""
        aside = self.root / "tmp" / secrets.token_hex(16)
        aside.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.replace(aside)
        except _IN_USE:
            return False  # the next sweep will find it
        if _changed(aside) >= before:
            aside.replace(path)
            return False
        aside.unlink()
        return True

    @contextmanager
    def _temporary(self, target: Path) -> Iterator[BufferedWriter]:
        """Open a file to write into; nothing of it is left unless it was given its name."""
        path = self.root / "tmp" / secrets.token_hex(16)
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
        if _is_wanted(target):
            return
        target.parent.mkdir(exist_ok=True)
        _give_name(file.name, target)
        if durable:
            settle_folder(target.parent)


def _is_wanted(target: str | Path) -> bool:
    """Tell whether the file is here; if so it counts as new, so that no sweep takes it away."""
    try:
        os.utime(target)
    except FileNotFoundError:
        return False
    except OSError:  # a disk that lets nobody write, or something in the way of the folder
        return os.path.exists(target)
    return True


def _give_name(path: str, target: Path) -> None:
    """Let what was written appear as `target`, in one step; one that is there will do."""
    try:
        os.replace(path, target)
    except _IN_USE:
        # Somebody was faster and is reading it; the name says that it holds the same.
        if not _is_wanted(target):
            raise
        os.unlink(path)


def _create(path: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.open(path, flags, 0o600)


def _write_all(file: FileIO, data: bytes) -> None:
    """Write every byte: an unbuffered write may take only some, as on a disk that is filling."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _discard(file: BufferedWriter, path: Path) -> None:
    try:
        file.close()  # may fail on a full disk, and is closed all the same
    finally:
        path.unlink(missing_ok=True)


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
