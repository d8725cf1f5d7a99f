"""What is asked of a conversation: a condition on it, and where those that meet it are found.

A condition alone has every conversation looked at. Where few can meet it, as with a rare tag, an
index names them all: then only these are looked at, whatever else is asked and however they are
sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql import visitors

from desktop_inbox.store.match_words import message_fts
from desktop_inbox.store.questions import FromNow, Question, told

Condition = ColumnElement[bool]
Ids = Select[Any] | CompoundSelect[Any]

RARE = 5_000  # so many are looked at one by one before a walk finds the first of them,
FEW = 8_000  # and so many in a moment
MANY = 300_000  # more than these are not worth being found: a walk through all takes no longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of time, open where it has no start, or no end."""

    start: datetime | FromNow | None = None
    end: datetime | FromNow | None = None

    def holds_of(self, moment: ColumnElement[datetime]) -> Condition:
        """Return the condition that a moment lies in it."""
        since = true() if self.start is None else moment >= self.start
        return since if self.end is None else and_(since, moment < self.end)


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition that may be NULL, and selects of ids that each name all who can meet it.

    Each select reads an index, so that the first few cost next to nothing, and may name others too,
    or one twice.
    """

    holds: Condition
    among: tuple[Ids, ...] = ()
    lately: Condition | None = None  # on `last_at`, met by all who can
    begun: tuple[Stretch, ...] = ()  # all who can were begun in each of these
    slowly: Ids | None = None  # names all who can meet it as well, but takes long to begin
    # An index of just those who meet it, in each status newest first, and what it is limited to.
    ordered: tuple[str, Condition] | None = None
    # Names the customers whose conversations meet it: just these, and sooner than `holds` begins.
    of_customers: Ids | None = None
    parts: tuple[Asked, ...] = ()  # what it asks for at once, where that is several things

    @property
    def each(self) -> tuple[Asked, ...]:
        """All that it asks for at once."""
        return self.parts or (self,)


def every(asked: Iterable[Asked]) -> Asked:
    """Return what asks for all of several, of one at least."""
    each = [part for one in asked for part in one.each]
    if len(each) == 1:
        return each[0]
    among = tuple(ids for one in each for ids in one.among)
    lately = [one.lately for one in each if one.lately is not None]
    return Asked(
        and_(*(one.holds for one in each)),
        among,
        and_(*lately) if lately else None,
        tuple(stretch for one in each for stretch in one.begun),
        next((one.slowly for one in each if one.slowly is not None), None),
        parts=tuple(each),
    )


def some(asked: Iterable[Asked]) -> Asked:
    """Return what asks for one of several, of one at least."""
    each = list(asked)
    holds = or_(*(one.holds for one in each))
    if not all(one.among for one in each):
        return Asked(holds)
    return Asked(holds, (union_all(*(_plain(one.among[0]) for one in each)),))


def _plain(ids: Ids) -> Select[Any]:
    """A union as a part of another: SQLite knows no parentheses around it."""
    return ids if isinstance(ids, Select) else select(ids.subquery().columns[0])


class Source:
    """A select of ids, and the question how many it names."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self.is_join = isinstance(ids, Select) and len(ids.get_final_froms()) > 1
        columns = (one for one in visitors.iterate(ids) if isinstance(one, ColumnClause))
        self._has_words = any(column.table is message_fts for column in columns)
        first = ids.limit(told("most"))
        self._first = Question(first)
        self._count = Question(select(func.count()).select_from(first.subquery()))
        self._names = Question(ids)

    def count(self, conn: Connection, *, most: int, now: datetime) -> int:
        """Return how many it names, as far as one more than `most`."""
        return self._count.number(conn, now=now, most=most + 1)

    def few(self, conn: Connection, *, most: int, now: datetime) -> Few | None:
        """Return how many it names, None for more than `most`.

        What words name is kept: to look up their messages again would take long.
        """
        if self._has_words:
            named = [key for (key,) in self._first.rows(conn, now=now, most=most + 1)]
            return Few(self, len(named), named) if len(named) <= most else None
        count = self.count(conn, most=most, now=now)
        return Few(self, count) if count <= most else None

    def names(self, conn: Connection, *, now: datetime) -> Iterable[int]:
        """Return all that it names."""
        return (key for (key,) in self._names.rows(conn, now=now))


@dataclass(frozen=True, slots=True)
class Few:
    """So few that each can be looked at: all that one select names."""

    source: Source
    count: int
    named: Sequence[int] | None = None  # these, where they are known

    def names(self, conn: Connection, *, now: datetime) -> Iterable[int]:
        """Return all of them."""
        return self.source.names(conn, now=now) if self.named is None else self.named


def rare(conn: Connection, among: Iterable[Source], *, now: datetime) -> Few | None:
    """Return the first select that names hardly any, None where each names more than RARE.

    A join is dear to count, and is given up sooner: a walk tells as well that it names many.
    """
    for source in among:
        found = source.few(conn, most=RARE // 10 if source.is_join else RARE, now=now)
        if found is not None:
            return found
    return None


def few(conn: Connection, among: Iterable[Source], *, now: datetime) -> Few | None:
    """Return the first select that names few, None where each of these names more than FEW."""
    counted = (one.few(conn, most=FEW, now=now) for one in among)
    return next((one for one in counted if one is not None), None)


def least(conn: Connection, among: Iterable[Source], *, now: datetime) -> Ids | None:
    """Return the select that names the fewest, None where each names more than MANY."""
    counted = {one.ids: one.count(conn, most=MANY, now=now) for one in among}
    best = min(counted, key=counted.__getitem__, default=None)
    return best if best is not None and counted[best] <= MANY else None
