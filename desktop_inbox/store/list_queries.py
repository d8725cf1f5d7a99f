"""The shortest way to read the conversations of a list in its order.

Where only a few can belong to it, as with a rare tag, they are found first and then sorted.
Otherwise an index that has the order is walked until enough belong. Where that leads too far, all
that can belong are found after all.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from desktop_inbox.domain.conditions import Group
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.query import Query
from desktop_inbox.store import bulk, driver, list_sifting
from desktop_inbox.store.asked import Few, Ids, few, least, rare
from desktop_inbox.store.list_order import Key
from desktop_inbox.store.list_sifting import Worth
from desktop_inbox.store.list_walks import Listing
from desktop_inbox.store.list_wanted import Statuses, Wanted, everywhere, shown_by, wanted
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.match_hits import Hits
from desktop_inbox.store.match_properties import Asking
from desktop_inbox.store.match_words import NEWEST_HITS
from desktop_inbox.store.questions import Question

_FAR = 24_000  # conversations that are looked at before the walk is given up
_PASSED = 5  # to look one of few up is as dear as to pass so many of others by
_DEARER = 6  # one of few is as dear as so many of a walk, which lie side by side


def ids(conn: Connection, query: ListQuery, *, limit: int | None, now: datetime) -> array[int]:
    """Return the ids of a list in its order: all of them, or the first `limit`.

    Raises:
        ValueError: there is no such view.
    """
    reading = _Reading(conn, wanted(conn, query, now=now), now)
    if limit is None:
        return reading.all_ids()
    return array("q", (values[-1] for values in reading.keys(limit)))


def keys(
    conn: Connection, query: ListQuery, *, limit: int, after: str | None, now: datetime
) -> list[Key]:
    """Return what the first of a list, or those after a key, are sorted by; their id last.

    Raises:
        ValueError: `after` is not a key, or there is no such view.
    """
    return list(_Reading(conn, wanted(conn, query, now=now), now).keys(limit, after=after))


def count(conn: Connection, query: ListQuery, *, now: datetime) -> int:
    """Return how many conversations a list holds.

    Raises:
        ValueError: there is no such view.
    """
    return _Reading(conn, wanted(conn, query, now=now), now).count()


def count_shown_by(conn: Connection, condition: Group, *, agent_id: int, now: datetime) -> int:
    """Return how many conversations a view with this condition would show."""
    shown = shown_by(conn, condition, agent_id=agent_id, now=now)
    return _Reading(conn, shown, now).count()


def newest(conn: Connection, typed: Query, asking: Asking, *, limit: int) -> list[int]:
    """Return the first conversations that a search finds, whatever their status."""
    found = _Reading(conn, everywhere(typed, asking), asking.now).keys(limit)
    return [values[-1] for values in found]


class _Reading:
    """One reading of a list."""

    def __init__(self, conn: Connection, wanted: Wanted, now: datetime) -> None:
        self._conn = conn
        self._wanted = wanted
        self._now = now
        self._hits = None
        if wanted.words is not None:
            self._hits = Hits(conn, wanted.words, most=wanted.most_hits)
        self._missing = [Hits(conn, words, most=NEWEST_HITS) for words in wanted.missing]

    def all_ids(self) -> array[int]:
        listing, among = self._listing(self._few())
        return listing.ids(self._conn, now=self._now, among=among)

    def keys(self, limit: int, *, after: str | None = None) -> Iterable[Key]:
        if not self._wanted.is_sifted:
            those = self._few()
        else:
            those, found = self._sifted(limit=limit, after=after)
            if found is not None:
                return found
            if self._missing and isinstance(those, Few):
                return self._spared(those, limit=limit, after=after)
        listing, among = self._listing(those)
        return listing.read(self._conn, now=self._now, limit=limit, after=after, among=among)

    def _spared(self, few: Few, *, limit: int, after: str | None) -> list[Key]:
        """Return the first of these few that do not have the words that are to be missing."""
        listing, among = self._of(few, lightly=True)
        listed = iter(listing.read(self._conn, now=self._now, after=after, among=among))
        found: list[Key] = []
        while len(found) < limit and (some := list(islice(listed, 2 * limit))):
            found += list_sifting.without(some, self._missing)
        return found[:limit]

    def count(self) -> int:
        listing, among = self._listing(self._few())
        known = {"ids": among} if among else {}
        return listing.counted().number(self._conn, now=self._now, **known)

    def _listing(self, few: Few | set[int] | None) -> tuple[Listing, str]:
        """Return the list among those who can belong, or as an index has it, and these if told."""
        if isinstance(few, set):
            return self._wanted.of(_TOLD), bulk.packed(few)
        if few is not None:
            return self._of(few)
        among = self._all() if self._wanted.is_sifted else None
        return (self._wanted.walk(self._used()) if among is None else self._wanted.of(among)), ""

    def _of(self, few: Few, *, lightly: bool = False) -> tuple[Listing, str]:
        """Return the list among a few, and these if told."""
        if few.named is None:
            return self._wanted.of(few.source.ids, lightly=lightly), ""
        return self._wanted.of(_TOLD, lightly=lightly), bulk.packed(few.named)

    def _sifted(
        self, *, limit: int, after: str | None
    ) -> tuple[Few | set[int] | None, list[Key] | None]:
        """Return who can belong, where these are few, and what a walk found, if it did."""
        if self._hits is not None:
            having = self._few()
            if having is not None or self._wanted.sort != "newest":
                return having, None
            return None, self._walked(limit=limit, after=after, worth=_worth(self._wanted, limit))
        those = rare(self._conn, self._wanted.among, now=self._now)
        if those is not None:
            return those, self._picked(those, limit=limit, after=after)
        if self._wanted.among:
            found = self._walked(limit=limit, after=after, worth=_near(limit=limit))
            if found is not None:
                return None, found
        those = few(self._conn, self._wanted.among, now=self._now)
        if those is not None and not self._is_walk_shorter(those, limit=limit):
            return those, None
        return those, self._walked(limit=limit, after=after, worth=_worth(self._wanted, limit))

    def _picked(self, few: Few, *, limit: int, after: str | None) -> list[Key] | None:
        """Walk as far as these few are likely to reach; None where each is looked up sooner."""
        likely = limit * self._everybody() // max(few.count, 1)
        if likely > _PASSED * few.count:
            return None
        sieve = self._wanted.sieve_of(few.source.ids, self._used())
        return list_sifting.walked(
            self._conn,
            sieve,
            None,
            self._missing,
            now=self._now,
            limit=limit,
            after=after,
            step=likely * 3 // 2,
            worth=lambda _found, _far: False,
        )

    def _is_walk_shorter(self, few: Few, *, limit: int) -> bool:
        """Tell whether a walk is likely to end before all who can belong were looked at."""
        return limit * self._everybody() < few.count * min(_FAR, _DEARER * few.count)

    def _everybody(self) -> int:
        found: int = driver.below(self._conn).execute(_EVERYBODY).fetchone()[0]
        return found

    def _few(self) -> Few | set[int] | None:
        """Return those who can belong to the list, where these are few."""
        if self._hits is not None and self._hits.are_few():
            return self._hits.conversations()
        found = few(self._conn, self._wanted.among, now=self._now)
        if found is None or self._hits is None:
            return found
        return self._hits.within(found.names(self._conn, now=self._now))

    def _all(self) -> Ids | None:
        """Return what names all who can belong to the list, None where these are too many."""
        if self._hits is not None:
            return self._wanted.with_words
        found = least(self._conn, self._wanted.among, now=self._now)
        asked = self._wanted.asked
        return asked.slowly if found is None and asked is not None else found

    def _walked(self, *, limit: int, after: str | None, worth: Worth) -> list[Key] | None:
        """Walk until enough belong to the list; None where that leads too far."""
        sieve = self._wanted.sieve(self._used())
        return list_sifting.walked(
            self._conn,
            sieve,
            self._hits,
            self._missing,
            now=self._now,
            limit=limit,
            after=after,
            worth=worth,
        )

    def _used(self) -> Statuses:
        """Return in which of its statuses a walk finds anything."""
        found = self._wanted.statuses
        for question in self._wanted.unsure:
            found = tuple(one for one in found if self._is_there(question, one))
        return found or self._wanted.statuses[:1]

    def _is_there(self, question: Question, status: Status) -> bool:
        rows = question.rows(self._conn, now=self._now, status=status.value)
        return next(iter(rows), None) is not None


_TOLD = bulk.values_of("ids")
_EVERYBODY = "SELECT ifnull(max(id), 0) FROM conversation"


def _worth(wanted: Wanted, limit: int) -> Worth:
    """Return how far a walk leads before all that can belong are found instead."""
    if wanted.asked is None or wanted.asked.slowly is None:
        return lambda found, far: far < _FAR
    most = 2 * _FAR  # each is dear to look at, and so are all: it has to be worth it
    return lambda found, far: far < most and (far < _FAR // 6 or found * most >= limit * far)


def _near(*, limit: int) -> Worth:
    """Return that a first step showed the end to be near: nearer than to count who can belong."""
    enough = max(2 * limit * list_sifting.FIRST_STEP, list_sifting.SOME * _FAR)
    return lambda found, far: far < _FAR and found * _FAR * list_sifting.FIRST_STEP >= enough * far
