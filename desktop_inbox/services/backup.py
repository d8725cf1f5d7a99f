"""A whole workspace in one file, and back: the database, every file it names, channels' own.

Blocking; on a thread of its own beside a window or an engine, which go on meanwhile. Secrets are
not in it: they stay in the keyring, and so does the password of what a channel keeps sealed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import DATABASE_NAME, driver, health
from desktop_inbox.store import backup as copies
from desktop_inbox.store.database import DiskFull, utc_now
from desktop_inbox.store.disk import settle_file, settle_folder
from desktop_inbox.store.errors import from_system
from desktop_inbox.store.files import Files
from desktop_inbox.store.lock import EngineLock
from desktop_inbox.store.maintenance import named_files
from desktop_inbox.store.workspace import FILES_NAME, Workspace
from desktop_inbox.sync import channel_files

_FORMAT = "desktop-inbox backup"
_VERSION = 1
_MANIFEST = "manifest.json"
_MANIFEST_BYTES = 1 << 20
_FILE = re.compile(r"files/([0-9a-f]{2})/([0-9a-f]{62})\Z")
_CHANNEL = re.compile(rf"{channel_files.FOLDER}/([0-9a-f-]{{36}})/[a-z0-9-]{{1,60}}\.db\Z")
_LEVEL = 1  # mail halves at once; more effort gains a tenth
_PIECE_BYTES = 1 << 20
_SQLITE = b"SQLite format 3\0"

Report = Callable[[int, int], None]
"""Hears how many files of how many are done. It may raise GivenUp."""


def _silently(_done: int, _total: int) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a backup holds."""

    path: Path
    size: int  # bytes
    rows: dict[str, int]  # by table
    files: int
    missing: int  # files that the database names and that are not there, or are damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back."""

    rows: dict[str, int]
    files: int
    missing: int
    kept: Path | None  # the database that lay there before


def make(workspace: Workspace, target: Path, *, report: Report = _silently) -> Made:
    """Write the workspace, as it is in this moment, into one file at `target`.

    What lies there is replaced once the new one is complete.

    Raises:
        StoreError: there is no room, it cannot be written, or the database is damaged.
        GivenUp: `report` did not want it any more; nothing is left of it.
    """
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    database = part.with_suffix(".db")
    try:
        copies.snapshot(workspace.db.path, database, key=workspace.db.key)
        try:
            rows, named = _contents(database, key=workspace.db.key)
            missing = _write(part, database, workspace, named, report)
            settle_file(part)
            part.replace(target)
            settle_folder(target.parent)
        finally:
            part.unlink(missing_ok=True)
            database.unlink(missing_ok=True)
        return Made(
            path=target,
            size=target.stat().st_size,
            rows=rows,
            files=len(named) - missing,
            missing=missing,
        )
    except OSError as error:
        raise from_system(error, path=target) from error


def _contents(database: Path, *, key: str | None) -> tuple[dict[str, int], list[str]]:
    with closing(driver.open_suspect(database, key=key)) as connection:
        return health.row_counts(connection), sorted(set(named_files(connection)))


def _write(
    part: Path, database: Path, workspace: Workspace, named: list[str], report: Report
) -> int:
    """Write the archive, and return how many files were not there."""
    missing = 0
    files = workspace.files
    with zipfile.ZipFile(
        part, "x", compression=zipfile.ZIP_DEFLATED, compresslevel=_LEVEL
    ) as archive:
        archive.write(database, DATABASE_NAME)
        for number, sha256 in enumerate(named, 1):
            path = files.path(sha256)
            if path.is_file():
                archive.write(path, f"{FILES_NAME}/{path.parent.name}/{path.name}")
            else:
                missing += 1
            report(number, len(named))
        _write_channels(archive, part, workspace.data_dir)
        manifest = {
            "format": _FORMAT,
            "version": _VERSION,
            "made_at": utc_now().isoformat(),
            "database_sha256": _digest(database),
        }
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
    return missing


def _write_channels(archive: zipfile.ZipFile, part: Path, data_dir: Path) -> None:
    """Write what channels keep: after the database, whose cursors may let services forget it."""
    copied = part.with_suffix(".channel")
    try:
        for uid, path in channel_files.found(data_dir):
            if channel_files.copy(path, copied):
                archive.write(copied, f"{channel_files.FOLDER}/{uid}/{path.name}")
    finally:
        copied.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restore(
    data_dir: Path, source: Path, *, key: str | None = None, report: Report = _silently
) -> Restored:
    """Put what `source` holds in the place of the workspace in `data_dir`, which nobody has open.

    `source` is a backup, or a single copy of the database such as the daily ones. It is looked
    over before anything is touched, and the old database stays beside the new one.

    Raises:
        EngineBusy: the workspace is open.
        UserError: "backup-unreadable" (path, detail), "backup-too-new" (path).
        StoreError: its database is damaged or too new, there is no room, it cannot be written.
    """
    path = data_dir / DATABASE_NAME
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise from_system(error, path=data_dir) from error
    with EngineLock(data_dir) as lock:
        files = prepare(data_dir, source, key=key, report=report)
        kept = copies.exchange(path)
        lock.looked_over()
    rows, named = _contents(path, key=key)
    store = Files(data_dir / FILES_NAME)
    missing = sum(not store.has(sha256) for sha256 in named)
    return Restored(rows=rows, files=files, missing=missing, kept=kept)


def prepare(
    data_dir: Path, source: Path, *, key: str | None = None, report: Report = _silently
) -> int:
    """Look `source` over and leave it to wait: the next start puts it in the database's place.

    Files of it that are not here yet are here afterwards, and their number is returned. For a
    window that has the workspace open; errors as of `restore`.
    """
    path = data_dir / DATABASE_NAME
    if _is_database(source):
        channel_files.put_copies_back(data_dir, source.parent)
        copies.stage(source, path, key=key, now=utc_now())
        return 0
    with _opened(source) as archive:
        members = _members(archive, source)
        _want_room(data_dir, sum(member.file_size for member in members))
        database = data_dir / f"{DATABASE_NAME}.{secrets.token_hex(4)}.part"
        try:
            _take_database(archive, source, database)
            copies.check(database, key=key)
            count = _take_files(archive, source, members, Files(data_dir / FILES_NAME), report)
            _take_channels(archive, members, data_dir)
            copies.stage(database, path, key=key, now=utc_now())
        finally:
            database.unlink(missing_ok=True)
    return count


def _is_database(source: Path) -> bool:
    try:
        with source.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise UserError("no-file", path=source, detail=error.strerror or "") from error


@contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; whatever is wrong with it ends in one refusal."""
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UserError("backup-unreadable", path=source, detail=str(error)) from error
    except OSError as error:
        raise from_system(error, path=source) from error


def _members(archive: zipfile.ZipFile, source: Path) -> list[zipfile.ZipInfo]:
    """Return what is in the archive; nothing in it may be called otherwise than we do."""
    members = archive.infolist()
    names = [member.filename for member in members]
    known = {_MANIFEST, DATABASE_NAME}
    strange = [
        name
        for name in names
        if name not in known and not _FILE.match(name) and not _CHANNEL.match(name)
    ]
    if strange or len(set(names)) != len(names) or not known <= set(names):
        detail = strange[0] if strange else "its list of contents is not one of ours"
        raise UserError("backup-unreadable", path=source, detail=detail)
    return members


def _want_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise DiskFull(folder, f"{size} bytes wanted, {free} free")


def _take_database(archive: zipfile.ZipFile, source: Path, target: Path) -> None:
    with archive.open(_MANIFEST) as file:
        manifest = json.loads(file.read(_MANIFEST_BYTES))
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise UserError("backup-unreadable", path=source, detail=_MANIFEST)
    if manifest.get("version") != _VERSION:
        raise UserError("backup-too-new", path=source)
    _unpack(archive, DATABASE_NAME, target)
    if _digest(target) != manifest.get("database_sha256"):
        raise UserError("backup-unreadable", path=source, detail=DATABASE_NAME)


def _unpack(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    with archive.open(name) as packed:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(packed, file, _PIECE_BYTES)


def _take_channels(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], data_dir: Path
) -> None:
    """Lay what channels kept before their connectors, which look it over themselves."""
    for member in members:
        if named := _CHANNEL.match(member.filename):
            unpacked = data_dir / f"channel.{secrets.token_hex(4)}.part"
            try:
                _unpack(archive, member.filename, unpacked)
                channel_files.put_back(data_dir, named[1], unpacked)
            finally:
                unpacked.unlink(missing_ok=True)


def _take_files(
    archive: zipfile.ZipFile,
    source: Path,
    members: list[zipfile.ZipInfo],
    files: Files,
    report: Report,
) -> int:
    """Keep the files of an archive, each under the digest of what it really holds."""
    packed = [member for member in members if _FILE.match(member.filename)]
    new = 0
    for number, member in enumerate(packed, 1):
        sha256 = member.filename.removeprefix(f"{FILES_NAME}/").replace("/", "")
        if not files.has(sha256):
            with archive.open(member) as file:
                if files.put_stream(file) != sha256:
                    raise UserError("backup-unreadable", path=source, detail=member.filename)
            new += 1
        report(number, len(packed))
    return new
