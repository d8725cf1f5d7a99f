"""What a search asks of a conversation besides words, as conditions on its columns (rule K)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.messages import Delivery, MessageClass
from desktop_inbox.domain.query import Has, Property, values
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import match_words
from desktop_inbox.store.lists import OWNER_ID
from desktop_inbox.store.match_words import customer_fts
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.schema import (
    account,
    agent,
    attachment,
    conversation,
    conversation_tag,
    customer,
    draft,
    identity,
    message,
    outbox,
    tag,
)
from desktop_inbox.store.zone import own_zone

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, when and where: what "me", "7d" and "today" mean."""

    now: datetime = field(default_factory=utc_now)
    zone: tzinfo | None = None  # None: this computer's own
    agent_id: int = OWNER_ID

    def days(self, value: str) -> values.Days | None:
        """Return the stretch of time that a value names."""
        return values.days(value, now=self.now, zone=self.zone or ZoneInfo(own_zone()))


def holds(has: Has, asking: Asking) -> Condition:
    """Return the condition that a conversation has a property; what is unknown holds for none.

    It may be NULL, which a condition around it has to take for false.
    """
    if not values.is_held(has.property, has.value):
        return false()
    return _CONDITIONS[has.property](has.value, asking)


# Customers


def _customer_in(expression: str) -> Condition:
    found = select(customer_fts.c.rowid).where(
        customer_fts.c.customer_fts.op("MATCH")(expression or _NOBODY)
    )
    return conversation.c.customer_id.in_(found)


def _has_contact(value: str, _asking: Asking) -> Condition:
    return _customer_in(match_words.customer_name(value))


def _has_email(value: str, _asking: Asking) -> Condition:
    wanted = value.removesuffix("*")
    holders = select(identity.c.customer_id).where(
        identity.c.kind == "email",
        func.instr(func.plain(identity.c.address), wanted) > 0,
        identity.c.customer_id.in_(_found(value)),
    )
    return conversation.c.customer_id.in_(holders)


def _works_at(value: str, _asking: Asking) -> Condition:
    wanted = value.removesuffix("*")
    holders = select(customer.c.id).where(
        func.instr(func.plain(customer.c.company), wanted) > 0, customer.c.id.in_(_found(value))
    )
    return conversation.c.customer_id.in_(holders)


def _found(value: str) -> Select[tuple[int]]:
    expression = match_words.customer_name(value) or _NOBODY
    return select(customer_fts.c.rowid).where(customer_fts.c.customer_fts.op("MATCH")(expression))


_NOBODY = '""'  # finds nothing


def has_phone(value: str, _asking: Asking) -> Condition:
    """Return the condition that the customer has a telephone number that ends like this."""
    return _customer_in(match_words.customer_number(value))


def _speaks(value: str, _asking: Asking) -> Condition:
    language = func.lower(customer.c.language)
    return conversation.c.customer_id.in_(
        select(customer.c.id).where(or_(language == value, language.startswith(f"{value}-")))
    )


def _customer_is(column: ColumnElement[bool]) -> Condition:
    return conversation.c.customer_id.in_(select(customer.c.id).where(column))


# Where it came from, and who has it


def _account_called(value: str) -> Condition:
    called = or_(func.plain(account.c.title) == value, func.plain(account.c.address) == value)
    return conversation.c.account_id.in_(select(account.c.id).where(called))


def _on_channel(value: str, _asking: Asking) -> Condition:
    return or_(conversation.c.channel == value, _account_called(value))


def _through(value: str, _asking: Asking) -> Condition:
    return _account_called(value)


def _assigned_to(value: str, asking: Asking) -> Condition:
    if value == "me":
        return conversation.c.assignee_id == asking.agent_id
    if value == "none":
        return conversation.c.assignee_id.is_(None)
    begins = func.instr(func.plain(agent.c.name), value) == 1
    return conversation.c.assignee_id.in_(select(agent.c.id).where(begins))


def _tagged(value: str, _asking: Asking) -> Condition:
    return conversation.c.id.in_(
        select(conversation_tag.c.conversation_id)
        .join(tag, tag.c.id == conversation_tag.c.tag_id)
        .where(func.plain(tag.c.name) == value, tag.c.deleted.is_(False))
    )


# How it stands


def _has_status(value: str, _asking: Asking) -> Condition:
    return conversation.c.status == value if value in set(Status) else false()


def _has_priority(value: str, _asking: Asking) -> Condition:
    return conversation.c.priority == value


def _is(value: str, asking: Asking) -> Condition:
    known = _STATES.get(value)
    return known() if known else _has_status(value, asking)


def _has(value: str, _asking: Asking) -> Condition:
    known = _CONTENTS.get(value)
    return known() if known else false()


def _is_number(value: str, _asking: Asking) -> Condition:
    """The number of a conversation also finds the one that it was merged into (P2)."""
    if not values.is_understood(Property.ID, value):
        return false()
    merged = select(conversation.c.merged_into_id).where(conversation.c.id == int(value))
    return or_(conversation.c.id == int(value), conversation.c.id.in_(merged))


def _some_message(*conditions: Condition) -> Condition:
    return exists().where(
        message.c.conversation_id == conversation.c.id, message.c.deleted_at.is_(None), *conditions
    )


def _has_draft() -> Condition:
    return exists().where(draft.c.conversation_id == conversation.c.id)


def _has_image() -> Condition:
    pictured = select(attachment.c.message_id).where(attachment.c.media_type.startswith("image/"))
    return _some_message(message.c.id.in_(pictured.where(attachment.c.message_id == message.c.id)))


def _has_file(value: str, _asking: Asking) -> Condition:
    """A name with * or ? in it is a pattern; else any part of a name will do."""
    wanted = value if any(char in value for char in "*?") else f"*{value}*"
    named = func.plain(attachment.c.name).op("GLOB")(wanted.replace("[", "[[]"))
    return conversation.c.id.in_(
        select(message.c.conversation_id)
        .join(attachment, attachment.c.message_id == message.c.id)
        .where(message.c.deleted_at.is_(None), named)
    )


# Times


def _is_waiting(value: str, asking: Asking) -> Condition:
    wanted = values.compared(value)
    if wanted is None:
        return false()
    # Whoever waits longer began to wait earlier.
    sign = wanted.sign.translate(str.maketrans("<>", "><"))
    return _compare(conversation.c.waiting_since, sign, asking.now - wanted.length)


def _clock(value: str, asking: Asking) -> Condition:
    due, state = conversation.c.next_due_at, conversation.c.due_state
    running = and_(due.is_not(None), state == "running")
    match value:
        case "breached":
            return and_(running, due <= asking.now)
        case "running":
            return and_(running, due > asking.now)
        case "paused":
            return state == "paused"
        case "none":
            return state.is_(None)
    wanted = values.due_within(value)
    if wanted is None:
        return false()
    return and_(running, _compare(due, wanted.sign, asking.now + wanted.length))


def _compare(column: ColumnElement[datetime], sign: str, moment: datetime) -> Condition:
    match sign:
        case "<":
            return column < moment
        case "<=":
            return column <= moment
        case ">":
            return column > moment
    return column >= moment


def _created(value: str, asking: Asking) -> Condition:
    span = asking.days(value)
    if span is None:
        return false()
    conditions = []
    if span.start is not None:
        conditions.append(conversation.c.created_at >= span.start)
    if span.end is not None:
        conditions.append(conversation.c.created_at < span.end)
    return and_(*conditions)


def _before(value: str, asking: Asking) -> Condition:
    """Begun before the first moment of a day."""
    start = _start(value, asking)
    return false() if start is None else conversation.c.created_at < start


def _after(value: str, asking: Asking) -> Condition:
    """Something was said on that day or later."""
    start = _start(value, asking)
    return false() if start is None else conversation.c.last_at >= start


def _start(value: str, asking: Asking) -> datetime | None:
    span = asking.days(value)
    return span.start if span else None


def _lately(value: str, asking: Asking) -> Condition:
    length: timedelta | None = values.length(value)
    return false() if length is None else conversation.c.last_at >= asking.now - length


def _never(_value: str, _asking: Asking) -> Condition:
    return false()


_STATES: dict[str, Callable[[], Condition]] = {
    "unread": lambda: conversation.c.unread > 0,
    "read": lambda: conversation.c.unread == 0,
    "assigned": lambda: conversation.c.assignee_id.is_not(None),
    "unassigned": lambda: conversation.c.assignee_id.is_(None),
    "waiting": lambda: conversation.c.waiting_since.is_not(None),
    "failed": lambda: conversation.c.failed.is_(True),
    "starred": lambda: conversation.c.starred.is_(True),
    "vip": lambda: _customer_is(customer.c.vip.is_(True)),
    "blocked": lambda: _customer_is(customer.c.blocked.is_(True)),
    "automated": lambda: _some_message(
        message.c.direction == Direction.IN, message.c.kind != MessageClass.HUMAN
    ),
    "scheduled": lambda: _some_message(
        message.c.delivery == Delivery.QUEUED, message.c.id.in_(select(outbox.c.message_id))
    ),
}
_CONTENTS: dict[str, Callable[[], Condition]] = {
    "attachment": lambda: conversation.c.has_attachment.is_(True),
    "image": _has_image,
    "note": lambda: _some_message(message.c.direction == Direction.NOTE),
    "draft": _has_draft,
}
_CONDITIONS: dict[Property, Callable[[str, Asking], Condition]] = {
    Property.CONTACT: _has_contact,
    Property.EMAIL: _has_email,
    Property.PHONE: has_phone,
    Property.COMPANY: _works_at,
    Property.CHANNEL: _on_channel,
    Property.ACCOUNT: _through,
    Property.TAG: _tagged,
    Property.STATUS: _has_status,
    Property.PRIORITY: _has_priority,
    Property.ASSIGNEE: _assigned_to,
    Property.HAS: _has,
    Property.FILE: _has_file,
    Property.ID: _is_number,
    Property.ORDER: _never,
    Property.SLA: _clock,
    Property.WAITING: _is_waiting,
    Property.CSAT: _never,
    Property.CREATED: _created,
    Property.BEFORE: _before,
    Property.AFTER: _after,
    Property.LAST: _lately,
    Property.LANG: _speaks,
    Property.IS: _is,
}
