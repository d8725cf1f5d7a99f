"""The condition of a saved view as one on the tables, saying exactly what `domain.conditions` says.

SQL has the same three values: what is unset is NULL, and so is every comparison with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Text,
    and_,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)

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
from desktop_inbox.domain.folding import words
from desktop_inbox.store.lists import SORT_KEYS
from desktop_inbox.store.match_words import is_hit, message_fts
from desktop_inbox.store.schema import (
    account,
    agent,
    conversation,
    conversation_tag,
    customer,
    message,
    tag,
)

Clause = ColumnElement[bool]


def shown_by(condition: Group, viewer: Viewer) -> tuple[Clause, ...]:
    """Return what must all be true of a conversation that a view shows."""
    found: list[Clause] = []
    unwanted = left_out(condition)
    if unwanted:
        found.append(conversation.c.status.not_in(sorted(unwanted)))
    if condition.mode is Mode.ALL:  # one by one, for the planner to choose an index by
        found.extend(compiled(member, viewer) for member in condition.members)
    else:
        found.append(compiled(condition, viewer))
    return tuple(found)


def compiled(condition: Condition, viewer: Viewer) -> Clause:
    """Return a condition as an expression that is true, false or NULL."""
    if isinstance(condition, Test):
        return _test(condition, viewer)
    members = [compiled(member, viewer) for member in condition.members]
    if not members:
        return true()
    if condition.mode is Mode.ALL:
        return and_(*members)
    return or_(*members) if condition.mode is Mode.ANY else not_(or_(*members))


def _test(test: Test, viewer: Viewer) -> Clause:
    if test.operator in (Operator.SET, Operator.NOT_SET):
        present = _PRESENT[test.field]()
        return present if test.operator is Operator.SET else not_(present)
    if test.field in TIMED:
        return _timed(test, _MOMENTS[test.field], viewer)
    found = _FLAGS[test.field]() if test.field in FLAGS else _VALUES[test.field](test, viewer)
    negated = test.operator in (Operator.IS_NOT, Operator.CONTAINS_NOT)
    return not_(found) if negated else found


def _timed(test: Test, moment: Column[object], viewer: Viewer) -> Clause:
    if test.operator is Operator.SINCE:
        return moment >= day_start(test.value, now=viewer.now)
    if test.operator is Operator.BEFORE:
        return moment < day_start(test.value, now=viewer.now)
    # A due time lies ahead, everything else behind.
    ahead = test.field is Field.DUE
    border = viewer.now + (length(test.value) if ahead else -length(test.value))
    if ahead is (test.operator is Operator.LESS_THAN):
        return moment <= border if ahead else moment < border
    return moment > border if ahead else moment >= border


def _of_customer(column: Column[object]) -> ColumnElement[object]:
    """A value of the customer; NULL where nobody is known."""
    found = select(column).where(customer.c.id == conversation.c.customer_id)
    return found.scalar_subquery()


def _language() -> ColumnElement[str]:
    return func.lower(func.nullif(_of_customer(customer.c.language), ""), type_=Text)


def _speaks(test: Test, _viewer: Viewer) -> Clause:
    spoken, wanted = _language(), test.value.lower()
    return or_(spoken == wanted, spoken.startswith(f"{wanted}-", autoescape=True))


def _tagged(test: Test, _viewer: Viewer) -> Clause:
    bearing = (
        select(conversation_tag.c.conversation_id)
        .join(tag, tag.c.id == conversation_tag.c.tag_id)
        .where(tag.c.uid == test.value, tag.c.deleted.is_(False))
    )
    return conversation.c.id.in_(bearing)


def _has_tag() -> Clause:
    return (
        exists()
        .select_from(conversation_tag.join(tag, tag.c.id == conversation_tag.c.tag_id))
        .where(conversation_tag.c.conversation_id == conversation.c.id, tag.c.deleted.is_(False))
    )


def _key_of(table_uid: Column[str], key: Column[int], uid: str) -> ColumnElement[int]:
    """The key of a row with this uid, one that nobody has where there is none."""
    return func.ifnull(select(key).where(table_uid == uid).scalar_subquery(), -1)


def _assigned(test: Test, viewer: Viewer) -> Clause:
    uid = viewer.agent if test.value == ME else test.value
    return conversation.c.assignee_id == _key_of(agent.c.uid, agent.c.id, uid)


def _at_priority(test: Test, _viewer: Viewer) -> Clause:
    if test.operator is Operator.AT_LEAST:
        return literal_column(SORT_KEYS["priority"], Integer) >= rank(test.value)
    return conversation.c.priority == test.value


def _says(test: Test, _viewer: Viewer) -> Clause:
    # Folded words hold nothing that means anything to FTS5.
    phrase = '"{}"'.format(" ".join(words(test.value)))
    asked = f"subject : {phrase}" if test.field is Field.SUBJECT else phrase
    hits = select(message_fts.c.rowid).where(is_hit(asked))
    return conversation.c.id.in_(select(message.c.conversation_id).where(message.c.id.in_(hits)))


_MOMENTS: Mapping[Field, Column[object]] = {
    Field.WAITING: conversation.c.waiting_since,
    Field.DUE: conversation.c.next_due_at,
    Field.CREATED: conversation.c.created_at,
    Field.ACTIVITY: conversation.c.last_at,
}
_FLAGS: Mapping[Field, Callable[[], Clause]] = {
    Field.VIP: lambda: _of_customer(customer.c.vip) == literal(True),
    Field.UNREAD: lambda: conversation.c.unread > 0,
    Field.ATTACHMENT: lambda: conversation.c.has_attachment == literal(True),
    Field.FAILED: lambda: conversation.c.failed == literal(True),
    Field.STARRED: lambda: conversation.c.starred == literal(True),
}
_VALUES: Mapping[Field, Callable[[Test, Viewer], Clause]] = {
    Field.STATUS: lambda test, _: conversation.c.status == test.value,
    Field.PRIORITY: _at_priority,
    Field.ASSIGNEE: _assigned,
    Field.TAG: _tagged,
    Field.CHANNEL: lambda test, _: func.nullif(conversation.c.channel, "") == test.value,
    Field.ACCOUNT: lambda test, _: (
        conversation.c.account_id == _key_of(account.c.uid, account.c.id, test.value)
    ),
    Field.LANGUAGE: _speaks,
    Field.SUBJECT: _says,
    Field.WORDS: _says,
}
_PRESENT: Mapping[Field, Callable[[], Clause]] = {
    Field.ASSIGNEE: lambda: conversation.c.assignee_id.is_not(None),
    Field.TAG: _has_tag,
    Field.LANGUAGE: lambda: _language().is_not(None),
    Field.WAITING: lambda: conversation.c.waiting_since.is_not(None),
    Field.DUE: lambda: conversation.c.next_due_at.is_not(None),
}
