"""Statements that read a list in its order: through a named index, or of a few by their keys.

Each names what it reads by, so that no statistics, old or missing, make the planner choose another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    Text,
    and_,
    literal_column,
    not_,
    select,
    true,
    union_all,
)

from desktop_inbox.domain.conversations import Status
from desktop_inbox.store import bulk
from desktop_inbox.store.asked import Asked, Condition, Ids, Stretch
from desktop_inbox.store.list_order import Key, Order
from desktop_inbox.store.lists import LASTING, SHORT
from desktop_inbox.store.schema import conversation, conversation_tag

NOT_MERGED = conversation.c.merged_into_id.is_(None)
Statement = Select[Any] | CompoundSelect[Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in its order: the parts that it is put together from, each in one status."""

    order: Order
    parts: tuple[Select[Any], ...]  # of the order's columns, not sorted yet

    def where(self, *conditions: Condition) -> Listing:
        """Return the list of those of this one that meet conditions."""
        return Listing(self.order, tuple(part.where(*conditions) for part in self.parts))

    def telling(self, *conditions: Condition) -> Listing:
        """Return the same list with names for its columns, and one more: what meets conditions.

        Told of each row as it is read, so that a limit counts those that do not meet them as well.
        """
        named = [column.label(f"key_{place}") for place, column in enumerate(self.order.columns)]
        told = and_(true(), *conditions).label("told")
        return Listing(
            self.order, tuple(part.with_only_columns(*named, told) for part in self.parts)
        )

    def pages(self, after: str | None = None) -> list[Statement]:
        """Return what reads on after the row with this key, one statement after the other.

        Raises:
            ValueError: it is no key of this list.
        """
        if after is None:
            return [self.order.sorted(self.parts)]
        return [
            order.sorted([part.where(*further) for part in self.parts])
            for order, further in self.order.beyond(after)
        ]

    def members(self) -> Statement:
        """Return what reads all ids, in no order."""
        alone = [part.with_only_columns(self.order.columns[-1]) for part in self.parts]
        return alone[0] if len(alone) == 1 else union_all(*alone)


def raw(conn: Connection, statement: Statement) -> Iterable[Key]:
    """Return the rows as the driver has them, with no Row object for each."""
    cursor: Any = conn.execute(statement).cursor
    rows: Iterable[Key] = cursor
    return rows


def only(statement: Select[Any], among: Iterable[int] | Ids) -> Select[Any]:
    """Return a statement that looks at these conversations alone, each by its key."""
    known = among if isinstance(among, Select | CompoundSelect) else bulk.values(among)
    return statement.where(conversation.c.id.in_(known)).with_hint(
        conversation, "NOT INDEXED", "sqlite"
    )


def through(
    conn: Connection,
    index: str,
    order: Order,
    statuses: Sequence[Status],
    narrowed: Mapping[str, Asked],
) -> Listing:
    """Return the list that an index holds for these statuses, narrowed by what it bears."""
    conditions = [one.holds for one in narrowed.values()]
    part = _by(index, *order.columns).where(NOT_MERGED, *conditions)
    status = conversation.c.status
    if index == "due":
        return Listing(order, (part.where(status.in_(statuses)),))
    others = [name for name in narrowed if name != index]
    used = _used(conn, statuses, {name: narrowed[name] for name in others})
    return Listing(order, tuple(part.where(status == one) for one in used))


def _used(
    conn: Connection, statuses: Sequence[Status], narrowed: Mapping[str, Asked]
) -> Sequence[Status]:
    """Return in which of these statuses there is anything.

    To find that out in the walk would take all of it: nothing is unread among all that is closed.
    """
    found = statuses
    for name, asked in narrowed.items() if len(statuses) > 1 else ():
        having = _by(name, conversation.c.id).where(asked.holds).limit(1)
        found = [
            status
            for status in found
            if conn.scalar(having.where(conversation.c.status == status)) is not None
        ]
    return found or statuses[:1]


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
    lasting: Condition = literal_column(LASTING)
    near = [
        Stretch(start=one.start, end=one.end and one.end + SHORT).holds_of(last_at)
        for one in stretches
    ]
    soon = _by("status", *order.columns).where(NOT_MERGED, not_(lasting), *begun, *near)
    late = _by("lasting", *order.columns).where(NOT_MERGED, lasting, *begun)
    status = conversation.c.status
    return Listing(
        order, tuple(part.where(status == one) for part in (soon, late) for one in statuses)
    )


def through_tag(order: Order, tag_id: int, statuses: Sequence[Status]) -> Listing:
    """Return the list that the index of a tag holds, newest first."""
    bearing = select(*order.columns).join_from(
        conversation_tag, conversation, conversation_tag.c.conversation_id == conversation.c.id
    )
    # A plus, so that no index of the status is the one to read.
    status = literal_column("+conversation.status", Text).in_(statuses)
    return Listing(order, (bearing.where(conversation_tag.c.tag_id == tag_id, NOT_MERGED, status),))
