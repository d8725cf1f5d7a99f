"""Statements that read a list in its order: through a named index, or of a few by their keys.

Each names what it reads by, so that no statistics, old or missing, make the planner choose another.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    null,
    select,
    true,
    type_coerce,
    union_all,
)

from desktop_inbox.domain.conversations import Status
from desktop_inbox.store import bulk
from desktop_inbox.store.asked import Asked, Condition, Ids, Stretch
from desktop_inbox.store.list_order import Key, Order
from desktop_inbox.store.lists import LASTING, SHORT
from desktop_inbox.store.questions import ALL, Question, Statement, later, told
from desktop_inbox.store.schema import conversation, conversation_tag
from desktop_inbox.store.types import UtcTime

NOT_MERGED = conversation.c.merged_into_id.is_(None)
_LASTING: Condition = literal_column(LASTING)


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A list in its order: the parts that it is put together from, each in one status."""

    order: Order
    parts: tuple[Select[Any], ...]  # of the order's columns, not sorted yet
    # Of some parts, by their place, the moment by which all was said last.
    ends: Mapping[int, ColumnElement[datetime]] = field(default_factory=dict)
    # What reads the first page, and further ones, or counts them all:
    _pages: dict[bool, list[Question]] = field(init=False, default_factory=dict)
    _counts: list[Question] = field(init=False, default_factory=list)
    _ids: list[Question] = field(init=False, default_factory=list)

    def where(self, *conditions: Condition) -> Listing:
        """Return the list of those of this one that meet conditions."""
        return replace(self, parts=tuple(part.where(*conditions) for part in self.parts))

    def telling(self, *conditions: Condition, whose: bool = False) -> Listing:
        """Return the same list with names for its columns, and two more: what meets conditions.

        Told of each row as it is read, so that a limit counts those that do not meet them as well.
        The last is the customer, if it is asked for.
        """
        named = [column.label(f"key_{place}") for place, column in enumerate(self.order.columns)]
        meets = and_(true(), *conditions).label("told")
        customer = conversation.c.customer_id if whose else null()
        columns = (*named, meets, customer.label("customer"))
        return replace(self, parts=tuple(part.with_only_columns(*columns) for part in self.parts))

    def pages(self, after: str | None = None) -> list[Statement]:
        """Return what reads on after the row with this key, one statement after the other.

        Raises:
            ValueError: it is no key of this list.
        """
        if after is None:
            return [self.order.sorted(self._bounded(None))]
        return [
            order.sorted([part.where(*further) for part in self._bounded(after)])
            for order, further in self.order.beyond(after)
        ]

    def _bounded(self, after: str | None) -> list[Select[Any]]:
        """Return the parts, each with where it begins on a page after the row with this key."""
        known = {} if after is None else self.order.values_of(after)
        last_at = type_coerce(self.order.columns[0], Integer)
        found = list(self.parts)
        for place, end in self.ends.items():
            # Of two bounds SQLite would seek one, and pass by all that lies between them.
            highest = func.min(end, told("after_0", known["after_0"])) if known else end
            found[place] = found[place].where(last_at <= highest)
        return found

    def read(
        self,
        conn: Connection,
        *,
        now: datetime,
        limit: int = ALL,
        after: str | None = None,
        among: str = "",
    ) -> Iterable[Key]:
        """Return the first rows, or those after the row with a key.

        `among` are ids as `bulk.packed` has them, where the list is one of those that are told.

        Raises:
            ValueError: it is no key of this list.
        """
        known: dict[str, object] = {"ids": among} if among else {}
        known |= {} if after is None else self.order.values_of(after)
        found: list[Key] = []
        for question in self._questions(after):
            rows = question.rows(conn, now=now, most=limit - len(found), **known)
            if after is None:
                return rows
            found += rows
            if len(found) == limit:
                break
        return found

    def _questions(self, after: str | None) -> list[Question]:
        pages = self._pages.get(after is not None)
        if pages is None:
            limited = [one.limit(told("most")) for one in self.pages(after)]
            pages = [Question(one) for one in limited]
            self._pages[after is not None] = pages
        return pages

    def ids(self, conn: Connection, *, now: datetime, among: str = "") -> array[int]:
        """Return the ids of all rows, `among` some as in `read`.

        SQLite packs them into one value. Row by row the driver would give the interpreter's lock
        back and take it again a million times, and the window would wait for it all the while.
        """
        known = {"ids": among} if among else {}
        ((packed,),) = self._packed().rows(conn, now=now, **known)
        found = array("q")
        found.frombytes(packed or b"")
        if sys.byteorder == "little":
            found.byteswap()
        return found

    def _packed(self) -> Question:
        if not self._ids:
            # The order of a subquery is that in which SQLite brings together what it returns.
            (listed,) = self.pages()
            digits = func.printf("%016X", list(listed.subquery().c)[-1])
            packed = select(func.unhex(func.group_concat(digits, "")))
            self._ids.append(Question(packed))
        return self._ids[0]

    def counted(self) -> Question:
        """Return the question how many it holds."""
        if self._counts:
            return self._counts[0]
        alone = [part.with_only_columns(self.order.columns[-1]) for part in self.parts]
        members = alone[0] if len(alone) == 1 else union_all(*alone)
        self._counts.append(Question(select(func.count()).select_from(members.subquery())))
        return self._counts[0]


def only(statement: Select[Any], among: Iterable[int] | Ids) -> Select[Any]:
    """Return a statement that looks at these conversations alone, each by its key."""
    known = among if isinstance(among, Select | CompoundSelect) else bulk.values(among)
    return statement.where(conversation.c.id.in_(known)).with_hint(
        conversation, "NOT INDEXED", "sqlite"
    )


def through(
    index: str, order: Order, statuses: Sequence[Status], conditions: Iterable[Condition]
) -> Listing:
    """Return the list that an index holds for these statuses, narrowed by what it bears."""
    part = _by(index, *order.columns).where(NOT_MERGED, *conditions)
    status = conversation.c.status
    if index == "due":
        return Listing(order, (part.where(status.in_(statuses)),))
    return Listing(order, tuple(part.where(status == one) for one in statuses))


def any_in_status(index: str, narrowed: Asked) -> Statement:
    """Return what reads one conversation of an index in the status that is told, if there is one.

    To find that out in a walk would take all of it: nothing is unread among all that is closed.
    """
    status = conversation.c.status == bindparam("status", type_=Text)
    return _by(index, conversation.c.id).where(narrowed.holds, status).limit(1)


def _by(index: str, *columns: Any) -> Select[Any]:
    return select(*columns).with_hint(conversation, f"INDEXED BY conversation_{index}", "sqlite")


def through_begun(
    order: Order, statuses: Sequence[Status], stretches: Sequence[Stretch]
) -> Listing:
    """Return the list, newest first, of what was begun in stretches of time.

    What did not go on for long lies in the order where it was begun, or little further; all that
    did has an index of its own.
    """
    created, last_at = conversation.c.created_at, conversation.c.last_at
    begun = [stretch.holds_of(created) for stretch in stretches]
    since = [last_at >= one.start for one in stretches if one.start is not None]
    ends = [type_coerce(later(one.end, SHORT), UtcTime) for one in stretches if one.end is not None]
    soon = _by("status", *order.columns).where(NOT_MERGED, not_(_LASTING), *begun, *since)
    late = _by("lasting", *order.columns).where(NOT_MERGED, _LASTING, *begun)
    status = conversation.c.status
    parts = tuple(part.where(status == one) for part in (soon, late) for one in statuses)
    return Listing(order, parts, ends=dict.fromkeys(range(len(statuses)), ends[0]) if ends else {})


def lasting(stretches: Sequence[Stretch], statuses: Sequence[Status]) -> Ids:
    """Return what names those that were begun in stretches of time and went on for long."""
    begun = [stretch.holds_of(conversation.c.created_at) for stretch in stretches]
    status = conversation.c.status.in_(statuses)
    return _by("lasting", conversation.c.id).where(status, _LASTING, *begun)


def through_tag(order: Order, tag_id: int, statuses: Sequence[Status]) -> Listing:
    """Return the list that the index of a tag holds, newest first."""
    bearing = select(*order.columns).join_from(
        conversation_tag, conversation, conversation_tag.c.conversation_id == conversation.c.id
    )
    # A plus, so that no index of the status is the one to read.
    status = literal_column("+conversation.status", Text).in_(statuses)
    return Listing(order, (bearing.where(conversation_tag.c.tag_id == tag_id, NOT_MERGED, status),))
