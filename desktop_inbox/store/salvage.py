"""A new database out of what can still be read of a damaged one, and of the last sound copy.

Whatever a server still has is fetched again: the cursors are those of the copy, or none. Blocking,
and slow where there is much; on a thread of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, create_engine
from sqlalchemy.pool import NullPool

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import (
    conversations,
    customers,
    driver,
    health,
    message_index,
    messages,
    migrations,
)
from desktop_inbox.store.database import Database, Tx, utc_now
from desktop_inbox.store.errors import DatabaseCorrupt
from desktop_inbox.store.schema import metadata
from desktop_inbox.store.types import Json

_CURSORS = "sync_cursor"
_LEFT_OUT = {"change_log", "file_text", _CURSORS}
_BATCH = 500
_LONGEST_JUMP = 1 << 62
_GARBLED = object()
_PAGE_MAP = 2  # with auto_vacuum, the second page says what the others are for
_PAGE_COUNT_AT = 28  # in the header, four bytes (https://www.sqlite.org/fileformat.html 1.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What came of it."""

    rows: dict[str, int]  # by table, as `health.row_counts`
    damaged: tuple[str, ...]  # tables of which something could not be read


def salvage(damaged: Path, target: Path, *, sound: Path | None) -> Salvaged:
    """Write everything that can be read of the database at `damaged` into a new one at `target`.

    Where a table cannot be read whole, what it lacks is taken from the copy at `sound`.

    Raises:
        DatabaseCorrupt: nothing can be read, and there is no copy either.
        StoreError: there is no room, or it cannot be written.
    """
    with _new(target) as rescued, _with_its_tables(damaged, target) as source:
        lossy = _pour(rescued, source)
        if sound is not None:
            _pour(rescued, sound, only=lossy | {_CURSORS})
        if not any(health.row_counts(rescued).values()):
            raise DatabaseCorrupt(damaged, "nothing of it can be read")
        for statement in _MEND:
            rescued.execute(statement)
        _mend_references(rescued)
        rescued.execute("COMMIT")
    _compute_again(target)
    with closing(driver.open_suspect(target, key=None)) as connection:
        return Salvaged(rows=health.row_counts(connection), damaged=tuple(sorted(lossy)))


@contextmanager
def _new(target: Path) -> Iterator[Any]:
    """Make an empty database and yield a driver's connection to it, in a transaction."""
    target.unlink(missing_ok=True)
    engine = create_engine(
        "sqlite://",
        module=driver.MODULE,
        creator=lambda: driver.open_file(target, key=None),
        poolclass=NullPool,
    )
    with engine.connect() as connection:
        driver.below(connection).execute("PRAGMA auto_vacuum = INCREMENTAL")  # as every other one
        migrations.bring_up_to_date(connection, path=target, key=None)
    engine.dispose()
    with closing(driver.open_file(target, key=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        yield connection


# Reading what can be read


@contextmanager
def _with_its_tables(damaged: Path, empty: Path) -> Iterator[Path]:
    """Yield the damaged file, or one like it with a sound list of its tables.

    Without that list nothing is found. It is the same in every database of one version, page by
    page, because all of them are made alike: so the pages of an empty one go in its place.
    """
    if _lists_its_tables(damaged):
        yield damaged
        return
    grafted = empty.with_name(f"{empty.name}.grafted")
    try:
        shutil.copyfile(damaged, grafted)
        log = damaged.with_name(f"{damaged.name}-wal")
        if log.exists():
            shutil.copyfile(log, grafted.with_name(f"{grafted.name}-wal"))
        _graft(grafted, empty)
        yield grafted
    finally:
        for name in ("", "-wal", "-shm"):
            grafted.with_name(grafted.name + name).unlink(missing_ok=True)


def _lists_its_tables(path: Path) -> bool:
    try:
        with closing(driver.open_suspect(path, key=None)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except driver.FAILURES:
        return False
    return True


def _graft(path: Path, empty: Path) -> None:
    """Write the pages that list the tables of the database at `empty` into the one at `path`."""
    with closing(driver.open_suspect(empty, key=None)) as connection:
        page_bytes = int(connection.execute("PRAGMA page_size").fetchone()[0])
        count = int(connection.execute("PRAGMA page_count").fetchone()[0])
        roots = {root for (root,) in connection.execute("SELECT rootpage FROM sqlite_master")}
    donor = empty.read_bytes()
    with path.open("rb+") as file:
        # In an empty database a page is the root of a table, the map of pages, or of this list.
        for page in set(range(1, count + 1)) - roots - {_PAGE_MAP}:
            file.seek((page - 1) * page_bytes)
            file.write(donor[(page - 1) * page_bytes : page * page_bytes])
        size = file.seek(0, os.SEEK_END)
        file.seek(_PAGE_COUNT_AT)
        file.write(struct.pack(">I", size // page_bytes))


def _pour(rescued: Any, source: Path, *, only: set[str] | None = None) -> set[str]:
    """Copy what is not there yet; return the tables of which something could not be read."""
    lossy = set()
    for table in metadata.sorted_tables:
        if table.name in _LEFT_OUT if only is None else table.name not in only:
            continue
        # A connection for each: after a damaged page, one may answer nothing any more.
        with closing(driver.open_file(source, key=None)) as connection:
            if not _copy_table(connection, rescued, table):
                lossy.add(table.name)
    return lossy


def _copy_table(connection: Any, rescued: Any, table: Table) -> bool:
    """Copy the rows of a table; False where some could not be read."""
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        connection.text_factory = _decoded
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
    except driver.FAILURES:
        return False
    columns = [column for column in table.columns if column.name in there]
    if not columns:
        return False
    names = ", ".join(column.name for column in columns)
    marks = ", ".join("?" * len(columns))
    insert = f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - ours
    json_at = [at for at, column in enumerate(columns) if isinstance(column.type, Json)]
    reader = _with_rowid if table.dialect_options["sqlite"]["with_rowid"] else _without_rowid
    whole = True
    for row in reader(connection, table, names):
        if row is None or _GARBLED in row or not all(_is_json(row[at]) for at in json_at):
            whole = False
        else:
            rescued.execute(insert, row)
    return whole


def _decoded(raw: bytes) -> str | object:
    """Return a text; one with foreign bytes in it was overwritten, and counts as lost."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _GARBLED


def _is_json(value: object) -> bool:
    if value is None:
        return True
    try:
        json.loads(str(value))
    except ValueError:
        return False
    return True


def _with_rowid(connection: Any, table: Table, names: str) -> Iterator[tuple[Any, ...] | None]:
    """Yield rows in the order of their keys; None for a gap, behind which it goes on."""
    after, jump = -_LONGEST_JUMP, 1
    query = f"SELECT rowid, {names} FROM {table.name} NOT INDEXED WHERE rowid > ? ORDER BY rowid"  # noqa: S608
    while True:
        try:
            for row in connection.execute(query, (after,)):
                after, jump = row[0], 1
                yield row[1:]
        except driver.FAILURES:
            yield None
        else:
            return
        # A damaged page holds a stretch of keys: go on behind it, wherever it may end.
        after, jump = max(after, 0) + jump, jump * 2
        if after >= _LONGEST_JUMP:
            return


def _without_rowid(connection: Any, table: Table, names: str) -> Iterator[tuple[Any, ...] | None]:
    """Yield rows from both ends up to the first that cannot be read; None for what is between."""
    keys = [column.name for column in table.primary_key]
    for direction in ("ASC", "DESC"):
        order = ", ".join(f"{name} {direction}" for name in keys)
        query = f"SELECT {names} FROM {table.name} ORDER BY {order}"  # noqa: S608 - names of ours
        try:
            yield from connection.execute(query)
        except driver.FAILURES:
            yield None
        else:
            return


# Putting right what now refers to nothing


_MEND = (
    # The words in files are read off the files again.
    "UPDATE attachment SET searched = NULL",
    # Conversations that are lost live on through their messages.
    """
    INSERT INTO conversation (id, uid, subject, status, created_at, last_at)
    SELECT conversation_id, 'salvaged-' || lower(hex(randomblob(16))), max(subject), 'open',
        min(at), max(at)
    FROM message WHERE conversation_id NOT IN (SELECT id FROM conversation)
    GROUP BY conversation_id
    """,
    """
    UPDATE message SET origin_id = conversation_id
    WHERE origin_id NOT IN (SELECT id FROM conversation)
    """,
    # A mail without its body is fetched again; what only we have keeps at least its first words.
    """
    DELETE FROM message_location WHERE message_id IN (
        SELECT id FROM message WHERE direction = 'in'
            AND id NOT IN (SELECT message_id FROM message_body))
    """,
    """
    DELETE FROM attachment WHERE message_id IN (
        SELECT id FROM message WHERE direction = 'in'
            AND id NOT IN (SELECT message_id FROM message_body))
    """,
    """
    UPDATE message SET complete = 0 WHERE direction = 'in'
        AND id NOT IN (SELECT message_id FROM message_body)
    """,
    """
    INSERT INTO message_body (message_id, text)
    SELECT id, snippet FROM message WHERE direction <> 'in'
        AND id NOT IN (SELECT message_id FROM message_body)
    """,
)


def _mend_references(rescued: Any) -> None:
    """Let go of references to what is lost, and of rows that are nothing without them."""
    for table in metadata.sorted_tables:  # what others refer to comes first
        for column in table.columns:
            for reference in column.foreign_keys:
                name, other = column.name, reference.column
                there = f"SELECT {other.name} FROM {other.table.name}"  # noqa: S608 - ours
                lost = f"{name} IS NOT NULL AND {name} NOT IN ({there})"
                if column.nullable:
                    rescued.execute(f"UPDATE {table.name} SET {column.name} = NULL WHERE {lost}")  # noqa: S608
                else:
                    rescued.execute(f"DELETE FROM {table.name} WHERE {lost}")  # noqa: S608


# What follows from the rest


def _compute_again(target: Path) -> None:
    """Fill the search index and the columns that are derived from messages."""
    db = Database.open(target)
    try:
        db.write(_name_conversations).result()
        for first, write in (
            ("SELECT id FROM message", _index_messages),
            ("SELECT id FROM conversation", conversations.refresh),
            ("SELECT id FROM customer", customers.index),
        ):
            for ids in _batches(db, first):
                db.write(_bound(write, ids), durable=False).result()
    finally:
        db.close()
    _one_file(target)


def _bound(write: Callable[[Tx, Sequence[int]], object], ids: Sequence[int]) -> Callable[[Tx], Any]:
    return lambda tx: write(tx, ids)


def _batches(db: Database, query: str) -> list[Sequence[int]]:
    ids = db.read(
        lambda conn: conn.exec_driver_sql(f"{query} ORDER BY id").scalars().all()
    ).result()
    return [ids[at : at + _BATCH] for at in range(0, len(ids), _BATCH)]


def _name_conversations(tx: Tx) -> None:
    """Give what was made anew a uid of the kind that all others have."""
    found = tx.conn.exec_driver_sql("SELECT id FROM conversation WHERE uid LIKE 'salvaged-%'")
    for (key,) in found.all():
        tx.conn.exec_driver_sql(
            "UPDATE conversation SET uid = ? WHERE id = ?", (new_uid(utc_now()), key)
        )


def _index_messages(tx: Tx, ids: Sequence[int]) -> None:
    message_index.put(
        tx,
        [
            message_index.entry(
                row.id,
                subject=row.subject,
                from_=row.from_,
                to=row.to,
                cc=row.cc,
                bcc=row.bcc,
                body=fold(row.visible_text or row.text),
            )
            if row.direction is not Direction.NOTE
            else message_index.Indexed(message_id=row.id, note=fold(row.text))
            for row in messages.rows(tx.conn, ids).values()
        ],
    )


def _one_file(target: Path) -> None:
    with closing(driver.open_file(target, key=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
