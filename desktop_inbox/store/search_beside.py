"""What stands beside the list while somebody searches: customers, files, and what may be meant.

Only reads. Nothing here raises, whatever was typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from desktop_inbox.domain.folding import plain
from desktop_inbox.domain.query import (
    Both,
    Either,
    Has,
    Node,
    Not,
    Problem,
    Property,
    Query,
    Words,
    format_query,
    parse_query,
)
from desktop_inbox.domain.slips import nearest, slips
from desktop_inbox.store import (
    accounts,
    agents,
    bulk,
    conversations,
    file_texts,
    match_words,
    matching,
    tags,
)
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.excerpts import excerpt, pattern_of
from desktop_inbox.store.file_texts import FileHit, Progress
from desktop_inbox.store.match_properties import Asking
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.store.search import customers_of

_MOST = 4  # of each kind
_LENGTHS = range(4, 25)  # letters of a word worth correcting
_CORRECTED = 3  # words of one search that are
_COUNTED = 50  # messages with a word, to tell which of two is likelier
_LOOKED_AT = 20_000  # characters of a body in which a snippet is looked for
_MESSAGES = 2_000  # in which snippets of one page of the list are looked for
_LONGEST_ID = 9
_BEFORE = 18  # characters before a hit that leave it in sight in a narrow list


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Everything about a search but its conversations."""

    numbered: ConversationRow | None = None  # the conversation whose number was typed
    customers: tuple[CustomerRow, ...] = ()
    files: tuple[FileHit, ...] = ()
    problems: tuple[Problem, ...] = ()
    waiting: Progress | None = None  # words of some attachments are still to be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a search can name in this workspace."""

    tags: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The line of a conversation that shows why it was found, and where the hits lie in it."""

    snippet: str
    marks: tuple[tuple[int, int], ...]


def beside(conn: Connection, typed: str) -> Beside:
    """Return what to show beside the list for what is being typed."""
    query = parse_query(typed)
    found = matching.search_of(query, Asking())
    progress = file_texts.progress(conn) if file_texts.is_incomplete(conn) else None
    return Beside(
        numbered=_numbered(conn, typed),
        customers=customers_of(conn, query, limit=_MOST),
        files=file_texts.find(conn, found.files, pattern=pattern_of(query), limit=_MOST),
        problems=query.problems,
        waiting=progress,
    )


def _numbered(conn: Connection, typed: str) -> ConversationRow | None:
    number = typed.strip().removeprefix("#")
    if not (number.isascii() and number.isdigit()) or len(number) > _LONGEST_ID:
        return None
    return conversations.row(conn, int(number))


def names(conn: Connection) -> Names:
    """Return the names that complete what is typed."""
    return Names(
        tags=tuple(row.name for row in tags.list_all(conn)),
        accounts=tuple(row.title or row.address for row in accounts.list_all(conn)),
        agents=tuple(row.name for row in agents.list_all(conn) if row.name),
    )


# Which line shows the hit


def shown(conn: Connection, typed: str, wanted: Iterable[int]) -> dict[int, Shown]:
    """Return, for conversations that were found by their words, the newest line that has them."""
    pattern = pattern_of(parse_query(typed))
    if pattern is None:
        return {}
    asked = {"ids": bulk.packed(wanted), "length": _LOOKED_AT, "most": _MESSAGES}
    found: dict[int, Shown] = {}
    for conversation_id, body in conn.execute(_BODIES, asked):
        if conversation_id not in found:
            snippet, marks = excerpt(body, "", pattern=pattern, before=_BEFORE)
            if marks:
                found[conversation_id] = Shown(snippet, marks)
    return found


_BODIES = text(
    """
    SELECT m.conversation_id, substr(coalesce(b.visible_text, b.text), 1, :length)
    FROM message m JOIN message_body b ON b.message_id = m.id
    WHERE m.conversation_id IN (SELECT value FROM json_each(:ids)) AND m.deleted_at IS NULL
    ORDER BY m.id DESC LIMIT :most
    """
)


# What may have been meant


def meant(conn: Connection, typed: str) -> str:
    """Return what may have been meant by a search that found nothing, '' for no idea.

    Words that nothing has are replaced by the likeliest that is one slip away; fields, values and
    names of tags by the nearest.
    """
    query = parse_query(typed, typing=False)
    understood = parse_query(_mended(typed, query.problems), typing=False)
    if understood.root is None:
        return ""
    corrected = _corrected(understood.root, _Corrector(conn))
    return format_query(Query(root=corrected)) if corrected != query.root else ""


def _mended(typed: str, problems: Iterable[Problem]) -> str:
    """Return what was typed with the fields and values that were nearly right put right."""
    for problem in sorted(problems, key=lambda one: -one.start):
        nearest_one = problem.values.get("nearest")
        if nearest_one:
            told = typed[problem.start : problem.end]
            wrong = problem.values["value" if problem.code == "bad-value" else "name"]
            at = told.lower().find(wrong.lower())
            put_right = told[:at] + nearest_one + told[at + len(wrong) :]
            typed = typed[: problem.start] + put_right + typed[problem.end :]
    return typed


class _Corrector:
    """Corrects a few words of one search."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._left = _CORRECTED

    def word(self, word: str) -> str:
        if len(word) not in _LENGTHS or not word.isalpha() or not self._left:
            return word
        if self._count(word):
            return word
        self._left -= 1
        counted = [(self._count(one), one) for one in slips(word)]
        best = max(counted, default=(0, word), key=lambda pair: pair[0])
        return best[1] if best[0] else word

    def tag(self, name: str) -> str:
        known = {plain(row.name) for row in tags.list_all(self._conn)}
        return name if name in known else nearest(name, sorted(known)) or name

    def _count(self, word: str) -> int:
        asked = {"match": match_words.phrase([word]), "most": _COUNTED}
        return self._conn.scalar(_FREQUENCY, asked) or 0


_FREQUENCY = text(
    """
    SELECT (SELECT count(*) FROM (
        SELECT rowid FROM message_fts WHERE message_fts MATCH :match LIMIT :most
    )) + (SELECT count(*) FROM (
        SELECT rowid FROM customer_fts WHERE customer_fts MATCH :match LIMIT :most
    )) + (SELECT count(*) FROM (
        SELECT rowid FROM file_fts WHERE file_fts MATCH :match LIMIT :most
    ))
    """
)


def _corrected(node: Node, corrector: _Corrector) -> Node:
    match node:
        case Words():
            return replace(node, words=tuple(map(corrector.word, node.words)))
        case Has(property=Property.TAG):
            return replace(node, value=corrector.tag(node.value))
        case Not(inner):
            return Not(_corrected(inner, corrector))
        case Both(nodes):
            return Both(tuple(_corrected(one, corrector) for one in nodes))
        case Either(nodes):
            return Either(tuple(_corrected(one, corrector) for one in nodes))
    return node
