"""What a search asks of a conversation besides words (rule K)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
)

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.query import Has, Property, values
from desktop_inbox.store import facts, match_words
from desktop_inbox.store.asked import Asked, Condition, Stretch
from desktop_inbox.store.lists import OWNER_ID
from desktop_inbox.store.match_words import customer_fts
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.questions import FromNow, from_now
from desktop_inbox.store.schema import (
    AUTOMATED,
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

NOTHING = Asked(false())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, when and where: what "me", "7d" and "today" mean."""

    now: datetime = field(default_factory=utc_now)
    zone: tzinfo | None = None  # None: this computer's own
    agent_id: int = OWNER_ID

    def at(self, after: timedelta = timedelta()) -> FromNow:
        """Return the moment that long after now."""
        return from_now(after, now=self.now)

    def days(self, value: str) -> values.Days | None:
        """Return the stretch of time that a value names."""
        return values.days(value, now=self.now, zone=self.own_zone())

    def own_zone(self) -> tzinfo:
        """Return by which clock days begin."""
        return self.zone or ZoneInfo(own_zone())


def asked_of(has: Has, asking: Asking) -> Asked:
    """Return what a property asks of a conversation; what is unknown holds for none.

    The condition may be NULL, which one around it has to take for false.
    """
    if not values.is_held(has.property, has.value):
        return NOTHING
    return _ASKED[has.property](has.value, asking)


# Customers


def _customer_in(expression: str) -> Asked:
    found = _found(expression)
    theirs = found.with_only_columns(conversation.c.id).where(
        conversation.c.customer_id == customer_fts.c.rowid
    )
    return Asked(conversation.c.customer_id.in_(found), (theirs,), of_customers=found)


def _theirs(customers: Select[tuple[int]]) -> Asked:
    """The customer is one of these; where they are few, so may be their conversations."""
    known = conversation.c.customer_id.in_(customers)
    return Asked(known, (facts.ids(known),), of_customers=customers)


def _has_contact(value: str, _asking: Asking) -> Asked:
    return _customer_in(match_words.customer_name(value))


def _has_email(value: str, _asking: Asking) -> Asked:
    wanted = value.removesuffix("*")
    holders = select(identity.c.customer_id).where(
        identity.c.kind == "email",
        func.instr(func.plain(identity.c.address), wanted) > 0,
        identity.c.customer_id.in_(_found(match_words.customer_name(value))),
    )
    return _theirs(holders)


def _works_at(value: str, _asking: Asking) -> Asked:
    wanted = value.removesuffix("*")
    holders = select(customer.c.id).where(
        func.instr(func.plain(customer.c.company), wanted) > 0,
        customer.c.id.in_(_found(match_words.customer_name(value))),
    )
    return _theirs(holders)


def _found(expression: str) -> Select[tuple[int]]:
    return select(customer_fts.c.rowid).where(
        customer_fts.c.customer_fts.op("MATCH")(expression or _NOBODY)
    )


_NOBODY = '""'  # finds nothing


def has_phone(value: str, _asking: Asking) -> Asked:
    """Return what asks for a customer who has a telephone number that ends like this."""
    return _customer_in(match_words.customer_number(value))


# Where it came from, and who has it


def _through(value: str, _asking: Asking) -> Asked:
    called = or_(func.plain(account.c.title) == value, func.plain(account.c.address) == value)
    asked = conversation.c.account_id.in_(select(account.c.id).where(called))
    return Asked(asked, (facts.ids(asked),))


def _on_channel(value: str, asking: Asking) -> Asked:
    return Asked(or_(conversation.c.channel == value, _through(value, asking).holds))


def _assigned_to(value: str, asking: Asking) -> Asked:
    if value == "me":
        return facts.assigned(asking.agent_id)
    if value == "none":
        return Asked(conversation.c.assignee_id.is_(None))
    begins = func.instr(func.plain(agent.c.name), value) == 1
    asked = conversation.c.assignee_id.in_(select(agent.c.id).where(begins))
    return Asked(asked, (facts.ids(asked),))


def _tagged(value: str, _asking: Asking) -> Asked:
    called = select(tag.c.id).where(func.plain(tag.c.name) == value, tag.c.deleted.is_(False))
    return facts.tagged(conversation_tag.c.tag_id.in_(called))


# How it stands


def _has_status(value: str, _asking: Asking) -> Asked:
    return facts.has_status(value) if value in set(Status) else NOTHING


def _has_priority(value: str, _asking: Asking) -> Asked:
    return facts.has_priority(value) if value in set(Priority) else NOTHING


def _is(value: str, asking: Asking) -> Asked:
    known = _STATES.get(value)
    return known() if known else _has_status(value, asking)


def _has(value: str, _asking: Asking) -> Asked:
    known = _CONTENTS.get(value)
    return known() if known else NOTHING


def _is_number(value: str, _asking: Asking) -> Asked:
    """The number of a conversation also finds the one that it was merged into (P2)."""
    if not values.is_understood(Property.ID, value):
        return NOTHING
    merged = select(conversation.c.merged_into_id).where(conversation.c.id == int(value))
    asked = conversation.c.id.in_(union(select(literal(int(value))), merged))
    return Asked(asked, (facts.ids(asked),))


def _some_message(*conditions: Condition, listed: bool = False) -> Asked:
    """One of its messages meets conditions; they may be `listed` by an index."""
    here = message.c.conversation_id == conversation.c.id
    asked = exists().where(here, message.c.deleted_at.is_(None), *conditions)
    return Asked(asked, (select(message.c.conversation_id).where(*conditions),) if listed else ())


def _has_draft() -> Asked:
    begun = select(draft.c.conversation_id).where(draft.c.conversation_id.is_not(None))
    return Asked(exists().where(draft.c.conversation_id == conversation.c.id), (begun,))


def _has_image() -> Asked:
    pictured = select(attachment.c.message_id).where(attachment.c.media_type.startswith("image/"))
    return _some_message(message.c.id.in_(pictured.where(attachment.c.message_id == message.c.id)))


def _has_file(value: str, _asking: Asking) -> Asked:
    """A name with * or ? in it is a pattern; else any part of a name will do."""
    wanted = value if any(char in value for char in "*?") else f"*{value}*"
    named = _plain(attachment.c.name).op("GLOB")(wanted.replace("[", "[[]"))
    # Asked of what has such a file alone: most have none, and their messages are not looked at.
    there: Condition = case((attachment.c.id.is_not(None), message.c.deleted_at.is_(None)))
    having = (
        select(message.c.conversation_id)
        .join(attachment, attachment.c.message_id == message.c.id)
        .where(named, there)
    )
    here = having.where(message.c.conversation_id == conversation.c.id)
    return Asked(here.correlate(conversation).exists(), slowly=having)


def _plain(name: Column[str]) -> ColumnElement[str]:
    """A name as `plain` has it, which is called only for those that SQLite cannot fold itself."""
    foreign = name.op("GLOB")("*[^!-~ ]*")
    spaced = or_(func.instr(name, "  ") > 0, func.trim(name) != name)
    return case((or_(foreign, spaced), func.plain(name)), else_=func.lower(name))


# Times


def _is_waiting(value: str, asking: Asking) -> Asked:
    wanted = values.compared(value)
    if wanted is None:
        return NOTHING
    # Whoever waits longer began to wait earlier.
    sign = wanted.sign.translate(str.maketrans("<>", "><"))
    return facts.waiting(_compare(conversation.c.waiting_since, sign, asking.at(-wanted.length)))


def _clock(value: str, asking: Asking) -> Asked:
    due, state = conversation.c.next_due_at, conversation.c.due_state
    match value:
        case "breached":
            return _running(due <= asking.at())
        case "running":
            return _running(due > asking.at())
        case "paused":
            return Asked(state == "paused")
        case "none":
            return Asked(state.is_(None))
    wanted = values.due_within(value)
    if wanted is None:
        return NOTHING
    return _running(_compare(due, wanted.sign, asking.at(wanted.length)))


def _running(when: Condition) -> Asked:
    due, state = conversation.c.next_due_at, conversation.c.due_state
    return facts.due(and_(due.is_not(None), state == "running", when))


def _compare(column: ColumnElement[datetime], sign: str, moment: FromNow) -> Condition:
    match sign:
        case "<":
            return column < moment
        case "<=":
            return column <= moment
        case ">":
            return column > moment
    return column >= moment


def _created(value: str, asking: Asking) -> Asked:
    span = asking.days(value)
    return NOTHING if span is None else facts.created(Stretch(start=span.start, end=span.end))


def _before(value: str, asking: Asking) -> Asked:
    """Begun before the first moment of a day."""
    start = _start(value, asking)
    return NOTHING if start is None else facts.created(Stretch(end=start))


def _after(value: str, asking: Asking) -> Asked:
    """Something was said on that day or later."""
    start = _start(value, asking)
    return NOTHING if start is None else facts.active(conversation.c.last_at >= start)


def _start(value: str, asking: Asking) -> datetime | None:
    span = asking.days(value)
    return span.start if span else None


def _lately(value: str, asking: Asking) -> Asked:
    length: timedelta | None = values.length(value)
    if length is None:
        return NOTHING
    return facts.active(conversation.c.last_at >= asking.at(-length))


def _never(_value: str, _asking: Asking) -> Asked:
    return NOTHING


_STATES: dict[str, Callable[[], Asked]] = {
    "unread": facts.unread,
    "read": lambda: Asked(conversation.c.unread == 0),
    "assigned": facts.assigned_to_somebody,
    "unassigned": lambda: Asked(conversation.c.assignee_id.is_(None)),
    "waiting": lambda: facts.waiting(conversation.c.waiting_since.is_not(None)),
    "failed": facts.FLAGS["failed"],
    "starred": facts.FLAGS["starred"],
    "vip": facts.vip,
    "blocked": facts.blocked,
    "automated": lambda: _some_message(literal_column(f"message.{AUTOMATED}"), listed=True),
    "scheduled": lambda: _some_message(
        message.c.delivery == Delivery.QUEUED,
        message.c.id.in_(select(outbox.c.message_id)),
        listed=True,
    ),
}
_CONTENTS: dict[str, Callable[[], Asked]] = {
    "attachment": facts.FLAGS["attachment"],
    "image": _has_image,
    "note": lambda: _some_message(literal_column("message.direction = 'note'"), listed=True),
    "draft": _has_draft,
}
_ASKED: dict[Property, Callable[[str, Asking], Asked]] = {
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
    Property.LANG: lambda value, _: facts.speaks(value),
    Property.IS: _is,
}
