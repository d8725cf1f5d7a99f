"""Copies of the database: taken while it is in use, a few of them kept, one of them put back.

They lie in `backups` in the data folder. What is put back waits beside the database until nobody
has it open, and every step of the exchange may be the last before a power cut: the next start goes
on. Blocking; runs on any thread but the window's and the engine's.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from desktop_inbox.store import driver
from desktop_inbox.store.disk import settle_file, settle_folder
from desktop_inbox.store.errors import (
    DatabaseCorrupt,
    DatabaseTooNew,
    DiskFull,
    from_database,
    from_system,
)

FOLDER = "backups"
DAYS_KEPT = 7
WEEKS_KEPT = 4
OTHERS_KEPT = 2  # of the copies that were taken before a change, of each kind
EVERY = timedelta(days=1)

_STEP_PAGES = 500  # 2 MB at a time: what people do meanwhile does not wait
_ROOM_LEFT_BYTES = 64 * 1024 * 1024  # a copy never takes the last of the disk
_STAMP = "%Y-%m-%dT%H%M%SZ"
_NAME = re.compile(
    r"workspace-(\d{4}-\d\d-\d\dT\d{6}Z)(?:-(replaced)|-(before-version)-(\d+))?\.db\Z"
)
_LOGS = ("-wal", "-shm", "-journal")


class Kind(StrEnum):
    """Why a copy was taken."""

    DAILY = "daily"
    REPLACED = "replaced"  # what lay in the place of a copy that was put back, sound or not
    BEFORE_VERSION = "before-version"  # as an older version of the program wrote it


class Backup(NamedTuple):
    """A copy of the database, ordered by when it was taken."""

    at: datetime
    path: Path
    kind: Kind
    size: int  # bytes
    version: int = 0  # that was to come, of a copy from before it


# Taking copies


def folder_of(path: Path) -> Path:
    """Return the folder in which copies of the database at `path` lie."""
    return path.parent / FOLDER


def listing(path: Path) -> list[Backup]:
    """Return the copies there are of the database at `path`, the newest first."""
    try:
        found = list(folder_of(path).iterdir())
    except FileNotFoundError:
        return []
    return sorted(filter(None, map(_backup, found)), reverse=True)


def _backup(path: Path) -> Backup | None:
    named = _NAME.match(path.name)
    if named is None:
        return None
    at = datetime.strptime(named[1], _STAMP).replace(tzinfo=UTC)
    kind = Kind(named[2] or named[3] or Kind.DAILY)
    return Backup(at, path, kind, path.stat().st_size, int(named[4] or 0))


def is_due(path: Path, *, now: datetime) -> bool:
    """Tell whether the last copy of the database at `path` is a day old, or from the future."""
    daily = [one.at for one in listing(path) if one.kind is Kind.DAILY]
    return not daily or abs(now - daily[0]) >= EVERY


def take(
    path: Path,
    *,
    key: str | None = None,
    now: datetime,
    give_up: driver.GiveUp = driver.never,
) -> Backup:
    """Copy a database that may be in use, look the copy over, and let go of those not kept.

    Raises:
        DatabaseCorrupt: the copy, and so the database, is damaged; no older copy goes for it.
        StoreError: there is no room for it, or it cannot be written.
        GivenUp: as `give_up` wanted.
    """
    target = folder_of(path) / f"workspace-{now.strftime(_STAMP)}.db"
    snapshot(path, target, key=key, give_up=give_up)
    _let_go(listing(path))
    made = _backup(target)
    assert made is not None
    return made


def snapshot(
    path: Path, target: Path, *, key: str | None = None, give_up: driver.GiveUp = driver.never
) -> None:
    """Write a sound copy of the database at `path`, as it is in this moment, to `target`.

    `key` is what opens it, from `driver.key_for`, and opens the copy as well.

    Raises:
        DatabaseCorrupt: it is damaged.
        StoreError: there is no room for it, or it cannot be written.
        GivenUp: as `give_up` wanted.
    """
    with _copied(path, target, key=key, give_up=give_up) as part:
        check(part, key=key, give_up=give_up)


def snapshot_of_library(path: Path, target: Path) -> None:
    """Write a sound copy of a database to `target` that a library keeps, as `snapshot` does.

    Raises:
        DatabaseCorrupt: it is damaged, or would do things by itself when it is used.
        StoreError: there is no room for it, or it cannot be written.
    """
    from desktop_inbox.store import health  # looks at databases too, as `check`

    with _copied(path, target, key=None, give_up=driver.never) as part:
        with closing(driver.open_suspect(part, key=None)) as connection:
            active = _is_active(connection)
        faults = ["it has triggers or views"] if active else health.faults_of_file(part)
        if faults:
            raise DatabaseCorrupt(path, "; ".join(faults[:3]))


@contextmanager
def _copied(path: Path, target: Path, *, key: str | None, give_up: driver.GiveUp) -> Iterator[Path]:
    """Copy a database that may be in use, and yield the copy before it appears as `target`."""
    with _appearing(target) as part, _failures(path, keyed=key is not None):
        _want_room(part, _size(path))
        with closing(driver.open_suspect(path, key=key)) as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            driver.copy(connection, part, key=key, pages=_STEP_PAGES, give_up=give_up)
        yield part


def _is_active(connection: Any) -> bool:
    """Tell whether a database does things by itself when it is used."""
    found = "SELECT count(*) FROM sqlite_master WHERE type IN ('trigger', 'view')"
    return bool(connection.execute(found).fetchone()[0])


def before_migration(source: Any, *, path: Path, key: str | None, version: int) -> None:
    """Copy the database at `path`, open on `source`, before it gets the shape of `version`.

    Raises:
        StoreError: there is no room for it, or it cannot be written.
    """
    stamp = datetime.now(UTC).strftime(_STAMP)
    target = folder_of(path) / f"workspace-{stamp}-{Kind.BEFORE_VERSION}-{version}.db"
    with _appearing(target) as part:
        _sweep(target.parent, besides=part)
        _want_room(part, _size(path))
        driver.copy(source, part, key=key)
    _let_go(listing(path))


def _sweep(folder: Path, *, besides: Path) -> None:
    """Remove what somebody who was killed had begun to write."""
    for part in folder.glob("workspace-*.part*"):
        if not part.name.startswith(besides.name):
            part.unlink(missing_ok=True)


def _let_go(backups: Sequence[Backup]) -> None:
    """Remove what is neither among the last days nor among the last weeks."""
    daily = [one for one in backups if one.kind is Kind.DAILY]
    kept = to_keep([one.at for one in daily])
    gone = [one for one in daily if one.at not in kept]
    gone += [one for one in backups if one.kind is Kind.REPLACED][OTHERS_KEPT:]
    gone += _older_versions([one for one in backups if one.kind is Kind.BEFORE_VERSION])
    for one in gone:
        for name in ("", *_LOGS):
            one.path.with_name(one.path.name + name).unlink(missing_ok=True)


def _older_versions(backups: Sequence[Backup]) -> list[Backup]:
    """Return all but the newest copy from before each of the last versions.

    An upgrade that is tried again and again never costs the copy from before another one.
    """
    newest: dict[int, Backup] = {}
    for one in sorted(backups, reverse=True):
        newest.setdefault(one.version, one)
    kept = sorted(newest)[-OTHERS_KEPT:]
    return [one for one in backups if one.version not in kept or newest[one.version] is not one]


def to_keep(times: Iterable[datetime]) -> set[datetime]:
    """Return the last of each of the last days, and the last of each of the last weeks."""
    days: dict[object, datetime] = {}
    weeks: dict[object, datetime] = {}
    for at in sorted(times, reverse=True):
        days.setdefault(at.date(), at)
        weeks.setdefault(at.isocalendar()[:2], at)
    return {*list(days.values())[:DAYS_KEPT], *list(weeks.values())[:WEEKS_KEPT]}


# Looking copies over


def check(path: Path, *, key: str | None = None, give_up: driver.GiveUp = driver.never) -> None:
    """Make sure that the file at `path` is a sound database of ours, in a shape we know.

    Raises:
        DatabaseTooNew: a newer version of the program wrote it.
        DatabaseCorrupt: it is damaged, or is no workspace; DatabaseKeyWrong: the passphrase is
            another one.
        GivenUp: as `give_up` wanted.
    """
    # Both look at databases; the checks there import the schema, which copies know nothing of.
    from desktop_inbox.store import health, migrations

    with _failures(path, keyed=key is not None):
        with closing(driver.open_suspect(path, key=key)) as connection:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
            active = _is_active(connection)
        if version > migrations.VERSION:
            raise DatabaseTooNew(
                path, f"version {version}, this program knows {migrations.VERSION}"
            )
        if owner != migrations.APPLICATION_ID or version == 0 or active:
            raise DatabaseCorrupt(path, "not a workspace of this program")
        faults = health.faults_of_file(path, key=key, give_up=give_up)
    if faults:
        raise DatabaseCorrupt(path, "; ".join(faults[:3]))


def newest_sound(path: Path, *, key: str | None = None) -> Backup | None:
    """Return the newest copy of the database at `path` that is sound, None where there is none."""
    for one in listing(path):
        if one.kind is Kind.REPLACED:
            continue  # somebody wanted to be rid of it
        try:
            check(one.path, key=key)
        except (DatabaseCorrupt, DatabaseTooNew):
            continue
        return one
    return None


# Putting one back


def stage(copy: Path, path: Path, *, key: str | None = None, now: datetime) -> None:
    """Make the sound database at `copy` the one that takes the place of `path` at the next start.

    What waited to be sent when the copy was taken may have been sent since: it is not sent again
    by itself, but shown as uncertain, and looked for (rule: never doubled).

    Raises:
        StoreError: `copy` is damaged, is too new, or there is no room.
    """
    waiting = path.with_name(f"{path.name}.restored-{now.strftime(_STAMP)}")
    with _appearing(waiting) as part, _failures(copy, keyed=key is not None):
        _want_room(part, _size(copy))
        with closing(driver.open_file(copy, key=key)) as connection:
            driver.copy(connection, part, key=key)
        check(part, key=key)
        with closing(driver.open_file(part, key=key)) as connection:
            for statement in _UNSETTLE:
                connection.execute(statement)


_UNSETTLE = (
    "BEGIN IMMEDIATE",
    """
    UPDATE message SET delivery = 'uncertain' WHERE id IN
        (SELECT message_id FROM outbox WHERE state IN ('queued', 'sending'))
    """,
    """
    UPDATE outbox SET state = 'uncertain', phase = '', claimed_by = NULL, error_code = 'restored',
        error_text = ''
    WHERE state IN ('queued', 'sending')
    """,
    "COMMIT",
)


def staged(path: Path) -> Path | None:
    """Return the copy that waits to take the place of the database at `path`, None for none."""
    found = [one for one in path.parent.glob(f"{path.name}.restored-*") if one.suffix != ".part"]
    return max(found, default=None)


def exchange(path: Path) -> Path | None:
    """Put the copy that waits in the place of the database at `path`; return where that one is now.

    Only while nobody has it open. None where nothing waits, or where nothing was replaced.

    Raises:
        StoreError: the folder cannot be written to.
    """
    waiting = staged(path)
    if waiting is None:
        return None
    stamp = waiting.name.rpartition(".restored-")[2]
    kept = folder_of(path) / f"workspace-{stamp}-{Kind.REPLACED}.db"
    try:
        replaced = _keep(path, kept)
        for name in _LOGS:  # first: the new file must never meet the old one's log
            path.with_name(path.name + name).unlink(missing_ok=True)
        waiting.replace(path)
        settle_folder(path.parent)
    except OSError as error:
        raise from_system(error, path=path) from error
    return kept if replaced else None


def _keep(path: Path, kept: Path) -> bool:
    """Give the old database and its log a second name, so that no moment is without it."""
    if not path.exists():
        return False
    kept.parent.mkdir(exist_ok=True, mode=0o700)
    for name in ("-wal", ""):
        source, target = path.with_name(path.name + name), kept.with_name(kept.name + name)
        if not source.exists() or target.exists():
            continue
        try:
            os.link(source, target)
        except OSError:  # a file system that knows no second names
            part = target.with_name(target.name + ".part")
            shutil.copy2(source, part)
            part.replace(target)
    return True


# The file system


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """Give a name to write under; what was written appears as `target`, whole or not at all."""
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            yield part
            settle_file(part)
            part.replace(target)
            settle_folder(target.parent)
        finally:
            for name in ("", *_LOGS):
                part.with_name(part.name + name).unlink(missing_ok=True)
    except OSError as error:
        raise from_system(error, path=target) from error


@contextmanager
def _failures(path: Path, *, keyed: bool) -> Iterator[None]:
    try:
        yield
    except driver.FAILURES as error:
        meant = from_database(error, path=path, keyed=keyed)
        if meant is None:
            raise
        raise meant from error


def _want_room(target: Path, size: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if free < size + _ROOM_LEFT_BYTES:
        raise DiskFull(target, f"{size + _ROOM_LEFT_BYTES} bytes wanted, {free} free")


def _size(path: Path) -> int:
    log = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)
