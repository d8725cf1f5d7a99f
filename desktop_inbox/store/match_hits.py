"""The messages and files in which the words of a search stand, newest first, read as needed.

Ids of messages order as their times do, and those of files as their messages; so the newest hits
are the first of the index, and what lies below the last that was read is not known yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, union

from desktop_inbox.store import bulk, file_texts, match_words
from desktop_inbox.store.asked import Ids
from desktop_inbox.store.match_words import NEWEST_HITS

_FEW = 2_000  # hits that are looked at one by one in a moment
_FIRST = 2_100  # hits that are read first


class Hits:
    """The newest hits of one search."""

    def __init__(self, conn: Connection, messages: str, files: str, *, most: int) -> None:
        """Take expressions of the indexes, '' for none of files, and how many count of each."""
        self._conn = conn
        self._all = match_words.conversations_with(messages, files, most=most)
        self._read = [_Newest(conn, _MESSAGES, messages, each=1, most=most)]
        if files:
            each = file_texts.MOST_OF_A_MESSAGE
            self._read.append(_Newest(conn, _FILES, files, each=each, most=most))

    def are_few(self) -> bool:
        """Tell whether all of them can be looked at one by one."""
        for newest in self._read:
            newest.read_to(None, enough=_FEW + 1)
        return all(newest.whole for newest in self._read) and (
            sum(len(newest.ids) for newest in self._read) <= _FEW
        )

    def conversations(self) -> set[int]:
        """Return the conversations of all hits, which are few."""
        ids = set[int]().union(*(newest.ids for newest in self._read))
        return {conversation for conversation, _message in self._there(ids)}

    def all_conversations(self) -> Ids:
        """Return what names the conversations of all hits."""
        return union(*self._all)

    def within(self, conversations: Iterable[int]) -> set[int]:
        """Return which of these conversations have a hit."""
        return {conversation for conversation, _message in self.said_in(conversations)}

    def said_in(self, conversations: Iterable[int]) -> list[tuple[int, int]]:
        """Return conversation and message of each hit in these conversations."""
        found: Any = self._conn.exec_driver_sql(_SAID, (bulk.packed(conversations),)).cursor
        said: list[tuple[int, int]] = list(found)
        lowest = min((message for _conversation, message in said), default=None)
        if lowest is None:
            return []
        for newest in self._read:
            newest.read_to(lowest)
        messages, files = self._read[0].ids, self._read[-1].ids
        hits = [one for one in said if one[1] in messages or one[1] in files]
        left = {message for _conversation, message in self._there(one for _, one in hits)}
        return [one for one in hits if one[1] in left]

    def _there(self, messages: Iterable[int]) -> Iterable[tuple[int, int]]:
        """Read conversation and id of these messages, but for those that were deleted."""
        found: Any = self._conn.exec_driver_sql(_THERE, (bulk.packed(messages),)).cursor
        there: Iterable[tuple[int, int]] = found
        return there


class _Newest:
    """Ids of messages from one index, read downwards."""

    def __init__(
        self, conn: Connection, statement: str, expression: str, *, each: int, most: int
    ) -> None:
        self.ids: set[int] = set()
        self.whole = False  # there are no more, or none that count
        self._conn = conn
        self._statement = statement
        self._expression = expression
        self._each = each  # ids of the index that one message has
        self._most = most
        self._below = _ABOVE_ALL  # all from here on upwards are known
        self._count = 0

    def read_to(self, lowest: int | None, *, enough: int | None = None) -> None:
        """Read on until all from `lowest` on upwards are known, or enough of them."""
        while not self.whole and (lowest is None or self._below > lowest * self._each):
            if enough is not None and self._count >= enough:
                return
            # To begin with a prefix costs as much as to read many.
            step = NEWEST_HITS if "*" in self._expression else max(_FIRST, self._count)
            self._read_on(min(step, self._most - self._count))

    def _read_on(self, step: int) -> None:
        asked = (self._expression, self._below, step)
        found: Any = self._conn.exec_driver_sql(self._statement, asked).cursor
        read = [key for (key,) in found]
        self._count += len(read)
        self.whole = len(read) < step or self._count >= self._most
        self.ids.update(read if self._each == 1 else (key // self._each for key in read))
        if read:
            self._below = read[-1]


_ABOVE_ALL = (1 << 63) - 1
_MESSAGES = (
    "SELECT rowid FROM message_fts WHERE message_fts MATCH ? AND rowid < ?"
    " ORDER BY rowid DESC LIMIT ?"
)
_FILES = (
    "SELECT rowid FROM file_fts WHERE file_fts MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
)
_SAID = (
    "SELECT conversation_id, id FROM message"
    " WHERE conversation_id IN (SELECT value FROM json_each(?))"
)
_THERE = (
    "SELECT conversation_id, id FROM message"
    " WHERE id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL"
)
