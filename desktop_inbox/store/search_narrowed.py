"""The newest messages with some words, of conversations of which more is asked. Only reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Connection, literal_column, select, union_all

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.query import Query
from desktop_inbox.store import bulk, driver, list_walks, matching, messages
from desktop_inbox.store.asked import Asked, Condition, Few, Ids, Source, few
from desktop_inbox.store.lists import SHORT
from desktop_inbox.store.match_hits import Hits
from desktop_inbox.store.match_properties import Asking
from desktop_inbox.store.match_words import NEWEST_HITS, is_hit, message_fts
from desktop_inbox.store.matching import Search
from desktop_inbox.store.questions import Question, told
from desktop_inbox.store.schema import conversation, message

_ABOVE_ALL = (1 << 63) - 1
_AT_ONCE = 4  # times as many messages are looked at as are wanted
_SLACK = timedelta(hours=1)  # ids of one second may reach into the next


class Narrowed:
    """What is asked of the messages, and of the conversations they lie in."""

    def __init__(self, query: Query, asking: Asking, asked: Search) -> None:
        assert asked.rest is not None
        self._words = replace(asked, files="")
        lightly, self._missing = (
            (asked.rest, ()) if asked.only_words else matching.parted(query, asking)
        )
        self._few = [Source(ids) for ids in asked.rest.among]
        self._end = _end(asked.rest)
        self._later = [] if self._end is None else [Source(_going_on(asked.rest, self._end))]
        belong = select(conversation.c.id).where(lightly.holds)
        self._belong = Question(list_walks.only(belong, bulk.values_of("ids")))
        self._newest = Question(
            select(message.c.id)
            .select_from(message_fts)
            .join(message, message.c.id == message_fts.c.rowid)
            .join(conversation, conversation.c.id == message.c.conversation_id)
            .where(is_hit(asked.messages), message.c.deleted_at.is_(None), asked.rest.holds)
            .where(message_fts.c.rowid < told("below"))
            .order_by(message_fts.c.rowid.desc())
            .limit(told("most"))
        )

    def newest(self, conn: Connection, *, now: datetime, most: int) -> Sequence[int]:
        """Return the newest of them: of few conversations, or by what they say."""
        those = few(conn, self._few, now=now)
        if those is not None:
            return self._said_in(conn, those, now=now, most=most)
        found, below = list[int](), _ABOVE_ALL
        those = few(conn, self._later, now=now)
        if those is not None and self._end is not None:
            found = self._said_in(conn, those, now=now, most=most, since=self._end)
            below = self._end
        rows = self._newest.rows(conn, now=now, below=below, most=most - len(found))
        return [*found, *(key for (key,) in rows)]

    def _said_in(
        self, conn: Connection, those: Few, *, now: datetime, most: int, since: int = 0
    ) -> list[int]:
        """Return the newest of them, from an id on, in those of a few that belong."""
        named = bulk.packed(those.names(conn, now=now))
        belong = bulk.packed(key for (key,) in self._belong.rows(conn, now=now, ids=named))
        below = driver.below(conn)
        said = dict(below.execute(_SAID, (belong, since)).fetchall())
        hits = Hits(conn, self._words, most=None)
        missing = [Hits(conn, words, most=NEWEST_HITS) for words in self._missing]
        found: list[int] = []
        for some in _parts(sorted(said, reverse=True), _AT_ONCE * most):
            for having in _parts(sorted(hits.among(set(some)), reverse=True), most):
                there = [key for (key,) in below.execute(_THERE, (bulk.packed(having),))]
                left = {said[key] for key in there}
                for words in missing:
                    left -= words.within(left)
                found += (key for key in there if said[key] in left)
                if len(found) >= most:
                    return found[:most]
        return found


def _end(asked: Asked) -> int | None:
    """Return the id from which on nothing is said where nobody goes on for long, if one is known.

    Of what is asked, all was begun before some moment.
    """
    ends = [one.end for one in asked.begun if isinstance(one.end, datetime)]
    return messages.first_id(min(ends) + SHORT + _SLACK) if ends else None


def _going_on(asked: Asked, end: int) -> Ids:
    """Return what names all in which something may be said from an id on that belong."""
    lasting = list_walks.lasting(asked.begun, tuple(Status))
    noted: Condition = literal_column("message.direction = 'note'")  # as its index has it
    late = select(message.c.conversation_id).where(noted, message.c.id >= end)
    return union_all(lasting, late)


def _parts(keys: Sequence[int], size: int) -> Iterator[list[int]]:
    left = iter(keys)
    return iter(lambda: list(islice(left, size)), [])


_SAID = (
    "SELECT id, conversation_id FROM message"
    " WHERE conversation_id IN (SELECT value FROM json_each(?)) AND id >= ?"
)
_THERE = (
    "SELECT id FROM message WHERE id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL"
    " ORDER BY id DESC"
)
