"""The condition of a saved view as one on the tables, saying exactly what `domain.conditions` says.

SQL has the same three values: what is unset is NULL, and so is every comparison with it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, exists, func, not_, select, true

from desktop_inbox.domain.conditions import (
    FLAGS,
    ME,
    TIMED,
    Condition,
    Field,
    Group,
    Mode,
    Operator,
    Test,
    Viewer,
    day_start,
    left_out,
    length,
    rank,
)
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.folding import words
from desktop_inbox.store import facts, match_words
from desktop_inbox.store.asked import Asked, Ids, Stretch, every, some
from desktop_inbox.store.questions import FromNow, from_now
from desktop_inbox.store.schema import account, agent, conversation, conversation_tag, tag

Clause = ColumnElement[bool]


def shown_by(condition: Group, viewer: Viewer) -> tuple[frozenset[Status], Asked]:
    """Return in which status a conversation is that a view shows, and what else it must meet."""
    statuses = frozenset(Status) - left_out(condition)
    rest: list[Condition] = []
    for member in condition.members if condition.mode is Mode.ALL else (condition,):
        if isinstance(member, Test) and member.field is Field.STATUS:
            named = frozenset({Status(member.value)})
            statuses = statuses & named if member.operator is Operator.IS else statuses - named
        else:
            rest.append(member)
    return statuses, compiled(Group(members=tuple(rest)), viewer)


def compiled(condition: Condition, viewer: Viewer) -> Asked:
    """Return what a condition asks, in an expression that is true, false or NULL."""
    if isinstance(condition, Test):
        return _test(condition, viewer)
    members = [compiled(member, viewer) for member in condition.members]
    if not members:
        return Asked(true())
    if condition.mode is Mode.ALL:
        return every(members)
    either = some(members)
    return either if condition.mode is Mode.ANY else Asked(not_(either.holds))


def _test(test: Test, viewer: Viewer) -> Asked:
    if test.operator is Operator.NOT_SET:
        return Asked(not_(_PRESENT[test.field]().holds))
    if test.operator is Operator.SET:
        return _PRESENT[test.field]()
    if test.field in TIMED:
        return _timed(test, viewer)
    found = _FLAGS[test.field]() if test.field in FLAGS else _VALUES[test.field](test, viewer)
    negated = test.operator in (Operator.IS_NOT, Operator.CONTAINS_NOT)
    return Asked(not_(found.holds)) if negated else found


def _timed(test: Test, viewer: Viewer) -> Asked:
    compare, border = _border(test, viewer)
    if test.field is Field.CREATED:
        before = compare is operator.lt
        return facts.created(Stretch(end=border) if before else Stretch(start=border))
    moment, found = _TIMED[test.field]
    return found(compare(moment, border))


def _border(test: Test, viewer: Viewer) -> tuple[Callable[[Any, Any], Clause], datetime | FromNow]:
    """Return how the moment is compared, and with what."""
    if test.operator is Operator.SINCE:
        return operator.ge, day_start(test.value, now=viewer.now)
    if test.operator is Operator.BEFORE:
        return operator.lt, day_start(test.value, now=viewer.now)
    # A due time lies ahead, everything else behind.
    ahead = test.field is Field.DUE
    away = length(test.value) if ahead else -length(test.value)
    border = from_now(away, now=viewer.now)
    if ahead is (test.operator is Operator.LESS_THAN):
        return (operator.le if ahead else operator.lt), border
    return (operator.gt if ahead else operator.ge), border


def _tagged(test: Test, _viewer: Viewer) -> Asked:
    known = select(tag.c.id).where(tag.c.uid == test.value, tag.c.deleted.is_(False))
    return facts.tagged(conversation_tag.c.tag_id == known.scalar_subquery())


def _has_tag() -> Asked:
    bearing = (
        exists()
        .select_from(conversation_tag.join(tag, tag.c.id == conversation_tag.c.tag_id))
        .where(conversation_tag.c.conversation_id == conversation.c.id, tag.c.deleted.is_(False))
    )
    tagged: Ids = select(conversation_tag.c.conversation_id)
    return Asked(bearing, (tagged,))


def _key_of(table_uid: Column[str], key: Column[int], uid: str) -> ColumnElement[int]:
    """The key of a row with this uid, one that nobody has where there is none."""
    return func.ifnull(select(key).where(table_uid == uid).scalar_subquery(), -1)


def _assigned(test: Test, viewer: Viewer) -> Asked:
    uid = viewer.agent if test.value == ME else test.value
    return facts.assigned(_key_of(agent.c.uid, agent.c.id, uid))


def _through(test: Test, _viewer: Viewer) -> Asked:
    return facts.through(_key_of(account.c.uid, account.c.id, test.value))


def _at_priority(test: Test, _viewer: Viewer) -> Asked:
    if test.operator is Operator.AT_LEAST:
        return facts.has_priority_from(rank(test.value))
    return facts.has_priority(test.value)


def _says(test: Test, _viewer: Viewer) -> Asked:
    phrase = match_words.phrase(words(test.value))
    return facts.has_words(f"subject : {phrase}" if test.field is Field.SUBJECT else phrase)


_TIMED: Mapping[Field, tuple[Column[object], Callable[[Clause], Asked]]] = {
    Field.WAITING: (conversation.c.waiting_since, facts.waiting),
    Field.DUE: (conversation.c.next_due_at, facts.due),
    Field.ACTIVITY: (conversation.c.last_at, facts.active),
}
_FLAGS: Mapping[Field, Callable[[], Asked]] = {
    Field.VIP: facts.vip,
    Field.UNREAD: facts.unread,
    Field.ATTACHMENT: facts.FLAGS["attachment"],
    Field.FAILED: facts.FLAGS["failed"],
    Field.STARRED: facts.FLAGS["starred"],
}
_VALUES: Mapping[Field, Callable[[Test, Viewer], Asked]] = {
    Field.STATUS: lambda test, _: facts.has_status(test.value),
    Field.PRIORITY: _at_priority,
    Field.ASSIGNEE: _assigned,
    Field.TAG: _tagged,
    Field.CHANNEL: lambda test, _: Asked(func.nullif(conversation.c.channel, "") == test.value),
    Field.ACCOUNT: _through,
    Field.LANGUAGE: lambda test, _: facts.speaks(test.value),
    Field.SUBJECT: _says,
    Field.WORDS: _says,
}
_PRESENT: Mapping[Field, Callable[[], Asked]] = {
    Field.ASSIGNEE: facts.assigned_to_somebody,
    Field.TAG: _has_tag,
    Field.LANGUAGE: facts.language_is_known,
    Field.WAITING: lambda: facts.waiting(conversation.c.waiting_since.is_not(None)),
    Field.DUE: lambda: facts.due(conversation.c.next_due_at.is_not(None)),
}
