"""Messages with a word that begins with one or two letters, which nearly every message has.

The full-text index puts all hits of all such words in order before it tells the first, which takes
half a second among a million messages. Where they are as common as that, the words of the newest
messages are looked at instead. Reads only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.query import Both, Node, TextField, Words
from desktop_inbox.store import bulk, match_words

LONGEST = 2  # letters
_SAMPLE, _COMMON = 100, 25  # of so many of the newest messages, so many have such a word
_START = 400  # characters of a text; in most of them such a word stands


@dataclass(frozen=True, slots=True)
class Begun:
    """A word of which a letter or two are typed, and the expression for the words beside it."""

    letters: str
    beside: str = ""


def begun(node: Node) -> Begun | None:
    """Return what is begun in `node`, None where there is nothing, or more than that."""
    if letters := _letters(node):
        return Begun(letters)
    if not isinstance(node, Both):
        return None
    others = tuple(one for one in node.nodes if not _letters(one))
    if len(others) != len(node.nodes) - 1:
        return None
    (letters,) = filter(None, map(_letters, node.nodes))
    beside = match_words.in_messages(others[0] if len(others) == 1 else Both(others))
    return Begun(letters, beside) if beside else None


def _letters(node: Node) -> str:
    if isinstance(node, Words) and node.prefix and node.where is TextField.ANY:
        (first, *more) = node.words
        return "" if more or len(first) > LONGEST else first
    return ""


def newest(conn: Connection, wanted: Begun, *, limit: int) -> list[int] | None:
    """Return the newest messages with such a word, None where the index finds them as soon."""
    found: list[int] = []
    looked = 0
    for ids in _candidates(conn, wanted.beside, step=max(_SAMPLE, 5 * limit // 4)):
        found += sorted(holding(conn, wanted.letters, ids), reverse=True)
        if not looked and len(found) * _SAMPLE < _COMMON * len(ids):
            return None
        looked += len(ids)
        if len(found) >= limit:
            break
    return found[:limit] if looked >= _SAMPLE else None


def are_common(conn: Connection, wanted: Begun) -> bool:
    """Tell whether many of the newest messages have such a word."""
    ids = next(_candidates(conn, wanted.beside, step=_SAMPLE), [])
    return len(ids) == _SAMPLE and len(holding(conn, wanted.letters, ids)) >= _COMMON


def holding(conn: Connection, letters: str, ids: Iterable[int]) -> set[int]:
    """Return which of these messages are there and have a word that begins like this."""
    begins = re.compile(rf"(?<![^\W_]){re.escape(letters)}")
    found: set[int] = set()
    left: list[int] = []
    for key, start in _rows(conn, _STARTS, ids):
        if begins.search(fold(start)):
            found.add(key)
        else:
            left.append(key)
    for key, people, rest in _rows(conn, _RESTS, left):
        words = "\n".join(_names(people))
        if begins.search(fold(words)) or begins.search(fold(rest)):
            found.add(key)
    return found


def _names(people: str) -> Iterator[str]:
    for field in json.loads(people or "{}").values():
        for person in field:
            yield from person


def _candidates(conn: Connection, beside: str, *, step: int) -> Iterator[list[int]]:
    """Yield messages that have the other words, the newest first."""
    below = _ABOVE_ALL
    while True:
        asked = (beside, below, step) if beside else (below, step)
        rows: Any = conn.exec_driver_sql(_BESIDE if beside else _ALL, asked).cursor
        ids = [key for (key,) in rows]
        if ids:
            yield ids
        if len(ids) < step:
            return
        below = ids[-1]


def _rows(conn: Connection, statement: str, ids: Iterable[int]) -> Iterator[tuple[Any, ...]]:
    packed = bulk.packed(ids)
    found: Any = conn.exec_driver_sql(statement, (packed,)).cursor
    rows: Iterator[tuple[Any, ...]] = found
    return rows


_ABOVE_ALL = (1 << 63) - 1
_ALL = "SELECT id FROM message WHERE id < ? AND deleted_at IS NULL ORDER BY id DESC LIMIT ?"
_BESIDE = (
    "SELECT rowid FROM message_fts WHERE message_fts MATCH ? AND rowid < ?"
    " ORDER BY rowid DESC LIMIT ?"
)
_TEXT = "coalesce(b.visible_text, b.text, '')"
_IN_MAIL = "iif(m.direction = 'note', '', {})"  # of a note only what it says is indexed
# A line end stands between two words that are not next to each other.
_STARTS = f"""
    SELECT m.id, {_IN_MAIL.format("m.subject")} || char(10) || substr({_TEXT}, 1, {_START})
    FROM message m LEFT JOIN message_body b ON b.message_id = m.id
    WHERE m.id IN (SELECT value FROM json_each(?)) AND m.deleted_at IS NULL
"""  # noqa: S608 - only constants of this module
_RESTS = f"""
    SELECT m.id, {_IN_MAIL.format("m.people")}, {_TEXT} || char(10) || coalesce(
        (SELECT group_concat(a.name, char(10)) FROM attachment a WHERE a.message_id = m.id), '')
    FROM message m LEFT JOIN message_body b ON b.message_id = m.id
    WHERE m.id IN (SELECT value FROM json_each(?)) AND m.deleted_at IS NULL
"""  # noqa: S608
