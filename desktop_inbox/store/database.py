"""The database file: one writer thread, two readers, and word of every commit.

Everything here may be called from any thread. Functions given to `write` run on the writer
thread, those given to `read` on a reader thread, and listeners on the thread that committed or,
for what another process committed, on the poller's.
"""

from __future__ import annotations

import queue
import sys
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, insert, select
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import FromClause

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.folding import plain
from desktop_inbox.listeners import Listeners
from desktop_inbox.store import agents, driver, migrations, policies, write_ahead
from desktop_inbox.store.errors import (
    DatabaseCorrupt,
    DatabaseKeyWrong,
    DatabaseLocked,
    DatabaseReadOnly,
    DatabaseTooNew,
    DatabaseUnavailable,
    DiskFull,
    StoreError,
    from_database,
    from_system,
)
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.rows import AgentRow
from desktop_inbox.store.schema import change_log

__all__ = [
    "Database",
    "DatabaseCorrupt",
    "DatabaseKeyWrong",
    "DatabaseLocked",
    "DatabaseReadOnly",
    "DatabaseTooNew",
    "DatabaseUnavailable",
    "DiskFull",
    "StoreError",
    "Tx",
    "utc_now",
]

T = TypeVar("T")
Ids = int | Iterable[int]

READERS = 2
BUSY_TIMEOUT_SECONDS = 5.0
POLL_SECONDS = 0.4
CLOSE_SECONDS = 5.0  # for what is queued; then the running statement is interrupted
CHANGES_KEPT = 1000  # a process that polls this rarely is suspended, and re-reads when it wakes
_WRITER_CACHE_KIB = 32_000
_READER_CACHE_KIB = 2_000  # what is not here the system holds anyway, and hands over as fast,
_KEYED_READER_CACHE_KIB = 8_000  # unless each page has to be deciphered again
_POLLER_CACHE_KIB = 100
_INTERRUPT_SECONDS = 0.05  # between two attempts at stopping a statement


class _Compiler(SQLiteCompiler):
    """Writes hints as well, such as which index a list is read by."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


class _Held:
    """A connection that one thread uses at a time, and that can be taken away from it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._ended = False

    @contextmanager
    def use(self) -> Iterator[Connection]:
        with self._lock:
            if self._ended:
                raise RuntimeError("the database is closed")
            yield self._connection

    def end(self) -> None:
        """Stop what runs on it, and close it. Idempotent."""
        self._ended = True
        while not self._lock.acquire(timeout=_INTERRUPT_SECONDS):
            driver.below(self._connection).interrupt()
        self._connection.close()
        self._lock.release()


class Tx:
    """One write transaction. Lives on the writer thread, for as long as its function runs."""

    def __init__(self, conn: Connection, *, now: datetime, identity: agents.Identity) -> None:
        self.conn = conn
        self.now = now  # aware UTC, the same throughout the transaction
        self.workspace_uid = identity.workspace_uid
        self.device_uid = identity.device_uid
        self._agent_id = identity.agent.id
        self._touched: dict[str, set[int]] = {}
        self._last: dict[Callable[[Tx, set[int]], None], set[int]] = {}

    @cached_property
    def agent(self) -> AgentRow:
        """Who writes, as this transaction found them; their name may have changed since start."""
        return agents.row(self.conn, self._agent_id)

    def touch(
        self,
        *,
        conversation: Ids = (),
        message: Ids = (),
        customer: Ids = (),
        customer_field: Ids = (),
        account: Ids = (),
        outbox: Ids = (),
        draft: Ids = (),
        tag: Ids = (),
        canned: Ids = (),
        view: Ids = (),
        server_action: Ids = (),
        service_level: Ids = (),
    ) -> None:
        """Note which rows this transaction changes, so that listeners read them again."""
        named = {
            "conversations": conversation,
            "messages": message,
            "customers": customer,
            "customer_fields": customer_field,
            "accounts": account,
            "outbox": outbox,
            "drafts": draft,
            "tags": tag,
            "canned": canned,
            "views": view,
            "server_actions": server_action,
            "service_levels": service_level,
        }
        for name, ids in named.items():
            found = {ids} if isinstance(ids, int) else set(ids)
            if found:
                self._touched.setdefault(name, set()).update(found)

    def before_commit(self, function: Callable[[Tx, set[int]], None], ids: Iterable[int]) -> None:
        """Have `function` called once at the end, with all ids that were given for it."""
        self._last.setdefault(function, set()).update(ids)

    def finish(self) -> None:
        """Do what was left to the end."""
        while self._last:
            function, ids = self._last.popitem()
            function(self, ids)

    @property
    def changes(self) -> Changes:
        """What was touched so far."""
        return Changes(**{name: frozenset(ids) for name, ids in self._touched.items()})


class Database:
    """An open workspace database. Open it with `open`, and `close` it."""

    def __init__(
        self,
        path: Path,
        *,
        key: str | None,
        device_uid: str | None,
        now: Callable[[], datetime],
    ) -> None:
        self.path = path
        self._key = None if key is None else driver.key_for(path, key)
        self._now = now
        self._origin = uuid.uuid4().hex
        self._listeners: Listeners[Changes] = Listeners()
        self._stopping = threading.Event()
        self._closed = False
        self._write_engine = self._engine("BEGIN IMMEDIATE")
        self._read_engine = self._engine("BEGIN")
        self._writer = self._connect(self._write_engine, _WRITER_CACHE_KIB)
        self._synchronous = ""
        self._all_readers: list[_Held] = []
        self._readers: queue.SimpleQueue[_Held] = queue.SimpleQueue()
        try:
            self._prepare(device_uid)
            cache_kib = _READER_CACHE_KIB if key is None else _KEYED_READER_CACHE_KIB
            for _ in range(READERS):
                reader = self._connect(self._read_engine, cache_kib, query_only=True)
                self._all_readers.append(reader)
                self._readers.put(reader)
            self._polled = self._connect(self._read_engine, _POLLER_CACHE_KIB, query_only=True)
            self._all_readers.append(self._polled)
        except BaseException:
            self._let_go()
            raise
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._poller = threading.Thread(target=self._poll, name="store-poller", daemon=True)
        self._poller.start()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        key: str | None = None,
        device_uid: str | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> Database:
        """Open the database at `path`, creating or migrating it where needed.

        `key` is the workspace's passphrase, where it has one. `device_uid` says which device
        this is (see `agents.ensure`), `now` is the clock that transactions show.

        Raises:
            DatabaseTooNew: a newer version of the program wrote it.
            DatabaseCorrupt: it is damaged; DatabaseKeyWrong: or the passphrase is not right.
            DatabaseUnavailable: DatabaseReadOnly, DiskFull or DatabaseLocked say why.
        """
        try:
            return cls(path, key=key, device_uid=device_uid, now=now)
        except OSError as error:
            raise from_system(error, path=path) from error
        except (DBAPIError, driver.MODULE.Error, UnicodeDecodeError) as error:
            meant = from_database(error, path=path, keyed=key is not None)
            if meant is None:
                raise
            raise meant from error

    @property
    def key(self) -> str | None:
        """What opens the file beside this object (see `driver.open_file`), None for no key."""
        return self._key

    def write(self, function: Callable[[Tx], T], *, durable: bool = True) -> Future[T]:
        """Run `function` in one transaction on the writer thread; all of it happens or nothing.

        The future carries what `function` returned once that is committed, or what it raised.
        With `durable` the commit has reached the disk by then; without, a power cut may take
        the last commits, which is right for what can be fetched again. Never wait for the
        future inside a listener or another write.

        Raises:
            RuntimeError: the database is closed.
        """
        return self._writing.submit(self._write, function, durable)

    def read(self, function: Callable[[Connection], T]) -> Future[T]:
        """Run `function` on a reader thread, against one unchanging snapshot.

        Raises:
            RuntimeError: the database is closed.
        """
        return self._reading.submit(self._read, function)

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        """Have `listener` called after each commit, here or in another process.

        It is called on the writer's or the poller's thread and must return at once. Returns the
        function that ends the subscription.
        """
        return self._listeners.subscribe(listener)

    def close(self) -> None:
        """Finish queued writes, drop queued reads, and let go of the file. Idempotent.

        Takes at most about twice CLOSE_SECONDS: what then still runs is interrupted and rolled
        back, and its future says so.
        """
        if self._closed:
            return
        self._closed = True
        self._stopping.set()
        self._poller.join()
        self._reading.shutdown(wait=False, cancel_futures=True)
        for reader in self._all_readers:
            reader.end()
        self._reading.shutdown(wait=True)
        self._finish_writing()
        self._let_go()

    def _finish_writing(self) -> None:
        done = threading.Event()
        self._writing.submit(done.set)
        self._writing.shutdown(wait=False)
        if not done.wait(CLOSE_SECONDS):
            self._writing.shutdown(wait=False, cancel_futures=True)
        self._writer.end()
        self._writing.shutdown(wait=True)

    def _let_go(self) -> None:
        # The writer last: whoever closes last writes the log back into the file.
        for held in (*self._all_readers, self._writer):
            held.end()
        self._read_engine.dispose()
        self._write_engine.dispose()

    # Connections

    def _engine(self, begin: str) -> Engine:
        engine = create_engine(
            "sqlite://",
            module=driver.MODULE,
            creator=self._open_file,
            poolclass=NullPool,
            hide_parameters=True,  # an error is logged and reported, and they are people's mail
        )
        engine.dialect.statement_compiler = _Compiler

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            # The driver must not begin by itself: a read that turns into a write fails at once.
            connection.exec_driver_sql(begin)

        return engine

    def _open_file(self) -> Any:
        return driver.open_file(self.path, key=self._key, timeout_seconds=BUSY_TIMEOUT_SECONDS)

    def _connect(self, engine: Engine, cache_kib: int, *, query_only: bool = False) -> _Held:
        connection = engine.connect()
        below = driver.below(connection)
        below.execute(f"PRAGMA cache_size = -{cache_kib}")
        below.execute("PRAGMA foreign_keys = ON")
        below.execute("PRAGMA temp_store = MEMORY")
        below.create_function("plain", 1, plain, deterministic=True)
        if query_only:
            below.execute("PRAGMA query_only = ON")
        return _Held(connection)

    def _prepare(self, device_uid: str | None) -> None:
        with self._writer.use() as connection:
            below = driver.below(connection)
            # Only an empty file takes this; deleted mail gives its room back without VACUUM.
            below.execute("PRAGMA auto_vacuum = INCREMENTAL")
            write_ahead.prepare_writer(below)
            migrations.bring_up_to_date(connection, path=self.path, key=self._key)
            with connection.begin():
                self.identity = agents.ensure(connection, device_uid=device_uid, now=self._now())
                policies.ensure(connection, workspace_uid=self.identity.workspace_uid)
                self._seen = connection.scalar(select(func.max(change_log.c.seq))) or 0

    # Work on the threads

    def _write(self, function: Callable[[Tx], T], durable: bool) -> T:
        with self._own_errors(), self._writer.use() as connection:
            self._set_synchronous(connection, "FULL" if durable else "NORMAL")
            with connection.begin():
                tx = Tx(connection, now=self._now(), identity=self.identity)
                result = function(tx)
                tx.finish()
                changes = tx.changes
                if changes:
                    self._log(connection, changes)
        if changes:
            self._publish(changes)
        return result

    def _read(self, function: Callable[[Connection], T]) -> T:
        reader = self._readers.get()
        try:
            with self._own_errors(), reader.use() as connection, connection.begin():
                return function(connection)
        finally:
            self._readers.put(reader)

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        """Turn what the world did to the file into errors of the store."""
        try:
            yield
        except (DBAPIError, driver.MODULE.Error) as error:
            meant = from_database(error, path=self.path, keyed=self._key is not None)
            if meant is None:
                raise
            raise meant from error

    def _set_synchronous(self, connection: Connection, mode: str) -> None:
        if mode != self._synchronous:
            driver.below(connection).execute(f"PRAGMA synchronous = {mode}")
            self._synchronous = mode

    def _publish(self, changes: Changes) -> None:
        for listener in self._listeners:
            try:
                listener(changes)
            except Exception:  # noqa: BLE001 - a listener's bug must not undo or fail a commit
                threading.excepthook(
                    threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread()))
                )

    # Other processes

    def _log(self, connection: Connection, changes: Changes) -> None:
        packed = {
            field.name: sorted(getattr(changes, field.name))
            for field in fields(Changes)
            if getattr(changes, field.name)
        }
        added = connection.execute(
            insert(change_log).values(origin=self._origin, changes=packed)
        ).inserted_primary_key
        assert added is not None
        connection.execute(delete(change_log).where(change_log.c.seq <= added[0] - CHANGES_KEPT))

    def _poll(self) -> None:
        version = None
        log = write_ahead.WriteAhead(self.path)
        with self._polled.use() as connection:
            below = driver.below(connection)
            while not self._stopping.wait(POLL_SECONDS):
                log.tend(below)
                current = below.execute("PRAGMA data_version").fetchone()[0]
                if current != version:
                    version = current
                    changes = self._changes_of_others(connection)
                    if changes:
                        self._publish(changes)

    def _changes_of_others(self, connection: Connection) -> Changes:
        query = (
            select(change_log.c.seq, change_log.c.origin, change_log.c.changes)
            .where(change_log.c.seq > self._seen)
            .order_by(change_log.c.seq)
        )
        union = Changes()
        with connection.begin():
            for seq, origin, packed in connection.execute(query):
                self._seen = seq
                if origin != self._origin:
                    union |= Changes(**{name: frozenset(ids) for name, ids in packed.items()})
        return union
