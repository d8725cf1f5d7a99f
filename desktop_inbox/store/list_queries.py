"""Which conversations a list holds, and the shortest way to read them in its order.

Where only a few can belong to it, as with a rare tag, they are found first and then sorted.
Otherwise an index that has the order is walked until enough belong. Where that leads too far, all
that can belong are found after all.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection, func, select

from desktop_inbox.domain.conditions import Group, Viewer
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.query import parse_query
from desktop_inbox.store import agents, facts, list_walks, matching, saved_views, view_conditions
from desktop_inbox.store.asked import Asked, Condition, Ids, every, few, least
from desktop_inbox.store.list_order import order_of, order_of_few
from desktop_inbox.store.list_walks import NOT_MERGED, Listing, raw
from desktop_inbox.store.lists import SAVED, ListQuery, sort_of
from desktop_inbox.store.match_hits import Hits
from desktop_inbox.store.match_properties import NOTHING, Asking
from desktop_inbox.store.match_words import MANY_HITS, NEWEST_HITS
from desktop_inbox.store.schema import conversation, conversation_tag, draft, message, outbox

_DUE_IN = (Status.OPEN, Status.SNOOZED)  # to snooze somebody who waits stops no clock (rule B6)
_ALL = (Status.OPEN, Status.SNOOZED, Status.CLOSED)
_FIRST_STEP, _LONGEST_STEP = 256, 8192  # conversations looked at at once
_SOME = 3  # conversations that say how many more there are
_FAR = 16_000  # conversations that are looked at before the walk is given up


def ids(conn: Connection, query: ListQuery, *, limit: int | None, now: datetime) -> array[int]:
    """Return the ids of a list in its order: all of them, or the first `limit`.

    Raises:
        ValueError: there is no such view.
    """
    found = _keys(conn, _wanted(conn, query, now=now), limit=limit, after=None)
    # A million rows: straight from the driver into the array.
    return array("q", (values[-1] for values in found))


def keys(
    conn: Connection, query: ListQuery, *, limit: int, after: str | None, now: datetime
) -> list[tuple[int, ...]]:
    """Return what the first of a list, or those after a key, are sorted by; their id last.

    Raises:
        ValueError: `after` is not a key, or there is no such view.
    """
    return list(_keys(conn, _wanted(conn, query, now=now), limit=limit, after=after))


def count(conn: Connection, query: ListQuery, *, now: datetime) -> int:
    """Return how many conversations a list holds.

    Raises:
        ValueError: there is no such view.
    """
    return _count(conn, _wanted(conn, query, now=now))


def count_shown_by(conn: Connection, condition: Group, *, agent_id: int, now: datetime) -> int:
    """Return how many conversations a view with this condition would show."""
    statuses, asked = _shown_by(conn, condition, agent_id=agent_id, now=now)
    return _count(conn, _Wanted(query=ListQuery(view="all"), statuses=statuses, asked=asked))


def newest(conn: Connection, asked: Asked, *, limit: int) -> list[int]:
    """Return the first conversations that meet what is asked, whatever their status."""
    wanted = _Wanted(query=ListQuery(view="all"), statuses=tuple(Status), asked=asked)
    return [values[-1] for values in _keys(conn, wanted, limit=limit, after=None)]


# What belongs to a list


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What a list holds: in which status, narrowed by what it was asked, and what else is asked."""

    query: ListQuery
    statuses: tuple[Status, ...]
    asked: Asked | None = None
    hits: Hits | None = None  # of words that are searched for

    @property
    def narrowed(self) -> dict[str, Asked]:
        """What each index serves that bears the status and the order of a list behind it."""
        query, found = self.query, dict[str, Asked]()
        if query.view == "mine":
            found["assignee"] = facts.assigned(query.agent_id)
        elif query.unassigned or query.view == "unassigned":
            found["assignee"] = Asked(conversation.c.assignee_id.is_(None))
        if query.unread:
            found["unread_status"] = facts.unread()
        if query.account_id is not None:
            found["account_status"] = facts.through(query.account_id)
        return found

    @property
    def tagged(self) -> Asked | None:
        """That it bears the tag of the list."""
        if self.query.tag_id is None:
            return None
        return facts.tagged(conversation_tag.c.tag_id == self.query.tag_id)

    @property
    def sort(self) -> str:
        return sort_of(self.query.view, self.query.sort)


def _wanted(conn: Connection, query: ListQuery, *, now: datetime) -> _Wanted:
    statuses, in_view = _in_view(conn, query, now=now)
    if not statuses:
        statuses, in_view = (Status.OPEN,), NOTHING
    asked = [] if in_view is None else [in_view]
    hits = None
    if query.text.strip():
        typed = parse_query(query.text)
        search = matching.search_of(typed, Asking())
        if search.only_words:
            most = NEWEST_HITS if search.rest is None else MANY_HITS
            hits = Hits(conn, search, most=most)
            asked += [] if search.rest is None else [search.rest]
        else:
            asked.append(matching.asked_of(typed))
    return _Wanted(query=query, statuses=statuses, asked=every(asked) if asked else None, hits=hits)


def _in_view(
    conn: Connection, query: ListQuery, *, now: datetime
) -> tuple[tuple[Status, ...], Asked | None]:
    """Return in which status a view has its conversations, and what else it asks."""
    match query.view:
        case "inbox" | "mine" | "unassigned":
            return (Status.OPEN,), None
        case "due":
            return _DUE_IN, _due_soon(now)
        case "snoozed" | "closed" | "spam" | "trash":
            return (Status(query.view),), None
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
            return _ALL, None
        case view if view == SAVED:
            return _saved(conn, query, now=now)
    raise ValueError(f"no such view: {query.view}")


def _one_of(found: Ids) -> Asked:
    return Asked(conversation.c.id.in_(found), (found,))


def _due_soon(now: datetime) -> Asked:
    """A clock ran out, or most of its time is over (rules B11, B13)."""
    warned = func.coalesce(conversation.c.warn_at, conversation.c.next_due_at) <= now
    return facts.due(conversation.c.next_due_at.is_not(None) & warned)


def due_soon(now: datetime) -> Condition:
    """Return what holds of all that the view of due conversations shows."""
    return conversation.c.status.in_(_DUE_IN) & _due_soon(now).holds


def _saved(
    conn: Connection, query: ListQuery, *, now: datetime
) -> tuple[tuple[Status, ...], Asked | None]:
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


def _keys(
    conn: Connection, wanted: _Wanted, *, limit: int | None, after: str | None
) -> Iterable[tuple[int, ...]]:
    sifted = _is_sifted(wanted)
    if sifted and limit is not None and wanted.hits is None and _among(wanted):
        found = _walked(conn, wanted, limit=limit, after=after, only_if_near=True)
        if found is not None:
            return found
    among = _few(conn, wanted)
    if among is None and sifted:
        if limit is not None and (wanted.hits is None or wanted.sort == "newest"):
            found = _walked(conn, wanted, limit=limit, after=after)
            if found is not None:
                return found
        among = _all(conn, wanted)
    return _read(conn, _listing(conn, wanted, among), limit=limit, after=after)


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


def _count(conn: Connection, wanted: _Wanted) -> int:
    among = _few(conn, wanted)
    if among is None and _is_sifted(wanted):
        among = _all(conn, wanted)
    members = _listing(conn, wanted, among).members().subquery()
    return conn.scalar(select(func.count()).select_from(members)) or 0


def _few(conn: Connection, wanted: _Wanted) -> Iterable[int] | Ids | None:
    """Return those who can belong to a list, where these are few; else None."""
    if wanted.hits is not None and wanted.hits.are_few():
        return wanted.hits.conversations()
    found = few(conn, _among(wanted))
    if found is None or wanted.hits is None:
        return found
    return wanted.hits.within(key for (key,) in raw(conn, found))


def _all(conn: Connection, wanted: _Wanted) -> Ids | None:
    """Return what names all who can belong to a list, or None where these are too many."""
    if wanted.hits is not None:
        return wanted.hits.all_conversations()
    found = least(conn, _among(wanted))
    return wanted.asked.slowly if found is None and wanted.asked is not None else found


def _among(wanted: _Wanted) -> list[Ids]:
    """Return where to look for those who can belong to a list; nowhere where an index has them."""
    found = list(wanted.narrowed.values())
    if wanted.sort == "newest" and len(found) == 1 and not _is_sifted(wanted):
        return []
    found = [one for one in (wanted.tagged, wanted.asked, *found) if one is not None]
    return [ids for one in found for ids in one.among]


def _is_sifted(wanted: _Wanted) -> bool:
    """Tell whether a list asks for more than an index in its order can say."""
    if wanted.hits is not None:
        return True
    if wanted.query.view == "due" and wanted.sort == "due":
        return wanted.tagged is not None or bool(wanted.query.text.strip())
    by_tag = wanted.tagged is not None and wanted.sort == "newest"
    return wanted.asked is not None or (wanted.tagged is not None and not by_tag)


def _listing(conn: Connection, wanted: _Wanted, among: Iterable[int] | Ids | None) -> Listing:
    """Return a list as one statement: of these conversations, or of a whole index."""
    conditions = [one.holds for one in (wanted.tagged, wanted.asked) if one is not None]
    if among is None:
        return _walk(conn, wanted).where(*conditions)
    conditions += [one.holds for one in wanted.narrowed.values()]
    order = order_of_few(wanted.query)
    status = conversation.c.status.in_(wanted.statuses)
    part = select(*order.columns).where(NOT_MERGED, status, *conditions)
    return Listing(order, (list_walks.only(part, among),))


def _walk(conn: Connection, wanted: _Wanted) -> Listing:
    order = order_of(wanted.query)
    if wanted.sort != "newest":
        due = wanted.query.view == "due" and wanted.sort == "due"
        index = "due" if due else f"by_{wanted.sort}"
        return list_walks.through(conn, index, order, wanted.statuses, wanted.narrowed)
    if wanted.query.tag_id is not None:
        conditions = [one.holds for one in wanted.narrowed.values()]
        tagged = list_walks.through_tag(order, wanted.query.tag_id, wanted.statuses)
        return tagged.where(*conditions)
    index = next(iter(wanted.narrowed), "status")
    return list_walks.through(conn, index, order, wanted.statuses, wanted.narrowed)


def _walked(
    conn: Connection,
    wanted: _Wanted,
    *,
    limit: int,
    after: str | None,
    only_if_near: bool = False,
) -> list[tuple[int, ...]] | None:
    """Walk until enough belong to the list; None where that leads too far.

    With `only_if_near` a first step has to show that the end is not far: then it is cheaper than to
    count who can belong.
    """
    listing = _walk(conn, wanted)
    asked = [one for one in (wanted.tagged, wanted.asked) if one is not None]
    if wanted.sort == "newest":
        listing = listing.where(*(one.indexed for one in asked if one.indexed is not None))
    found: list[tuple[int, ...]] = []
    step, far = _FIRST_STEP, 0
    dear = wanted.asked is not None and wanted.asked.slowly is not None
    most = 3 * _FAR if dear else _FAR
    while far < most:
        if dear and far >= _FAR // 4 and len(found) * most < limit * far:
            return None  # each is dear to look at, and so are all: it has to be worth it
        looked = list(_read(conn, listing, limit=step, after=after))
        having: Iterable[int] = [values[-1] for values in looked]
        if asked:
            belong = select(conversation.c.id).where(*(one.holds for one in asked))
            having = {key for (key,) in raw(conn, list_walks.only(belong, having))}
        if wanted.hits is not None:
            having = wanted.hits.within(having)
        found += [values for values in looked if values[-1] in having]
        if len(looked) < step or len(found) >= limit:
            return found[:limit]
        if only_if_near and not far and len(found) * _FAR < max(2 * limit * step, _SOME * _FAR):
            return None
        far += step
        after = listing.order.key_of(looked[-1])
        step = _next_step(step, far, found=len(found), wanted=limit)
    return None


def _next_step(step: int, far: int, *, found: int, wanted: int) -> int:
    """Return how many to look at next, a little more than what is likely to be enough."""
    likely = 5 * (wanted - found) * far // (4 * found) if found else 4 * step
    most = _LONGEST_STEP if found >= _SOME else 4 * step  # of few, no more than a guess
    return max(_FIRST_STEP, min(likely, most, _LONGEST_STEP))
