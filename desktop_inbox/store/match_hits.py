"""The messages and files in which the words of a search stand, newest first, read as needed.

Ids of messages order as their times do, and those of files as their messages; so the newest hits
are the first of the index, and what lies below the last that was read is not known yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from desktop_inbox.store import bulk, file_texts, match_words
from desktop_inbox.store.asked import FEW

STEP = 500  # messages that are looked at at once
_FIRST = 2 * FEW  # hits that are read first


class Hits:
    """The newest hits of one search, at most NEWEST_HITS of messages and of files each."""

    def __init__(self, conn: Connection, messages: str, files: str) -> None:
        """Take expressions of the indexes, '' for none of files."""
        self._conn = conn
        self._read = [_Newest(conn, _MESSAGES, messages, each=1)]
        if files:
            self._read.append(_Newest(conn, _FILES, files, each=file_texts.MOST_OF_A_MESSAGE))

    def are_few(self) -> bool:
        """Tell whether all of them can be looked at one by one."""
        for newest in self._read:
            newest.read_to(None, most=FEW + 1)
        return all(newest.whole for newest in self._read) and (
            sum(len(newest.ids) for newest in self._read) <= FEW
        )

    def conversations(self) -> set[int]:
        """Return the conversations of all hits."""
        for newest in self._read:
            newest.read_to(None, most=match_words.NEWEST_HITS)
        ids = set[int]().union(*(newest.ids for newest in self._read))
        return {conversation for conversation, _message in self._there(ids)}

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
            newest.read_to(lowest, most=match_words.NEWEST_HITS)
        hits = [one for one in said if any(one[1] in newest.ids for newest in self._read)]
        left = {message for _conversation, message in self._there(one for _, one in hits)}
        return [one for one in hits if one[1] in left]

    def of_messages(self) -> Iterator[list[tuple[int, int]]]:
        """Yield conversation and message of the hits in messages, newest first, some at a time."""
        newest, at = self._read[0], 0
        while at < len(newest.order) or not newest.whole:
            if at == len(newest.order):
                newest.read_to(None, most=at + 1)
            there = dict.fromkeys(newest.order[at : at + STEP])
            at += STEP if len(there) == STEP else len(there)
            yield sorted(self._there(there), key=lambda one: -one[1])

    def _there(self, messages: Iterable[int]) -> Iterable[tuple[int, int]]:
        """Read conversation and id of these messages, but for those that were deleted."""
        found: Any = self._conn.exec_driver_sql(_THERE, (bulk.packed(messages),)).cursor
        there: Iterable[tuple[int, int]] = found
        return there


class _Newest:
    """Ids of messages from one index, read downwards."""

    def __init__(self, conn: Connection, statement: str, expression: str, *, each: int) -> None:
        self.ids: set[int] = set()
        self.order: list[int] = []
        self.whole = False  # there are no more, or none that count
        self._conn = conn
        self._statement = statement
        self._expression = expression
        self._each = each  # ids of the index that one message has
        self._below: int | None = None  # all from here on upwards are known
        self._count = 0

    def read_to(self, lowest: int | None, *, most: int) -> None:
        """Read on until all from `lowest` on upwards are known, or `most` in all."""
        while not self.whole and self._count < most and self._is_above(lowest):
            # To begin with a prefix costs as much as to read many.
            step = match_words.NEWEST_HITS if "*" in self._expression else _FIRST
            self._read_on(min(step, match_words.NEWEST_HITS - self._count))

    def _is_above(self, lowest: int | None) -> bool:
        return lowest is None or self._below is None or self._below > lowest

    def _read_on(self, step: int) -> None:
        below = _ABOVE_ALL if self._below is None else self._below * self._each
        found: Any = self._conn.exec_driver_sql(
            self._statement, (self._expression, below, step)
        ).cursor
        read = [key for (key,) in found]
        self._count += len(read)
        self.whole = len(read) < step or self._count >= match_words.NEWEST_HITS
        ids = [key // self._each for key in read]
        self.ids.update(ids)
        self.order += ids
        if ids:
            self._below = ids[-1]


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
