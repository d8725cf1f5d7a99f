"""What might answer a customer: canned responses and own past answers, by the words they share.

Only reads, from the index on this device; costs the same however many messages there are, because
a word that many messages have is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.customers import first_name
from desktop_inbox.domain.folding import words
from desktop_inbox.domain.language import common_words
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import canned, conversations, messages
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import CannedRow, MessageRow

MOST = 3
_READ = 4000  # characters of the question
_TERMS = 40  # words of it that are looked at
_ASKED = 8  # of them, the rarest, that past questions are looked for by
_COMMON = 2000  # a word in so many messages tells nothing
_QUESTIONS = 30  # past questions that are looked at more closely
_ALIKE = 0.4  # of what the words weigh, so much is shared by a question that is alike
_STEM = 5  # letters by which inflected words are compared
_SHORTEST, _LONGEST = 15, 3000  # characters of an answer worth offering
_IN_TITLE, _IN_TEXT = 2, 1
_TELLING = 0.6  # of the weight of the rarest word
_LEAST = 2  # what a response scores at least: a telling word of its title, or two of its text


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Something to insert: a canned response, or the text of an answer given before."""

    text: str
    canned: CannedRow | None = None
    message_id: int | None = None  # of the answer


def suggest(conn: Connection, conversation_id: int) -> tuple[Suggestion, ...]:
    """Return up to three answers to the last customer message, the best first.

    Nothing for spam, for what was thrown away, and where nobody waits for an answer.
    """
    row = conversations.row(conn, conversation_id)
    if row is None or row.status in (Status.SPAM, Status.TRASH):
        return ()
    question = _question(conn, conversation_id)
    if question is None:
        return ()
    weights = _weights(conn, f"{question.subject} {question.visible_text[:_READ]}")
    if not weights:
        return ()
    found = [*_responses(conn, weights, row.channel)[:MOST]]
    if len(found) < MOST:
        found += _answers(conn, weights, row)
    return tuple(found[:MOST])


def _question(conn: Connection, conversation_id: int) -> MessageRow | None:
    """Return the last message where it is a person's and not ours."""
    spoken = [
        one
        for one in messages.of_conversation(conn, conversation_id)
        if one.direction in (Direction.IN, Direction.OUT)
    ]
    if not spoken or spoken[-1].direction is Direction.OUT:
        return None
    return spoken[-1] if spoken[-1].kind is MessageClass.HUMAN else None


def _weights(conn: Connection, question: str) -> dict[str, float]:
    """Return what the words of a question tell: the rarer a word, the more."""
    terms = dict.fromkeys(
        word
        for word in words(question)
        if len(word) > 2 and not word.isdigit() and word not in common_words()
    )
    weights = {}
    for term in list(terms)[:_TERMS]:
        count = conn.scalar(_FREQUENCY, {"match": _phrase(term), "most": _COMMON}) or 0
        if count < _COMMON:
            weights[term] = math.log(_COMMON / (1 + count))
    return weights


_FREQUENCY = text(
    """
    SELECT count(*) FROM (
        SELECT rowid FROM message_fts WHERE message_fts MATCH :match LIMIT :most
    )
    """
)


def _phrase(term: str) -> str:
    return f'{{subject body}} : "{term}"'  # folded letters only, so nothing in it means anything


# Canned responses


def _responses(conn: Connection, weights: Mapping[str, float], channel: str) -> list[Suggestion]:
    stems = {term[:_STEM]: weight for term, weight in sorted(weights.items())}
    heaviest = max(stems.values())
    scored = []
    for row in canned.list_all(conn):
        if row.channels and channel not in row.channels:
            continue
        score = _score(row, stems)
        if score >= _LEAST * heaviest * _TELLING:
            scored.append((score, row))
    scored.sort(key=lambda one: (-one[0], -one[1].uses, one[1].title))
    return [Suggestion(text=row.body, canned=row) for _score, row in scored]


def _score(row: CannedRow, stems: Mapping[str, float]) -> float:
    title = _stems(f"{row.title} {row.shortcut} {row.folder}")
    body = _stems(" ".join((row.body, *(body for _language, body in row.bodies)))) - title
    return _IN_TITLE * _sum(stems, title) + _IN_TEXT * _sum(stems, body)


def _stems(written: str) -> set[str]:
    return {word[:_STEM] for word in words(written)}


def _sum(weights: Mapping[str, float], present: Iterable[str]) -> float:
    return sum(weights.get(one, 0.0) for one in present)


# Past answers


def _answers(
    conn: Connection, weights: Mapping[str, float], row: ConversationRow
) -> list[Suggestion]:
    rarest = sorted(weights, key=lambda term: (-weights[term], term))[:_ASKED]
    expression = " OR ".join(_phrase(term) for term in rarest)
    asked = {"match": expression, "here": row.id, "most": _QUESTIONS}
    questions = conn.execute(_SIMILAR, asked).all()
    ranked = sorted(
        ((_alike(weights, question.words), question) for question in questions),
        key=lambda one: -one[0],
    )
    found: dict[str, Suggestion] = {}
    for alike, question in ranked:
        if alike < _ALIKE or len(found) >= MOST:
            break
        answer = conn.execute(
            _ANSWER, {"conversation": question.conversation_id, "at": question.at}
        ).first()
        if answer is None:
            continue
        said = _addressed(answer.words.strip(), question.customer or "", row.customer_name)
        if _SHORTEST <= len(said) <= _LONGEST:
            found.setdefault(said, Suggestion(text=said, message_id=answer.id))
    return list(found.values())


def _alike(weights: Mapping[str, float], question: str) -> float:
    present = set(words(question[:_READ]))
    return _sum(weights, present) / (sum(weights.values()) or 1)


def _addressed(said: str, before: str, now: str) -> str:
    """Return an answer with the first name of the one who asks now in place of the other's."""
    old, new = first_name(before), first_name(now)
    if len(old) < 2 or not new or "@" in old + new:
        return said
    return " ".join(_renamed(word, old, new) for word in said.split(" "))


def _renamed(word: str, old: str, new: str) -> str:
    bare = word.strip(",.!:;\n\r")
    return word.replace(old, new) if bare == old else word


_SIMILAR = text(
    f"""
    SELECT m.id, m.conversation_id, m.at, p.name AS customer,
        coalesce(m.subject, '') || ' ' || coalesce(b.visible_text, b.text, '') AS words
    FROM (
        SELECT rowid AS id FROM message_fts WHERE message_fts MATCH :match
        ORDER BY rank LIMIT :most * 4
    ) hit
    JOIN message m ON m.id = hit.id
    JOIN conversation c ON c.id = m.conversation_id
    LEFT JOIN customer p ON p.id = c.customer_id
    LEFT JOIN message_body b ON b.message_id = m.id
    WHERE m.direction = '{Direction.IN.value}' AND m.kind = '{MessageClass.HUMAN.value}'
        AND m.conversation_id <> :here AND m.deleted_at IS NULL
        AND c.status NOT IN ('{Status.SPAM.value}', '{Status.TRASH.value}')
    LIMIT :most
    """  # noqa: S608 - only constants of ours
)
_ANSWER = text(
    f"""
    SELECT m.id, coalesce(b.visible_text, b.text, '') AS words
    FROM message m JOIN message_body b ON b.message_id = m.id
    WHERE m.conversation_id = :conversation AND m.at > :at
        AND m.direction = '{Direction.OUT.value}' AND m.kind = '{MessageClass.HUMAN.value}'
        AND m.deleted_at IS NULL
    ORDER BY m.at LIMIT 1
    """  # noqa: S608 - only constants of ours
)
