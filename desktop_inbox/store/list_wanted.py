"""What a list holds: in which status, what else is asked, and the statements that read it.

Views are opened again and again, and a search is read again with all that arrives. What each holds
is worked out once, and kept with its statements; the clock, the page and the limit are told anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select, union

from desktop_inbox.domain.conditions import Group, Viewer
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.query import Query, parse_query
from desktop_inbox.store import (
    agents,
    facts,
    list_walks,
    match_words,
    matching,
    saved_views,
    view_conditions,
)
from desktop_inbox.store.asked import Asked, Condition, Ids, Source, every
from desktop_inbox.store.list_order import NEWEST, order_of, order_of_few
from desktop_inbox.store.list_sifting import Sieve
from desktop_inbox.store.list_walks import NOT_MERGED, Listing
from desktop_inbox.store.lists import SAVED, ListQuery, sort_of
from desktop_inbox.store.match_properties import NOTHING, Asking
from desktop_inbox.store.match_words import NEWEST_HITS
from desktop_inbox.store.matching import Search
from desktop_inbox.store.questions import Keeper, Question, from_now
from desktop_inbox.store.schema import conversation, conversation_tag, draft, message, outbox

Statuses = tuple[Status, ...]

_DUE_IN = (Status.OPEN, Status.SNOOZED)  # to snooze somebody who waits stops no clock (rule B6)
ALL_VIEW = (Status.OPEN, Status.SNOOZED, Status.CLOSED)


@dataclass(frozen=True, kw_only=True, eq=False)
class Wanted:
    """What a list holds, narrowed by what it was asked, and the ways to read it."""

    query: ListQuery
    statuses: Statuses
    asked: Asked | None = None
    words: Search | None = None  # that are searched for
    # The same as `asked`, but for words that are to be missing, and these: to look whether a few
    # have them is soon done, and to gather all that have them is not.
    lightly: Asked | None = None
    missing: tuple[Search, ...] = ()
    _listings: dict[tuple[Ids, bool] | Statuses, Listing] = field(init=False, default_factory=dict)
    _sieves: dict[Ids | Statuses, Sieve] = field(init=False, default_factory=dict)

    @cached_property
    def sort(self) -> str:
        return sort_of(self.query.view, self.query.sort)

    @cached_property
    def narrowed(self) -> Mapping[str, Asked]:
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

    @cached_property
    def tagged(self) -> Asked | None:
        """That it bears the tag of the list."""
        if self.query.tag_id is None:
            return None
        return facts.tagged(conversation_tag.c.tag_id == self.query.tag_id)

    @cached_property
    def among(self) -> tuple[Source, ...]:
        """Where to look for those who can belong; nowhere where an index has them in order."""
        found = list(self.narrowed.values())
        if self.sort == "newest" and (len(found) == 1 or self._ordered) and not self.is_sifted:
            return ()
        found = [*self._beside, *found]
        return tuple(Source(ids) for one in found for ids in one.among)

    @cached_property
    def with_words(self) -> Ids | None:
        """What names the conversations with the words, as many of them as count."""
        if self.words is None:
            return None
        most = self.most_hits
        found = match_words.conversations_with(self.words.messages, self.words.files, most=most)
        return union(*found)

    @property
    def most_hits(self) -> int | None:
        """How many messages with the words count; None: all."""
        return NEWEST_HITS if self.words is None or self.words.rest is None else None

    @cached_property
    def is_sifted(self) -> bool:
        """Whether more is asked than an index in the order of the list can say."""
        if self.words is not None:
            return True
        if self._is_due_in_order:
            return self.tagged is not None or bool(self.query.text.strip())
        if self._ordered is not None:
            return False
        by_tag = self.tagged is not None and self.sort == "newest"
        return self.asked is not None or (self.tagged is not None and not by_tag)

    @cached_property
    def unsure(self) -> tuple[Question, ...]:
        """Questions that tell in which statuses a walk finds anything; none where it is sure to."""
        if self._index == "due" or self._by_tag or len(self.statuses) == 1:
            return ()
        narrowed = {name: asked for name, asked in self.narrowed.items() if name != self._index}
        return tuple(
            Question(list_walks.any_in_status(name, asked)) for name, asked in narrowed.items()
        )

    def walk(self, used: Statuses) -> Listing:
        """Return the list as an index has it in its order, of these statuses."""
        if used not in self._listings:
            asked = [self.asked] if self._by_tag else self._beside
            conditions = [one.holds for one in asked if one is not None]
            self._listings[used] = self._walk(used).where(*conditions)
        return self._listings[used]

    def of(self, among: Ids, *, lightly: bool = False) -> Listing:
        """Return the list among those who can belong to it, each looked up by its key."""
        key = among, lightly
        if key not in self._listings:
            asked = [*(self._light if lightly else self._beside), *self.narrowed.values()]
            order = order_of_few(self.query)
            status = conversation.c.status.in_(self.statuses)
            part = select(*order.columns).where(NOT_MERGED, status, *(one.holds for one in asked))
            self._listings[key] = Listing(order, (list_walks.only(part, among),))
        return self._listings[key]

    def sieve(self, used: Statuses) -> Sieve:
        """Return the walk through these statuses, and what belongs of those that it leads past."""
        if used not in self._sieves:
            self._sieves[used] = self._sieve(used)
        return self._sieves[used]

    def sieve_of(self, among: Ids, used: Statuses) -> Sieve:
        """Return the same walk, which only asks those who can belong."""
        if among not in self._sieves:
            self._sieves[among] = self._sifting(self._walk(used), self._light, among)
        return self._sieves[among]

    @property
    def _beside(self) -> list[Asked]:
        """What is asked beside what the views are narrowed by."""
        return [one for one in (self.tagged, self.asked) if one is not None]

    @property
    def _light(self) -> list[Asked]:
        """The same, but for words that are to be missing."""
        if not self.missing:
            return self._beside
        return [one for one in (self.tagged, self.lightly) if one is not None]

    @property
    def _is_due_in_order(self) -> bool:
        return self.query.view == "due" and self.sort == "due"

    @property
    def _ordered(self) -> tuple[str, Condition] | None:
        """The index of just those that the list holds, newest first, if there is one."""
        alone = self.tagged is None and not self.narrowed and self.words is None
        in_order = alone and self.sort == "newest" and self.asked is not None
        return self.asked.ordered if in_order and self.asked is not None else None

    @property
    def _by_tag(self) -> bool:
        return self.sort == "newest" and self.query.tag_id is not None

    @property
    def _index(self) -> str:
        """The index that is walked."""
        if self.sort != "newest":
            return "due" if self._is_due_in_order else f"by_{self.sort}"
        return next(iter(self.narrowed), "status")

    def _walk(self, used: Statuses) -> Listing:
        order = order_of(self.query)
        conditions = [one.holds for one in self.narrowed.values()]
        if self._by_tag and self.query.tag_id is not None:
            return list_walks.through_tag(order, self.query.tag_id, used).where(*conditions)
        if self._ordered is not None:
            index, limited = self._ordered
            return list_walks.through(index, order, used, [limited])
        return list_walks.through(self._index, order, used, conditions)

    def _sieve(self, used: Statuses) -> Sieve:
        asked = self._light
        begun = [stretch for one in asked for stretch in one.begun]
        if begun and self.sort == "newest":
            listing = list_walks.through_begun(NEWEST, self.statuses, begun)
            asked += self.narrowed.values()
        else:
            listing = self._walk(used)
        if self.sort == "newest":
            listing = listing.where(*(one.lately for one in asked if one.lately is not None))
        return self._sifting(listing, asked)

    def _sifting(self, listing: Listing, asked: list[Asked], among: Ids | None = None) -> Sieve:
        if among is not None:
            return Sieve(listing=listing, conditions=[one.holds for one in asked], among=among)
        each = [part for one in asked for part in one.each]
        return Sieve(
            listing=listing,
            conditions=[one.holds for one in each if one.of_customers is None],
            of_customers=[one.of_customers for one in each if one.of_customers is not None],
        )


def wanted(conn: Connection, query: ListQuery, *, now: datetime) -> Wanted:
    """Return what a list holds.

    Raises:
        ValueError: there is no such view.
    """
    condition, agent, zone = None, "", "UTC"
    if query.view == SAVED:
        condition = None if query.saved_id is None else saved_views.condition(conn, query.saved_id)
        agent, zone = agents.uid(conn, query.agent_id), saved_views.zone_of(condition)
    typed, asking = parse_query(query.text), Asking(now=now)

    def build() -> Wanted:
        if query.view == SAVED:
            viewer = Viewer(now=now.astimezone(ZoneInfo(zone)), agent=agent)
            whole = _shown_by(query, condition, viewer)
        else:
            statuses, asked = _held_by(query.view, now)
            whole = Wanted(query=query, statuses=statuses, asked=asked)
        if not typed:
            return whole
        return _searched(whole, typed, asking)

    keeper = _SEARCHED if typed else _VIEWED
    return keeper.of((query, condition, agent, zone, matching.day_of(typed, asking)), build)


def everywhere(typed: Query, asking: Asking) -> Wanted:
    """Return what a search finds, whatever its status."""

    def build() -> Wanted:
        whole = Wanted(query=ListQuery(view="all"), statuses=tuple(Status))
        return _asking(whole, typed, asking)

    return _SEARCHED.of((typed.root, matching.day_of(typed, asking)), build)


def shown_by(conn: Connection, condition: Group, *, agent_id: int, now: datetime) -> Wanted:
    """Return what a view with this condition would show."""
    zone = ZoneInfo(saved_views.zone_of(condition))
    viewer = Viewer(now=now.astimezone(zone), agent=agents.uid(conn, agent_id))
    return _shown_by(ListQuery(view="all"), condition, viewer)


_VIEWED = Keeper[Wanted](100)
_SEARCHED = Keeper[Wanted](100)


def _held_by(view: str, now: datetime) -> tuple[Statuses, Asked | None]:
    """Return in which status a view has its conversations, and what else it asks."""
    match view:
        case "inbox" | "mine" | "unassigned":
            return (Status.OPEN,), None
        case "due":
            return _DUE_IN, _due_soon(now)
        case "snoozed" | "closed" | "spam" | "trash":
            return (Status(view),), None
        case "drafts":
            return tuple(Status), _one_of(select(_DRAFTED.c.id))
        case "outbox":
            unsent = select(outbox.c.message_id).where(outbox.c.state != "filing")
            theirs = select(message.c.conversation_id).where(message.c.id.in_(unsent))
            return tuple(Status), _one_of(theirs)
        case "all":
            return ALL_VIEW, None
    raise ValueError(f"no such view: {view}")


def _one_of(found: Ids) -> Asked:
    return Asked(conversation.c.id.in_(found), (found,))


def _due_soon(now: datetime) -> Asked:
    """A clock ran out, or most of its time is over (rules B11, B13)."""
    moment = func.coalesce(conversation.c.warn_at, conversation.c.next_due_at)
    warned = moment <= from_now(timedelta(), now=now)
    return facts.due(conversation.c.next_due_at.is_not(None) & warned)


def due_soon(now: datetime) -> Condition:
    """Return what holds of all that the view of due conversations shows."""
    return conversation.c.status.in_(_DUE_IN) & _due_soon(now).holds


def _shown_by(query: ListQuery, condition: Group | None, viewer: Viewer) -> Wanted:
    """Return what a saved view asks for; one that is gone or cannot be read holds nothing."""
    if condition is not None:
        statuses, asked = view_conditions.shown_by(condition, viewer)
        if statuses:
            return Wanted(query=query, statuses=tuple(sorted(statuses)), asked=asked)
    return Wanted(query=query, statuses=(Status.OPEN,), asked=NOTHING)


def _searched(whole: Wanted, typed: Query, asking: Asking) -> Wanted:
    """Return what of a list is found by what was typed."""
    search = matching.search_of(typed, asking)
    asked = [] if whole.asked is None else [whole.asked]
    if not search.only_words:
        return _asking(whole, typed, asking)
    asked += [] if search.rest is None else [search.rest]
    return replace(whole, asked=every(asked) if asked else None, words=search)


def _asking(whole: Wanted, typed: Query, asking: Asking) -> Wanted:
    """Return what of a list meets all that was typed."""
    asked = [] if whole.asked is None else [whole.asked]
    lightly, missing = matching.parted(typed, asking)
    return replace(
        whole,
        asked=every([*asked, matching.asked_of(typed, asking)]),
        lightly=every([*asked, lightly]),
        missing=missing,
    )


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
