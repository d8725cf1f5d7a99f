"""Search over messages, files and customers; newest first, whatever was typed. Only reads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from sqlalchemy import Connection, text

from desktop_inbox.domain.query import Problem, Query, parse_query
from desktop_inbox.store import (
    beginnings,
    bulk,
    conversations,
    customers,
    file_texts,
    list_queries,
    matching,
)
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.excerpts import excerpt, pattern_of
from desktop_inbox.store.file_texts import FileHit
from desktop_inbox.store.match_properties import Asking
from desktop_inbox.store.questions import Keeper
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.store.search_narrowed import Narrowed

COUNTED = 1000  # hits of words are counted up to here,
NARROWED = 100  # and up to here, or the limit, where more is asked, or a letter or two alone
_CUSTOMERS = 10
_FILES = 10
_LOOKED_AT = 20_000  # characters of a body in which a snippet is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHit:
    """A message that was found. `snippet` shows the first hit; `marks` are ranges within it."""

    id: int
    conversation_id: int
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What was found, newest first. `total` counts messages, or conversations where the search
    asks for no words, and stops at COUNTED or NARROWED.
    """

    seconds: float
    customers: tuple[CustomerRow, ...] = ()
    conversations: tuple[ConversationRow, ...] = ()
    messages: tuple[MessageHit, ...] = ()
    files: tuple[FileHit, ...] = ()
    total: int = 0
    problems: tuple[Problem, ...] = ()


def search(conn: Connection, typed: str, *, limit: int = 50, typing: bool = True) -> SearchResult:
    """Return what `typed` finds: at most `limit` messages, and the conversations they lie in.

    Never raises, whatever is typed. While somebody is still `typing`, the last word is a prefix.
    """
    started = time.perf_counter()
    query = parse_query(typed, typing=typing)
    if not query:
        return SearchResult(seconds=time.perf_counter() - started, problems=query.problems)
    asking = Asking()
    means = _MEANT.of((query.root, matching.day_of(query, asking)), partial(_Meant, query, asking))
    asked = means.search
    keys = _message_ids(conn, means, now=asking.now, most=max(limit, NARROWED))
    hits = _hits(conn, query, keys[:limit])
    files = file_texts.find(conn, asked.files, pattern=pattern_of(query), limit=_FILES)
    found: Sequence[int] = [hit.conversation_id for hit in hits]
    found = list(dict.fromkeys([*found, *(file.conversation_id for file in files)]))
    total = len(keys)
    if not asked.only_words:
        listed = list_queries.newest(conn, query, asking, limit=max(limit, NARROWED))
        found, total = listed[:limit], len(listed)
    by_id = conversations.rows(conn, found)
    return SearchResult(
        customers=customers_of(conn, query, limit=_CUSTOMERS),
        conversations=tuple(by_id[key] for key in found if key in by_id),
        messages=hits,
        files=files,
        total=total,
        problems=query.problems,
        seconds=time.perf_counter() - started,
    )


def _message_ids(conn: Connection, means: _Meant, *, now: datetime, most: int) -> Sequence[int]:
    """Return the newest messages that match: up to COUNTED of plain words, else `most`."""
    asked = means.search
    if not asked.messages:
        return ()
    if asked.rest is None:
        known = beginnings.newest(conn, asked.begun, limit=most) if asked.begun else None
        if known is not None:
            return known
        return conn.scalars(_NEWEST, {"match": asked.messages, "limit": COUNTED}).all()
    return means.narrowed.newest(conn, now=now, most=most)


# By key alone: any other order would fetch every hit of a common word.
_NEWEST = text(
    "SELECT rowid FROM message_fts WHERE message_fts MATCH :match ORDER BY rowid DESC LIMIT :limit"
)


class _Meant:
    """What a search means, and how it is asked of messages."""

    def __init__(self, query: Query, asking: Asking) -> None:
        self.search = matching.search_of(query, asking)
        self._narrowed = partial(Narrowed, query, asking, self.search)

    @cached_property
    def narrowed(self) -> Narrowed:
        return self._narrowed()


_MEANT = Keeper[_Meant](100)


def customers_of(conn: Connection, query: Query, *, limit: int) -> tuple[CustomerRow, ...]:
    """Return the customers that a search names, those first that were stored last."""
    expression = matching.customer_expression(query)
    if not expression:
        return ()
    keys = conn.scalars(_NEWEST_CUSTOMERS, {"match": expression, "limit": limit}).all()
    by_id = customers.rows(conn, keys)
    return tuple(by_id[key] for key in keys if key in by_id)


_NEWEST_CUSTOMERS = text(
    """
    SELECT rowid FROM customer_fts WHERE customer_fts MATCH :match ORDER BY rowid DESC LIMIT :limit
    """
)


def _hits(conn: Connection, query: Query, keys: Sequence[int]) -> tuple[MessageHit, ...]:
    if not keys:
        return ()
    pattern = pattern_of(query)
    found = {}
    asked = {"ids": bulk.packed(keys), "length": _LOOKED_AT}
    for key, conversation_id, body, short in conn.execute(_TEXTS, asked):
        snippet, marks = excerpt(body, short, pattern=pattern)
        found[key] = MessageHit(
            id=key, conversation_id=conversation_id, snippet=snippet, marks=marks
        )
    return tuple(found[key] for key in keys if key in found)


_TEXTS = text(
    """
    SELECT m.id, m.conversation_id,
        coalesce(substr(coalesce(b.visible_text, b.text), 1, :length), ''), m.snippet
    FROM message m LEFT JOIN message_body b ON b.message_id = m.id
    WHERE m.id IN (SELECT value FROM json_each(:ids)) AND m.deleted_at IS NULL
    """
)
