"""Search over subjects, people, text and customers; newest first, whatever was typed."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, select, text

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.query import Query, Words, parse_query
from desktop_inbox.store import bulk, conversations, customers, matching
from desktop_inbox.store.rows import ConversationRow, CustomerRow
from desktop_inbox.store.schema import conversation, message

COUNTED = 1000  # hits are counted up to here
_CUSTOMERS = 10
_LOOKED_AT = 20_000  # characters of a body in which a snippet is looked for
_BEFORE, _AFTER = 60, 140  # characters of a snippet around the first hit


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
    asks for no words, and stops at COUNTED.
    """

    seconds: float
    customers: tuple[CustomerRow, ...] = ()
    conversations: tuple[ConversationRow, ...] = ()
    messages: tuple[MessageHit, ...] = ()
    total: int = 0


def search(conn: Connection, typed: str, *, limit: int = 50, typing: bool = True) -> SearchResult:
    """Return what `typed` finds: at most `limit` messages, and the conversations they lie in.

    Never raises, whatever is typed. While somebody is still `typing`, the last word is a prefix.
    """
    started = time.perf_counter()
    query = parse_query(typed, typing=typing)
    if not query:
        return SearchResult(seconds=time.perf_counter() - started)
    keys = _message_ids(conn, query)
    hits = _hits(conn, query, keys[:limit])
    found: Sequence[int] = list(dict.fromkeys(hit.conversation_id for hit in hits))
    total = len(keys)
    if not matching.match_expression(query):
        listed = _conversation_ids(conn, query)
        found, total = listed[:limit], len(listed)
    by_id = conversations.rows(conn, found)
    return SearchResult(
        customers=_customers(conn, query),
        conversations=tuple(by_id[key] for key in found if key in by_id),
        messages=hits,
        total=total,
        seconds=time.perf_counter() - started,
    )


def _message_ids(conn: Connection, query: Query) -> Sequence[int]:
    """Return the newest messages that match, up to COUNTED, in one walk through the index."""
    expression = matching.match_expression(query)
    if not expression:
        return ()
    if not query.properties:
        return conn.scalars(_NEWEST, {"match": expression, "limit": COUNTED}).all()
    return conn.scalars(
        select(message.c.id)
        .select_from(matching.message_fts)
        .join(message, message.c.id == matching.message_fts.c.rowid)
        .join(conversation, conversation.c.id == message.c.conversation_id)
        .where(matching.is_hit(expression), matching.properties_hold(query))
        .order_by(matching.message_fts.c.rowid.desc())
        .limit(COUNTED)
    ).all()


# By key alone: any other order would fetch every hit of a common word.
_NEWEST = text(
    "SELECT rowid FROM message_fts WHERE message_fts MATCH :match ORDER BY rowid DESC LIMIT :limit"
)


def _conversation_ids(conn: Connection, query: Query) -> Sequence[int]:
    return conn.scalars(
        select(conversation.c.id)
        .where(conversation.c.merged_into_id.is_(None), matching.conversation_matches(query))
        .order_by(conversation.c.last_at.desc(), conversation.c.id.desc())
        .limit(COUNTED)
    ).all()


def _customers(conn: Connection, query: Query) -> tuple[CustomerRow, ...]:
    expression = matching.customer_expression(query)
    if not expression:
        return ()
    keys = conn.scalars(_NEWEST_CUSTOMERS, {"match": expression, "limit": _CUSTOMERS}).all()
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
    pattern = _pattern(query)
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
    WHERE m.id IN (SELECT value FROM json_each(:ids))
    """
)


def excerpt(
    body: str, otherwise: str, *, pattern: re.Pattern[str] | None
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return one line of `body` around the first hit and where hits lie in it.

    Where nothing is hit, as when only the subject matched, `otherwise` stands for it.
    """
    first = pattern.search(body) if pattern else None
    if first is None or pattern is None:
        return otherwise, ()
    start = max(0, first.start() - _BEFORE)
    if start:
        start = body.find(" ", start, first.start()) + 1 or start
    line = " ".join(body[start : first.start() + _AFTER].split())
    shown = f"…{line}" if start else line
    return shown, tuple(match.span() for match in pattern.finditer(shown))


# Snippets show what was written, while the query is folded: a pattern finds its words unfolded.


def _pattern(query: Query) -> re.Pattern[str] | None:
    wanted = [words for words in query.words if not words.negated]
    if not wanted:
        return None
    return re.compile("|".join(_phrase(words) for words in wanted), re.IGNORECASE)


def _phrase(words: Words) -> str:
    parts = [_spellings(word) for word in words.words]
    pattern = parts[0]
    for before, part, word in zip(words.words, parts[1:], words.words[1:], strict=False):
        pattern += (r"[\W_]*" if _stands_alone(before) or _stands_alone(word) else r"[\W_]+") + part
    ahead = "" if _stands_alone(words.words[0]) else r"(?<![^\W_])"
    behind = "" if words.prefix or _stands_alone(words.words[-1]) else r"(?![^\W_])"
    return f"{ahead}{pattern}{behind}"


def _stands_alone(word: str) -> bool:
    """Tell whether a word may be written without space around it, as in Chinese and Japanese."""
    return len(word) == 1 and ord(word) >= _FIRST_CJK


_FIRST_CJK = 0x3040
_MARKS = "[\u0300-\u036f]*"


def _spellings(word: str) -> str:
    table = _unfolded()
    return "".join(
        f"[{re.escape(char)}{table[char]}]{_MARKS}" if char in table else re.escape(char)
        for char in word
    )


@lru_cache(maxsize=1)
def _unfolded() -> dict[str, str]:
    """Return which letters of the alphabets with accents and cases fold to each letter."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x530), *range(0x1E00, 0x2000)):
        char = chr(code)
        folded = fold(char)
        if len(folded) == 1 and folded != char and not unicodedata.combining(char):
            found[folded].append(char)
    return {folded: "".join(chars) for folded, chars in found.items()}
