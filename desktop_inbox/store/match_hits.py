"""The messages and files in which the words of a search stand, looked for as far as needed.

Ids of messages order as their times do, and those of files as their messages. So what stands in
messages of some time is read from one stretch of an index, whatever else has the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from desktop_inbox.store import beginnings, bulk, driver, file_texts
from desktop_inbox.store.match_words import NEWEST_HITS
from desktop_inbox.store.matching import Search

_FEW = 2_000  # hits that are looked at one by one in a moment
_LOOKED_UP = 24  # messages that are asked for one by one


class Hits:
    """The hits of one search: all of them, or the newest."""

    def __init__(self, conn: Connection, search: Search, *, most: int | None) -> None:
        """Take what is searched for, and how many messages and files count of it; None: all."""
        self._conn = conn
        self._begun = search.begun
        if self._begun is not None and not beginnings.are_common(conn, self._begun):
            self._begun = None
        words = self._begun.beside if self._begun is not None else search.messages
        self._messages = _Hits(conn, _MESSAGES, words, most=most)
        self._files = _Hits(conn, _FILES, search.files, most=most)

    def are_few(self) -> bool:
        """Tell whether all of them can be looked at one by one."""
        if self._begun is not None:
            return False
        both = (self._messages, self._files)
        return all(hits.are_few for hits in both) and sum(len(hits.ids) for hits in both) <= _FEW

    def conversations(self) -> set[int]:
        """Return the conversations of all hits, which are few."""
        return set(self._read(_THERE, self._messages.ids | self._files.ids))

    def within(self, conversations: Iterable[int]) -> set[int]:
        """Return which of these conversations have a hit."""
        said = set(self._read(_SAID, conversations))
        hits = self.among(said)
        left = said - hits
        hits |= self._files.among(left if self._begun is None else self._with_files(left))
        return set(self._read(_THERE, hits))

    def among(self, messages: set[int]) -> set[int]:
        """Return which of these messages have the words themselves."""
        if self._begun is None:
            return self._messages.among(messages)
        beside = self._messages.among(messages) if self._begun.beside else messages
        return beginnings.holding(self._conn, self._begun.letters, beside)

    def _with_files(self, messages: set[int]) -> set[int]:
        """Return which of these messages have files with words: to look for them there is dear."""
        return set(self._read(_WITH_FILES, messages))

    def _read(self, statement: str, told: Iterable[int]) -> Iterable[int]:
        found = driver.below(self._conn).execute(statement, (bulk.packed(told),))
        return (key for (key,) in found)


@dataclass(frozen=True, slots=True)
class _Index:
    """An index of words, whose rows are ids of messages with so many bits behind."""

    table: str
    bits: int

    @property
    def newest(self) -> str:
        """What reads the newest hits below a row."""
        return f"SELECT rowid {self._hits} AND rowid < ? ORDER BY rowid DESC LIMIT ?"

    @property
    def nth(self) -> str:
        """What reads the row of the hit that so many newer ones come before."""
        return f"SELECT rowid {self._hits} ORDER BY rowid DESC LIMIT 1 OFFSET ?"

    @property
    def counted(self) -> str:
        """What counts the hits from a row on, as far as a limit."""
        return f"SELECT count(*) FROM (SELECT 1 {self._hits} AND rowid >= ? LIMIT ?)"  # noqa: S608

    @property
    def among(self) -> str:
        """What reads, between two rows, in which of some messages there are hits."""
        # An expression, so that they are not asked for one by one.
        message = f"rowid >> {self.bits}"
        found = f"SELECT {message} {self._hits} AND rowid BETWEEN ? AND ?"
        return f"{found} AND ({message}) IN (SELECT value FROM json_each(?))"  # noqa: S608 - ours

    @property
    def each(self) -> str:
        """What reads the same where the messages are asked for one by one."""
        first, last = f"told.value << {self.bits}", f"(told.value + 1 << {self.bits}) - 1"
        return (
            f"SELECT told.value FROM json_each(?) told CROSS JOIN {self.table}"  # noqa: S608 - ours
            f" WHERE {self.table} MATCH ? AND {self.table}.rowid BETWEEN max({first}, ?) AND {last}"
        )

    @property
    def _hits(self) -> str:
        return f"FROM {self.table} WHERE {self.table} MATCH ?"


_MESSAGES = _Index("message_fts", 0)
_FILES = _Index("file_fts", file_texts.BITS)


class _Hits:
    """What one index has of a search: ids of messages."""

    def __init__(
        self, conn: Connection, index: _Index, expression: str, *, most: int | None
    ) -> None:
        self.ids: set[int] = set()  # that were read, from the newest downwards
        self.whole = not expression  # there are no more, or none that count
        self._driver = driver.below(conn)
        self._index = index
        self._expression = expression
        self._most = most
        self._below = _ABOVE_ALL  # all from here on upwards are read
        self._count = 0
        self._reached = False  # messages were asked for that are older than what counts

    def among(self, messages: set[int]) -> set[int]:
        """Return which of these are found."""
        if self._is_begun and messages:
            self._read_to(min(messages))
        if not messages or self._is_begun or self.are_few:
            return messages & self.ids
        bits = self._index.bits
        first, last = min(messages) << bits, (max(messages) + 1 << bits) - 1
        self._reached = self._reached or not self._all_count(first)
        since = self._lowest if self._reached else 0
        if len(messages) <= _LOOKED_UP:
            told = (bulk.packed(messages), self._expression, since)
            return {key for (key,) in self._driver.execute(self._index.each, told)}
        asked = (self._expression, max(first, since), last, bulk.packed(messages))
        return {key for (key,) in self._driver.execute(self._index.among, asked)}

    def _all_count(self, since: int) -> bool:
        """Tell whether all hits from a row on are among those that count."""
        if self._most is None:
            return True
        asked = (self._expression, since, self._most + 1)
        (count,) = self._driver.execute(self._index.counted, asked).fetchone()
        return bool(count <= self._most)

    @cached_property
    def are_few(self) -> bool:
        """Whether all of them can be looked at one by one; if so, all are known."""
        if not self.whole and (self._is_begun or self._nth(_FEW) is None):
            self._read_on()
        return self.whole and self._count <= _FEW

    def _read_to(self, lowest: int) -> None:
        """Read on until all from `lowest` on upwards are known."""
        while not self.whole and self._below > lowest << self._index.bits:
            self._read_on()

    def _read_on(self) -> None:
        step = max(NEWEST_HITS if self._is_begun else _FEW + 1, self._count)
        if self._most is not None:
            step = min(step, self._most - self._count)
        asked = (self._expression, self._below, step)
        read = [key for (key,) in self._driver.execute(self._index.newest, asked)]
        self._count += len(read)
        self.whole = len(read) < step or self._count == self._most
        self.ids.update(key >> self._index.bits for key in read)
        if read:
            self._below = read[-1]

    @property
    def _is_begun(self) -> bool:
        """Whether the beginning of a word is looked for: to begin costs as much as to read many."""
        return "*" in self._expression

    @cached_property
    def _lowest(self) -> int:
        """The row of the oldest hit that counts, or one that is older."""
        return 0 if self._most is None else self._nth(self._most - 1) or 0

    def _nth(self, place: int) -> int | None:
        """Return the row of the hit that so many newer ones come before, if there is one."""
        asked = (self._expression, place)
        found = self._driver.execute(self._index.nth, asked).fetchone()
        return None if found is None else found[0]


_ABOVE_ALL = (1 << 63) - 1
_SAID = "SELECT id FROM message WHERE conversation_id IN (SELECT value FROM json_each(?))"
_WITH_FILES = f"""
    SELECT value FROM json_each(?) WHERE EXISTS (
        SELECT 1 FROM file_text
        WHERE id BETWEEN value << {file_texts.BITS} AND (value + 1 << {file_texts.BITS}) - 1
    )
"""  # noqa: S608 - only a constant of ours
_THERE = (
    "SELECT conversation_id FROM message"
    " WHERE id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL"
)
