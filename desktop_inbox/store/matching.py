"""A search query as conditions on the tables: the full-text part, and properties."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    column,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    table,
    true,
)

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.messages import Delivery, Direction, MessageClass
from desktop_inbox.domain.query import Has, Property, Query, TextField, Words
from desktop_inbox.store.schema import (
    account,
    conversation,
    conversation_tag,
    draft,
    message,
    outbox,
    tag,
)

message_fts = table("message_fts", column("message_fts", String), column("rowid"))

_LONGEST_NUMBER = 18  # digits that surely fit an id
NEWEST_HITS = 20_000  # how many messages a search inside a list looks at, newest first


def match_expression(query: Query) -> str:
    """Return the FTS5 expression for the words of `query`, '' where none is asked for.

    Words come folded from `domain.query`, so nothing in them means anything to FTS5.
    """
    wanted = [_phrase(words) for words in query.words if not words.negated]
    unwanted = [_phrase(words) for words in query.words if words.negated]
    if not wanted:
        return ""
    return " NOT ".join([f"({' AND '.join(wanted)})", *unwanted])


def _phrase(words: Words, *, field: bool = True) -> str:
    phrase = '"{}"'.format(" ".join(words.words)) + (" *" if words.prefix else "")
    if words.where is TextField.ANY or not field:
        return phrase
    return f"{_COLUMNS[words.where]} : {phrase}"


_COLUMNS = {
    TextField.SUBJECT: "subject",
    TextField.PEOPLE: "{sender recipients copied}",
    TextField.BODY: "{body note}",
}


def is_hit(expression: str) -> ColumnElement[bool]:
    """Return the condition that a row of the index matches an FTS5 expression."""
    return message_fts.c.message_fts.op("MATCH")(expression)


def customer_expression(query: Query) -> str:
    """Return the FTS5 expression that looks for customers, '' where words do not ask for any."""
    if query.properties or any(words.negated for words in query.words):
        return ""
    return " AND ".join(
        _phrase(words, field=False)
        for words in query.words
        if words.where in (TextField.ANY, TextField.PEOPLE)
    )


def conversation_matches(query: Query) -> ColumnElement[bool]:
    """Return the condition that a conversation meets the whole of `query`."""
    conditions = [properties_hold(query)]
    expression = match_expression(query)
    if expression:
        conditions.append(_has_message(expression))
    else:
        conditions.extend(not_(_has_message(_phrase(words))) for words in query.words)
    return and_(*conditions)


def _has_message(expression: str) -> ColumnElement[bool]:
    found = select(message_fts.c.rowid).where(is_hit(expression))
    newest = found.order_by(message_fts.c.rowid.desc()).limit(NEWEST_HITS)
    return conversation.c.id.in_(select(message.c.conversation_id).where(message.c.id.in_(newest)))


def properties_hold(query: Query) -> ColumnElement[bool]:
    """Return the condition that a conversation has all properties `query` asks for."""
    return and_(true(), *(_property(has) for has in query.properties))


def _property(has: Has) -> ColumnElement[bool]:
    condition = _PROPERTIES[has.property](has.value)
    return not_(condition) if has.negated else condition


def _tagged(name: str) -> ColumnElement[bool]:
    return conversation.c.id.in_(
        select(conversation_tag.c.conversation_id)
        .join(tag, tag.c.id == conversation_tag.c.tag_id)
        .where(func.lower(tag.c.name) == name, tag.c.deleted.is_(False))
    )


def _has_status(name: str) -> ColumnElement[bool]:
    return conversation.c.status == name if name in set(Status) else false()


def _is(name: str) -> ColumnElement[bool]:
    known = _STATES.get(name)
    return known() if known else _has_status(name)


def _has(name: str) -> ColumnElement[bool]:
    known = _CONTENTS.get(name)
    return known() if known else false()


def _on_channel(name: str) -> ColumnElement[bool]:
    return or_(
        conversation.c.channel == name,
        conversation.c.account_id.in_(
            select(account.c.id).where(
                or_(func.lower(account.c.title) == name, func.lower(account.c.address) == name)
            )
        ),
    )


def _is_number(value: str) -> ColumnElement[bool]:
    """The number of a conversation also finds the one that it was merged into (P2)."""
    if not value.isascii() or not value.isdigit() or len(value) > _LONGEST_NUMBER:
        return false()
    merged = select(conversation.c.merged_into_id).where(conversation.c.id == int(value))
    return or_(conversation.c.id == int(value), conversation.c.id.in_(merged))


def _some_message(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(message.c.conversation_id == conversation.c.id, *conditions)


def _has_draft() -> ColumnElement[bool]:
    return exists().where(draft.c.conversation_id == conversation.c.id)


_STATES: dict[str, Callable[[], ColumnElement[bool]]] = {
    "unread": lambda: conversation.c.unread > 0,
    "read": lambda: conversation.c.unread == 0,
    "assigned": lambda: conversation.c.assignee_id.is_not(None),
    "unassigned": lambda: conversation.c.assignee_id.is_(None),
    "waiting": lambda: conversation.c.waiting_since.is_not(None),
    "failed": lambda: conversation.c.failed.is_(True),
    "automated": lambda: _some_message(
        message.c.direction == Direction.IN, message.c.kind != MessageClass.HUMAN
    ),
    "scheduled": lambda: _some_message(
        message.c.delivery == Delivery.QUEUED, message.c.id.in_(select(outbox.c.message_id))
    ),
}
_CONTENTS: dict[str, Callable[[], ColumnElement[bool]]] = {
    "attachment": lambda: conversation.c.has_attachment.is_(True),
    "note": lambda: _some_message(message.c.direction == Direction.NOTE),
    "draft": _has_draft,
}
_PROPERTIES: dict[Property, Callable[[str], ColumnElement[bool]]] = {
    Property.TAG: _tagged,
    Property.IS: _is,
    Property.HAS: _has,
    Property.STATUS: _has_status,
    Property.CHANNEL: _on_channel,
    Property.ID: _is_number,
}
