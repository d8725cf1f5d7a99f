"""The messages and files in which the words of a search stand, newest first, read as needed.

Ids of messages order as their times do, and those of files as their messages; so the newest hits
are the first of the index, and what lies below the last that was read is not known yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from desktop_inbox.store import beginnings, bulk, file_texts
from desktop_inbox.store.match_words import NEWEST_HITS
from desktop_inbox.store.matching import Search

_FEW = 2_000  # hits that are looked at one by one in a moment
_FIRST = 2_100  # hits that are read first


class Hits:
    """The newest hits of one search."""

    def __init__(self, conn: Connection, search: Search, *, most: int) -> None:
        """Take what is searched for, and how many messages and files count of it."""
        self._conn = conn
        self._begun = search.begun
        if self._begun is not None and not beginnings.are_common(conn, self._begun):
            self._begun = None
        words = self._begun.beside if self._begun is not None else search.messages
        self._messages = _Newest(conn, _MESSAGES, words, each=1, most=most)
        each = file_texts.MOST_OF_A_MESSAGE
        self._files = _Newest(conn, _FILES, search.files, each=each, most=most)

    def are_few(self) -> bool:
        """Tell whether all of them can be looked at one by one."""
        if self._begun is not None:
            return False
        read = (self._messages, self._files)
        for newest in read:
            newest.read_to(None, enough=_FEW + 1)
        return all(newest.whole for newest in read) and (
            sum(len(newest.ids) for newest in read) <= _FEW
        )

    def conversations(self) -> set[int]:
        """Return the conversations of all hits, which are few."""
        ids = self._messages.ids | self._files.ids
        return {conversation for conversation, _message in self._there(ids)}

    def within(self, conversations: Iterable[int]) -> set[int]:
        """Return which of these conversations have a hit."""
        found: Any = self._conn.exec_driver_sql(_SAID, (bulk.packed(conversations),)).cursor
        said = {message for (message,) in found}
        hits = self._said(said)
        left = said - hits
        hits |= self._files.among(left if self._begun is None else self._with_files(left))
        return {conversation for conversation, _message in self._there(hits)}

    def _said(self, messages: set[int]) -> set[int]:
        """Return which of these messages have the words themselves."""
        if self._begun is None:
            return self._messages.among(messages)
        beside = self._messages.among(messages) if self._begun.beside else messages
        return beginnings.holding(self._conn, self._begun.letters, beside)

    def _with_files(self, messages: set[int]) -> set[int]:
        """Return which of these messages have files with words: to look for them there is dear."""
        found: Any = self._conn.exec_driver_sql(_WITH_FILES, (bulk.packed(messages),)).cursor
        return {message for (message,) in found}

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
        self.whole = not expression  # there are no more, or none that count
        self._conn = conn
        self._statement = statement
        self._expression = expression
        self._each = each  # ids of the index that one message has
        self._most = most
        self._below = _ABOVE_ALL  # all from here on upwards are known
        self._count = 0

    def among(self, messages: set[int]) -> set[int]:
        """Return which of these are found."""
        if messages:
            self.read_to(min(messages))
        return messages & self.ids

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
_SAID = "SELECT id FROM message WHERE conversation_id IN (SELECT value FROM json_each(?))"
_WITH_FILES = f"""
    SELECT value FROM json_each(?) WHERE EXISTS (
        SELECT 1 FROM file_text
        WHERE id BETWEEN value * {file_texts.MOST_OF_A_MESSAGE}
            AND (value + 1) * {file_texts.MOST_OF_A_MESSAGE} - 1
    )
"""  # noqa: S608 - only a constant of ours
_THERE = (
    "SELECT conversation_id, id FROM message"
    " WHERE id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL"
)
