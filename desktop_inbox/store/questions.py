"""Statements that are asked again and again, such as the page of a list. Any thread.

To compile a statement takes SQLAlchemy several times as long as SQLite takes to answer it. So that
is done once for all that are alike, and then it is handed to the driver with what is told anew each
time: its named parameters, and the moments that move with the clock.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import BindParameter, CompoundSelect, Connection, Integer, Select, bindparam
from sqlalchemy.sql.compiler import SQLCompiler

from desktop_inbox.store import driver
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.types import UtcTime

Statement = Select[Any] | CompoundSelect[Any]
Row = tuple[Any, ...]

ALL = -1  # told as a limit

T = TypeVar("T")


class Keeper(Generic[T]):
    """What was built last, by what it was built from. Any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._known: OrderedDict[Hashable, T] = OrderedDict()

    def of(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return what is kept for a key, or what `build` makes of it."""
        with self._lock:
            kept = self._known.get(key)
        if kept is None:
            kept = build()
        with self._lock:
            self._known[key] = kept
            self._known.move_to_end(key)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return kept


class FromNow(BindParameter[datetime]):
    """A moment so long after now, whenever that is."""

    inherit_cache = True
    now: datetime
    after: timedelta  # before now, where it is less than nothing


def from_now(after: timedelta, *, now: datetime) -> FromNow:
    """Return the moment that long after `now`; of a question, after the now that it is told."""
    moment = FromNow(None, now + after, type_=UtcTime, unique=True)
    moment.now, moment.after = now, after
    return moment


def later(moment: datetime | FromNow, by: timedelta) -> datetime | FromNow:
    """Return a moment that lies later by some time."""
    if isinstance(moment, FromNow):
        return from_now(moment.after + by, now=moment.now)
    return moment + by


def told(name: str, value: int | None = None) -> BindParameter[int]:
    """Return a number that is told, by its name, whenever the statement is asked."""
    return bindparam(name, value, type_=Integer, required=value is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiled:
    sql: str
    values: Row  # as the driver takes them
    named: tuple[tuple[int, str], ...]  # where among them something is told
    moving: tuple[tuple[int, timedelta], ...]  # and where a moment stands that moves


class Question:
    """A statement that is compiled when it is first asked, and kept to be asked again."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._compiled: _Compiled | None = None

    def rows(self, conn: Connection, *, now: datetime, **known: object) -> Iterable[Row]:
        """Return the rows as the driver has them."""
        if self._compiled is None:
            self._compiled = _compiled(conn, self._statement, known)
        values = list(self._compiled.values)
        for place, name in self._compiled.named:
            values[place] = known[name]
        for place, after in self._compiled.moving:
            values[place] = to_milliseconds(now + after)
        rows: Iterable[Row] = driver.below(conn).execute(self._compiled.sql, values)
        return rows

    def number(self, conn: Connection, *, now: datetime, **known: object) -> int:
        """Return the one number that it asks for, 0 for none."""
        (value,) = next(iter(self.rows(conn, now=now, **known)))
        return value or 0


def _compiled(conn: Connection, statement: Statement, known: dict[str, Any]) -> _Compiled:
    form, said = _form(conn, statement, known)
    state = form.construct_expanded_state(said)
    values: list[object] = []
    named: list[tuple[int, str]] = []
    moving: list[tuple[int, timedelta]] = []
    for place, name in enumerate(state.positiontup or ()):
        value, process = state.parameters[name], state.processors.get(name)
        bind = form.binds.get(name)  # None: one of several in a list
        if bind is not None:
            process = bind.type.dialect_impl(conn.dialect).bind_processor(conn.dialect)
            if not bind.unique:
                named.append((place, bind.key))
            if isinstance(bind, FromNow):
                moving.append((place, bind.after))
        values.append(value if process is None else process(value))
    return _Compiled(
        sql=state.statement, values=tuple(values), named=tuple(named), moving=tuple(moving)
    )


def _form(
    conn: Connection, statement: Statement, known: dict[str, Any]
) -> tuple[SQLCompiler, dict[str, Any]]:
    """Return the compiled form that a statement shares with all alike, and what it says in it.

    Of two tags, or of two words, only the values differ.
    """
    key = statement._generate_cache_key()  # noqa: SLF001 - nothing else tells what is alike
    if key is None or any(isinstance(bind, FromNow) for bind in key.bindparams):
        return _form_of(conn, statement), known  # a bind says by how much its moment moves
    form = _FORMS.of(key.key, lambda: _form_of(conn, statement, cache_key=key))
    return form, dict(form.construct_params(known, extracted_parameters=key.bindparams))


def _form_of(conn: Connection, statement: Statement, **more: Any) -> SQLCompiler:
    form = statement.compile(dialect=conn.dialect, **more)
    assert isinstance(form, SQLCompiler)
    return form


_FORMS = Keeper[SQLCompiler](200)
