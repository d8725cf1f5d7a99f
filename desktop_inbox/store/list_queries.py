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
from desktop_inbox.store import (
    agents,
    bulk,
    facts,
    list_sifting,
    list_walks,
    matching,
    saved_views,
    view_conditions,
)
from desktop_inbox.store.asked import Asked, Condition, Few, Ids, every, few, least, rare
from desktop_inbox.store.list_order import NEWEST, Key, order_of, order_of_few
from desktop_inbox.store.list_sifting import Sieve, Worth
from desktop_inbox.store.list_walks import NOT_MERGED, Listing, raw
from desktop_inbox.store.lists import SAVED, ListQuery, sort_of
from desktop_inbox.store.match_hits import Hits
from desktop_inbox.store.match_properties import NOTHING, Asking
from desktop_inbox.store.match_words import MANY_HITS, NEWEST_HITS
from desktop_inbox.store.schema import conversation, conversation_tag, draft, message, outbox

_DUE_IN = (Status.OPEN, Status.SNOOZED)  # to snooze somebody who waits stops no clock (rule B6)
_ALL = (Status.OPEN, Status.SNOOZED, Status.CLOSED)
_FAR = 24_000  # conversations that are looked at before the walk is given up
_DEARER = 6  # one of few is as dear as so many of a walk, which lie side by side


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
) -> list[Key]:
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
) -> Iterable[Key]:
    if limit is None or not _is_sifted(wanted):
        those = _few(conn, wanted)
    else:
        those, found = _sifted(conn, wanted, limit=limit, after=after)
        if found is not None:
            return found
    listing = _listing(conn, wanted, _named(conn, wanted, those))
    return _read(conn, listing, limit=limit, after=after)


def _sifted(
    conn: Connection, wanted: _Wanted, *, limit: int, after: str | None
) -> tuple[Few | None, list[Key] | None]:
    """Return who can belong to a list, where these are few, and what a walk found, if it did."""
    among = _among(wanted) if wanted.hits is None else []
    those = rare(conn, among)
    if those is not None:
        return those, None
    if among:
        found = _walked(conn, wanted, limit=limit, after=after, worth=_near(limit=limit))
        if found is not None:
            return None, found
    those = _few(conn, wanted)
    if not _is_walk_shorter(conn, wanted, those, limit=limit):
        return those, None
    worth = _worth(wanted, limit=limit)
    return those, _walked(conn, wanted, limit=limit, after=after, worth=worth)


def _is_walk_shorter(conn: Connection, wanted: _Wanted, few: Few | None, *, limit: int) -> bool:
    """Tell whether a walk is likely to end before all who can belong were looked at."""
    if wanted.hits is not None:
        return few is None and wanted.sort == "newest"
    if few is None:
        return True
    everybody = conn.scalar(select(func.max(conversation.c.id))) or 0
    return limit * everybody < few.count * min(_FAR, _DEARER * few.count)


def _named(conn: Connection, wanted: _Wanted, few: Few | None) -> Ids | None:
    """Return all who can belong to a list, None where these are too many or an index has them."""
    if few is not None:
        return few.ids
    return _all(conn, wanted) if _is_sifted(wanted) else None


def _read(
    conn: Connection, listing: Listing, *, limit: int | None, after: str | None
) -> Iterable[Key]:
    statements = listing.pages(after)
    if limit is None:
        return chain.from_iterable(raw(conn, statement) for statement in statements)
    found: list[Key] = []
    for statement in statements:
        found += raw(conn, statement.limit(limit - len(found)))
    return found


def _count(conn: Connection, wanted: _Wanted) -> int:
    among = _named(conn, wanted, _few(conn, wanted))
    members = _listing(conn, wanted, among).members().subquery()
    return conn.scalar(select(func.count()).select_from(members)) or 0


def _few(conn: Connection, wanted: _Wanted) -> Few | None:
    """Return those who can belong to a list, where these are few; else None."""
    if wanted.hits is not None and wanted.hits.are_few():
        having = wanted.hits.conversations()
        return Few(bulk.values(having), len(having))
    found = few(conn, _among(wanted))
    if found is None or wanted.hits is None:
        return found
    having = wanted.hits.within(key for (key,) in raw(conn, found.ids))
    return Few(bulk.values(having), len(having))


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
    conn: Connection, wanted: _Wanted, *, limit: int, after: str | None, worth: Worth
) -> list[Key] | None:
    """Walk until enough belong to the list; None where that leads too far."""
    asked = [one for one in (wanted.tagged, wanted.asked) if one is not None]
    begun = [stretch for one in asked for stretch in one.begun]
    if begun and wanted.sort == "newest":
        listing = list_walks.through_begun(NEWEST, wanted.statuses, begun)
        asked += wanted.narrowed.values()
    else:
        listing = _walk(conn, wanted)
    if wanted.sort == "newest":
        listing = listing.where(*(one.lately for one in asked if one.lately is not None))
    sieve = Sieve(conditions=[one.holds for one in asked], hits=wanted.hits)
    return list_sifting.walked(conn, listing, sieve, limit=limit, after=after, worth=worth)


def _worth(wanted: _Wanted, *, limit: int) -> Worth:
    """Return how far a walk leads before all that can belong are found instead."""
    if wanted.asked is None or wanted.asked.slowly is None:
        return lambda found, far: far < _FAR
    most = 2 * _FAR  # each is dear to look at, and so are all: it has to be worth it
    return lambda found, far: far < most and (far < _FAR // 6 or found * most >= limit * far)


def _near(*, limit: int) -> Worth:
    """Return that a first step showed the end to be near: nearer than to count who can belong."""
    enough = max(2 * limit * list_sifting.FIRST_STEP, list_sifting.SOME * _FAR)
    return lambda found, far: far < _FAR and found * _FAR * list_sifting.FIRST_STEP >= enough * far
