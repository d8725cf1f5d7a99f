"""How a list is read: which conversations a view holds, in which order, and by which index.

Where only a few can belong to it, as with a rare tag, they are found first and then sorted.
Otherwise an index that has the order is walked until enough belong. Each walk names its index, so
that no statistics, old or missing, make the planner choose another.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Text,
    and_,
    func,
    literal_column,
    select,
    true,
    union_all,
)

from desktop_inbox.domain.conditions import Group, Viewer
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.query import parse_query
from desktop_inbox.store import (
    agents,
    bulk,
    facts,
    match_hits,
    matching,
    saved_views,
    view_conditions,
)
from desktop_inbox.store.asked import Asked, every, few
from desktop_inbox.store.list_order import Order, order_of, order_of_few
from desktop_inbox.store.lists import SAVED, ListQuery, sort_of
from desktop_inbox.store.match_hits import Hits
from desktop_inbox.store.match_properties import NOTHING, Asking
from desktop_inbox.store.schema import conversation, conversation_tag, draft, message, outbox

NOT_MERGED = conversation.c.merged_into_id.is_(None)
_DUE_IN = (Status.OPEN, Status.SNOOZED)  # to snooze somebody who waits stops no clock (rule B6)
_ALL = (Status.OPEN, Status.SNOOZED, Status.CLOSED)
Statement = Select[Any] | CompoundSelect[Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in its order: the parts that it is put together from, each in one status."""

    order: Order
    parts: tuple[Select[Any], ...]  # of the order's columns, not sorted yet

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


def ids(conn: Connection, query: ListQuery, *, limit: int | None, now: datetime) -> array[int]:
    """Return the ids of a list in its order: all of them, or the first `limit`.

    Raises:
        ValueError: there is no such view.
    """
    found = _keys(conn, query, limit=limit, after=None, now=now)
    # A million rows: straight from the driver into the array.
    return array("q", (values[-1] for values in found))


def keys(
    conn: Connection, query: ListQuery, *, limit: int, after: str | None, now: datetime
) -> list[tuple[int, ...]]:
    """Return what the first of a list, or those after a key, are sorted by; their id last.

    Raises:
        ValueError: `after` is not a key, or there is no such view.
    """
    return list(_keys(conn, query, limit=limit, after=after, now=now))


def count(conn: Connection, query: ListQuery, *, now: datetime) -> int:
    """Return how many conversations a list holds.

    Raises:
        ValueError: there is no such view.
    """
    wanted = _wanted(conn, query, now=now)
    among = _found_by_words(conn, wanted) if wanted.hits else few(conn, wanted.sought)
    members = _listing(conn, wanted, among).members().subquery()
    return conn.scalar(select(func.count()).select_from(members)) or 0


def count_shown_by(conn: Connection, condition: Group, *, agent_id: int, now: datetime) -> int:
    """Return how many conversations a view with this condition would show."""
    statuses, asked = _shown_by(conn, condition, agent_id=agent_id, now=now)
    among = few(conn, asked.among)
    counted = (
        select(func.count())
        .select_from(conversation)
        .where(NOT_MERGED, conversation.c.status.in_(statuses), asked.holds)
    )
    return conn.scalar(counted if among is None else _only(counted, among)) or 0


def newest(conn: Connection, asked: Asked, *, limit: int) -> list[int]:
    """Return the first conversations that meet what is asked, whatever their status."""
    wanted = _Wanted(
        query=ListQuery(), statuses=tuple(Status), asked=asked, index="status", served=False
    )
    listing = _listing(conn, wanted, few(conn, asked.among))
    return [values[-1] for values in _read(conn, listing, limit=limit, after=None)]


def _keys(
    conn: Connection, query: ListQuery, *, limit: int | None, after: str | None, now: datetime
) -> Iterable[tuple[int, ...]]:
    wanted = _wanted(conn, query, now=now)
    if wanted.hits is not None:
        among = _found_by_words(conn, wanted, walked=limit is not None)
        if among is None:
            assert limit is not None
            return _walked(conn, wanted, wanted.hits, limit=limit, after=after)
    else:
        among = few(conn, wanted.sought)
    listing = _listing(conn, wanted, among)
    return _read(conn, listing, limit=limit, after=after)


def _read(
    conn: Connection, listing: Listing, *, limit: int | None, after: str | None
) -> Iterable[tuple[int, ...]]:
    statements = listing.pages(after)
    if limit is None:
        return chain.from_iterable(raw(conn, statement) for statement in statements)
    found: list[tuple[int, ...]] = []
    for statement in statements:
        found += raw(conn, statement.limit(limit - len(found)))
    return found


def raw(conn: Connection, statement: Statement) -> Iterable[tuple[int, ...]]:
    """Return the rows as the driver has them, with no Row object for each."""
    cursor: Any = conn.execute(statement).cursor
    rows: Iterable[tuple[int, ...]] = cursor
    return rows


# What belongs to a list


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What a list holds, and how it is walked."""

    query: ListQuery
    statuses: tuple[Status, ...]
    asked: Asked
    index: str  # that has the order
    served: bool  # by that index: all that is asked
    hits: Hits | None = None  # of words that are searched for

    @property
    def sought(self) -> tuple[Any, ...]:
        """Where to look for few, if at all."""
        return () if self.served else self.asked.among


def _wanted(conn: Connection, query: ListQuery, *, now: datetime) -> _Wanted:
    statuses, asked = _in_view(conn, query, now=now)
    if not statuses:
        statuses, asked = (Status.OPEN,), NOTHING
    narrowed = _narrowed(query)
    index, served = _index(query, narrowed)
    parts = [asked, *narrowed.values()]
    hits = None
    if query.text.strip():
        served = False
        search = matching.search_of(parse_query(query.text), Asking())
        if search.only_words:
            hits = Hits(conn, search.messages, search.files)
            parts += [search.rest] if search.rest is not None else []
        else:
            parts.append(matching.asked_of(parse_query(query.text)))
    served = served and not asked.among
    return _Wanted(
        query=query, statuses=statuses, asked=every(parts), index=index, served=served, hits=hits
    )


def _narrowed(query: ListQuery) -> dict[str, Asked]:
    """Return what a list is narrowed by besides its view, each under the name of an index."""
    found: dict[str, Asked] = {}
    if query.tag_id is not None:
        found["tag"] = facts.tagged(conversation_tag.c.tag_id == query.tag_id)
    if query.view == "mine":
        found["assignee"] = facts.assigned(query.agent_id)
    elif query.unassigned or query.view == "unassigned":
        found["assignee"] = Asked(conversation.c.assignee_id.is_(None))
    if query.unread:
        found["unread_status"] = facts.unread()
    if query.account_id is not None:
        found["account_status"] = facts.through(query.account_id)
    return found


def _index(query: ListQuery, narrowed: dict[str, Asked]) -> tuple[str, bool]:
    """Return the index that has the order, and whether it serves all that a list is narrowed by."""
    sort = sort_of(query.view, query.sort)
    if query.view == "due" and sort == "due":
        return "due", True
    if sort != "newest":
        return f"by_{sort}", not narrowed
    return next(iter(narrowed), "status"), len(narrowed) < 2


def _in_view(
    conn: Connection, query: ListQuery, *, now: datetime
) -> tuple[tuple[Status, ...], Asked]:
    """Return in which status a view has its conversations, and what else it asks."""
    match query.view:
        case "inbox" | "mine" | "unassigned":
            return (Status.OPEN,), Asked(true())
        case "due":
            return _DUE_IN, _due_soon(now)
        case "snoozed" | "closed" | "spam" | "trash":
            return (Status(query.view),), Asked(true())
        case "drafts":
            return tuple(Status), _one_of(select(_DRAFTED.c.id))
        case "outbox":
            unsent = (
                select(message.c.conversation_id)
                .join(outbox, outbox.c.message_id == message.c.id)
                .where(outbox.c.state != "filing")
            )
            return tuple(Status), _one_of(unsent)
        case "all":
            return _ALL, Asked(true())
        case view if view == SAVED:
            return _saved(conn, query, now=now)
    raise ValueError(f"no such view: {query.view}")


def _one_of(found: Select[tuple[int]]) -> Asked:
    return Asked(conversation.c.id.in_(found), (found,))


def _due_soon(now: datetime) -> Asked:
    """A clock ran out, or most of its time is over (rules B11, B13)."""
    warned = func.coalesce(conversation.c.warn_at, conversation.c.next_due_at) <= now
    return facts.due(conversation.c.next_due_at.is_not(None) & warned)


def due_soon(now: datetime) -> ColumnElement[bool]:
    """Return what holds of all that the view of due conversations shows."""
    return and_(conversation.c.status.in_(_DUE_IN), _due_soon(now).holds)


def _saved(
    conn: Connection, query: ListQuery, *, now: datetime
) -> tuple[tuple[Status, ...], Asked]:
    """Return what a saved view asks for; one that is gone or cannot be read holds nothing."""
    row = None if query.saved_id is None else saved_views.row(conn, query.saved_id)
    if row is None or row.condition is None:
        return (Status.OPEN,), NOTHING
    return _shown_by(conn, row.condition, agent_id=query.agent_id, now=now)


def _shown_by(
    conn: Connection, condition: Group, *, agent_id: int, now: datetime
) -> tuple[tuple[Status, ...], Asked]:
    viewer = Viewer(now=saved_views.local(now), agent=agents.row(conn, agent_id).uid)
    statuses, asked = view_conditions.shown_by(condition, viewer)
    return tuple(sorted(statuses)), asked


# Conversations with a draft, and those they were merged into, where the draft is shown (P4).
_DRAFTED = (
    select(conversation.c.id, conversation.c.merged_into_id)
    .join(draft, draft.c.conversation_id == conversation.c.id)
    .cte("drafted", recursive=True)
)
_DRAFTED = _DRAFTED.union(
    select(conversation.c.id, conversation.c.merged_into_id).where(
        conversation.c.id == _DRAFTED.c.merged_into_id
    )
)


# How it is read


def _listing(conn: Connection, wanted: _Wanted, among: Iterable[int] | None) -> Listing:
    if among is not None:
        order = order_of_few(wanted.query)
        status = conversation.c.status.in_(wanted.statuses)
        part = select(*order.columns).where(NOT_MERGED, status, wanted.asked.holds)
        return Listing(order, (_only(part, among),))
    return _walk(conn, wanted)


def _only(statement: Select[Any], among: Iterable[int]) -> Select[Any]:
    """Return a statement that looks at these conversations alone, each by its key."""
    return statement.where(conversation.c.id.in_(bulk.values(among))).with_hint(
        conversation, "NOT INDEXED", "sqlite"
    )


def _walk(conn: Connection, wanted: _Wanted) -> Listing:
    """Return what walks through the index that has the order."""
    order = order_of(wanted.query)
    if wanted.index == "tag":
        bearing = select(*order.columns).join_from(
            conversation_tag, conversation, conversation_tag.c.conversation_id == conversation.c.id
        )
        here = literal_column("+conversation.status", Text).in_(wanted.statuses)
        of_tag = conversation_tag.c.tag_id == wanted.query.tag_id
        part = bearing.where(of_tag, NOT_MERGED, here, wanted.asked.holds)
        return Listing(order, (part,))
    status = conversation.c.status
    part = (
        select(*order.columns)
        .where(NOT_MERGED, wanted.asked.holds)
        .with_hint(conversation, f"INDEXED BY conversation_{wanted.index}", "sqlite")
    )
    if wanted.index == "due":
        return Listing(order, (part.where(status.in_(wanted.statuses)),))
    statuses = _with_moments(conn, wanted)
    return Listing(order, tuple(part.where(status == one) for one in statuses))


def _with_moments(conn: Connection, wanted: _Wanted) -> Sequence[Status]:
    """Return the statuses in which any conversation has the moments that are asked for.

    To find that out in the walk would take all of it: nobody waits in any that is closed.
    """
    if len(wanted.statuses) == 1:
        return wanted.statuses
    found = list(wanted.statuses)
    for sort in wanted.asked.needs:
        having = select(conversation.c.id).where(facts.is_set(sort)).limit(1)
        having = having.with_hint(conversation, f"INDEXED BY conversation_by_{sort}", "sqlite")
        found = [
            status
            for status in found
            if conn.scalar(having.where(conversation.c.status == status)) is not None
        ]
    return found or wanted.statuses[:1]


# Words that are searched for


def _found_by_words(
    conn: Connection, wanted: _Wanted, *, walked: bool = False
) -> Iterable[int] | None:
    """Return the conversations that have the words, or None where it is better to walk.

    Those are few, or few can have them; else all with one of the newest hits, unless the list is
    in the order of the hits anyway.
    """
    assert wanted.hits is not None
    if wanted.hits.are_few():
        return wanted.hits.conversations()
    narrow = few(conn, wanted.asked.among)
    if narrow is not None:
        return wanted.hits.within(narrow)
    if walked and sort_of(wanted.query.view, wanted.query.sort) == "newest":
        return None
    return wanted.hits.conversations()


def _walked(
    conn: Connection, wanted: _Wanted, hits: Hits, *, limit: int, after: str | None
) -> list[tuple[int, ...]]:
    """Walk through the list, newest first, until enough have the words."""
    listing = _walk(conn, wanted)
    found: list[tuple[int, ...]] = []
    step = match_hits.STEP
    while True:
        looked = list(_read(conn, listing, limit=step, after=after))
        having = hits.within(values[-1] for values in looked)
        found += [values for values in looked if values[-1] in having]
        if len(looked) < step or len(found) >= limit:
            return found[:limit]
        after = listing.order.key_of(looked[-1])
        step *= 2
