"""In which order a list is read, and where a page of it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    literal_column,
    text,
    tuple_,
    type_coerce,
    union_all,
)

from desktop_inbox.store.lists import SORT_KEYS, ListQuery, sort_of
from desktop_inbox.store.questions import told
from desktop_inbox.store.schema import conversation, conversation_tag

Key = tuple[int, ...]  # what a conversation is sorted by in a list; its id last


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by: some columns, the id last, all of them in one direction."""

    columns: tuple[ColumnElement[Any], ...]
    downwards: bool = True
    indexed: bool = True  # by an index, which gives it
    equal: int = 0  # so many columns, the first ones, are the same in all rows

    def key_of(self, values: Key) -> str:
        """Return the page key of a row with these values in the columns."""
        return ".".join(map(str, values))

    def values_of(self, key: str) -> dict[str, int]:
        """Return what a page after the row with this key is told, by the names in `beyond`.

        Raises:
            ValueError: it is no key of this order.
        """
        values = [int(part) for part in key.split(".")]
        if len(values) != len(self.columns):
            raise ValueError(f"no key of this list: {key}")
        return {f"after_{place}": value for place, value in enumerate(values)}

    def beyond(self, key: str) -> list[tuple[Order, tuple[ColumnElement[bool], ...]]]:
        """Return what holds after the row with this key, part by part, and how each is sorted.

        The first column may be an expression, whose index SQLite reads by no row value: first
        come those that are equal in it, sorted by the others, then the rest.

        Raises:
            ValueError: it is no key of this order.
        """
        values = [told(name, value) for name, value in self.values_of(key).items()]
        if len(values) == 2 or not self.indexed:
            return [(self, (self._further(values),))]
        first, value = self.columns[0], values[0]
        further = self._further(values[-2:])
        return [(replace(self, equal=1), (first == value, further)), (self, (first < value,))]

    def _further(self, values: Sequence[ColumnElement[int]]) -> ColumnElement[bool]:
        """Return what holds of rows that come later by the last so many columns."""
        here = tuple_(*(type_coerce(column, Integer) for column in self.columns[-len(values) :]))
        there = tuple_(*values)
        return here < there if self.downwards else here > there

    def sorted(self, parts: Sequence[Select[Any]]) -> Select[Any] | CompoundSelect[Any]:
        """Return what reads these parts, each of all the columns, as one in this order."""
        if len(parts) == 1:
            columns = self.columns[self.equal :]
            return parts[0].order_by(
                *(column.desc() if self.downwards else column.asc() for column in columns)
            )
        # An index gives each part in this order, so that SQLite only merges them.
        places = range(self.equal, len(self.columns))
        direction = "DESC" if self.downwards else "ASC"
        clauses = ", ".join(f"{place + 1} {direction}" for place in places)
        return union_all(*parts).order_by(text(clauses))


NEWEST = Order((conversation.c.last_at, conversation.c.id))


def order_of(query: ListQuery) -> Order:
    """Return the order of a list, in columns that an index gives."""
    sort = sort_of(query.view, query.sort)
    if query.view == "due" and sort == "due":
        return Order((conversation.c.next_due_at, conversation.c.id), downwards=False)
    if sort != "newest":
        key: ColumnElement[Any] = literal_column(SORT_KEYS[sort], Integer)
        return Order((key, conversation.c.last_at, conversation.c.id))
    if query.tag_id is not None:
        return Order((conversation_tag.c.last_at, conversation_tag.c.conversation_id))
    return NEWEST


def order_of_few(query: ListQuery) -> Order:
    """Return the same order, with the same keys, for conversations that were found already.

    A plus before a column keeps the planner from reading a whole index for the order it has.
    """
    sort = sort_of(query.view, query.sort)
    last_at, key = literal_column("+conversation.last_at", Integer), conversation.c.id
    if query.view == "due" and sort == "due":
        due = literal_column("+conversation.next_due_at", Integer)
        return Order((due, key), downwards=False, indexed=False)
    if sort == "newest":
        return Order((last_at, key), indexed=False)
    by = literal_column(f"+({SORT_KEYS[sort]})", Integer)
    return Order((by, last_at, key), indexed=False)
