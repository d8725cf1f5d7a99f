"""What a saved view asks of a conversation: a tree of tests, and what it says of one (rule K).

Pure. Logic has three values (rule G2): a test on what is unset says neither yes nor no, and so does
its negation; only "is set" and "is not set" always know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.folding import words
from desktop_inbox.domain.states import Priority, Status

DEEPEST = 6  # groups in groups
MOST_TESTS = 60
ME = "me"  # as an assignee: whoever looks


class Field(StrEnum):
    STATUS = "status"
    PRIORITY = "priority"
    ASSIGNEE = "assignee"  # an agent's uid, or ME
    TAG = "tag"  # its uid
    CHANNEL = "channel"  # a kind of account
    ACCOUNT = "account"  # its uid
    VIP = "vip"
    LANGUAGE = "language"  # of the customer; "en" stands for "en-GB" too
    WAITING = "waiting"
    DUE = "due"
    CREATED = "created"
    ACTIVITY = "activity"
    UNREAD = "unread"
    STARRED = "starred"
    ATTACHMENT = "attachment"
    FAILED = "failed"
    SUBJECT = "subject"
    WORDS = "words"


class Operator(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    AT_LEAST = "at_least"
    LESS_THAN = "less_than"  # a length of time; of a date: that long ago at the most
    MORE_THAN = "more_than"
    SINCE = "since"  # a day
    BEFORE = "before"
    CONTAINS = "contains"
    CONTAINS_NOT = "contains_not"
    SET = "set"
    NOT_SET = "not_set"


class Mode(StrEnum):
    """How many of a group's members must hold."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


_EITHER = (Operator.IS, Operator.IS_NOT)
_PRESENT = (Operator.SET, Operator.NOT_SET)
_LENGTHS = (Operator.LESS_THAN, Operator.MORE_THAN)
_DAYS = (Operator.SINCE, Operator.BEFORE)
_TEXTS = (Operator.CONTAINS, Operator.CONTAINS_NOT)
OPERATORS: Mapping[Field, tuple[Operator, ...]] = {
    Field.STATUS: _EITHER,
    Field.PRIORITY: (*_EITHER, Operator.AT_LEAST),
    Field.ASSIGNEE: (*_EITHER, *_PRESENT),
    Field.TAG: (*_EITHER, *_PRESENT),
    Field.CHANNEL: _EITHER,
    Field.ACCOUNT: _EITHER,
    Field.VIP: _EITHER,
    Field.LANGUAGE: (*_EITHER, *_PRESENT),
    Field.WAITING: (Operator.MORE_THAN, Operator.LESS_THAN, *_PRESENT),
    Field.DUE: (*_LENGTHS, *_PRESENT),
    Field.CREATED: (*_LENGTHS, *_DAYS),
    Field.ACTIVITY: (*_LENGTHS, *_DAYS),
    Field.UNREAD: _EITHER,
    Field.STARRED: _EITHER,
    Field.ATTACHMENT: _EITHER,
    Field.FAILED: _EITHER,
    Field.SUBJECT: _TEXTS,
    Field.WORDS: _TEXTS,
}
# Fields that are so or not: they need no value.
FLAGS = frozenset({Field.VIP, Field.UNREAD, Field.STARRED, Field.ATTACHMENT, Field.FAILED})
TIMED = frozenset({Field.WAITING, Field.DUE, Field.CREATED, Field.ACTIVITY})
_CHOICES: Mapping[Field, type[StrEnum]] = {Field.STATUS: Status, Field.PRIORITY: Priority}
_LENGTH = re.compile(r"([1-9]\d{0,4})([mhdw])\Z")
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
# How finely a view with such a length in it follows the clock.
_TURNS = {
    "m": timedelta(minutes=1),
    "h": timedelta(minutes=5),
    "d": timedelta(hours=1),
    "w": timedelta(hours=1),
}
_RANKS = {level: rank for rank, level in enumerate(Priority)}  # from low to urgent


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One question about one field. Flags, SET and NOT_SET have no value."""

    __test__ = False  # no test of pytest's

    field: Field
    operator: Operator
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Several conditions, and how many of them must hold; an empty one asks for nothing."""

    mode: Mode = Mode.ALL
    members: tuple[Condition, ...] = ()


Condition = Test | Group


# From and to JSON


def to_json(condition: Condition) -> object:
    """Return a condition in JSON values: ["status", "is", "open"] or {"all": [...]}."""
    if isinstance(condition, Test):
        return [condition.field.value, condition.operator.value, condition.value]
    return {condition.mode.value: [to_json(member) for member in condition.members]}


def from_json(value: object) -> Group:
    """Return the condition of a view.

    Raises:
        UserError: "view-unreadable": it was made by a newer version, or damaged; otherwise as
            `checked`.
    """
    try:
        condition = _read(value, DEEPEST)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError("view-unreadable", detail=str(error)) from error
    return checked(condition if isinstance(condition, Group) else Group(members=(condition,)))


def _read(value: object, depth: int) -> Condition:
    if isinstance(value, list):
        field, operator, wanted = value
        return Test(field=Field(field), operator=Operator(operator), value=str(wanted))
    if not isinstance(value, dict) or len(value) != 1 or depth == 0:
        raise ValueError("no condition")
    ((mode, members),) = value.items()
    return Group(mode=Mode(mode), members=tuple(_read(one, depth - 1) for one in members))


def checked(condition: Group) -> Group:
    """Return `condition` if every test in it can be asked.

    Raises:
        UserError: "view-too-large"; "view-value" names the field and the value.
    """
    if _depth(condition) > DEEPEST or sum(1 for _ in tests(condition)) > MOST_TESTS:
        raise UserError("view-too-large", most=MOST_TESTS)
    for test in tests(condition):
        if test.operator not in OPERATORS[test.field] or not _has_value(test):
            raise UserError("view-value", field=test.field.value, value=test.value)
    return condition


def tests(condition: Condition) -> Iterator[Test]:
    """Yield every test of a condition."""
    if isinstance(condition, Test):
        yield condition
    else:
        for member in condition.members:
            yield from tests(member)


def _depth(condition: Condition) -> int:
    if isinstance(condition, Test):
        return 0
    return 1 + max((_depth(member) for member in condition.members), default=0)


def _has_value(test: Test) -> bool:
    """Tell whether a test has the value it needs, and none where it needs none."""
    if test.field in FLAGS or test.operator in _PRESENT:
        return not test.value
    if test.operator in _LENGTHS:
        return _LENGTH.match(test.value) is not None
    if test.operator in _DAYS:
        return _day(test.value) is not None
    if test.operator in _TEXTS:
        return bool(words(test.value))
    known = _CHOICES.get(test.field)
    return test.value in set(known) if known is not None else bool(test.value)


def length(value: str) -> timedelta:
    """Return a length of time such as "30m", "4h", "7d" or "2w". Raises ValueError."""
    found = _LENGTH.match(value)
    if found is None:
        raise ValueError(f"no length of time: {value}")
    return int(found[1]) * _UNITS[found[2]]


def next_turn(condition: Condition, *, now: datetime) -> datetime | None:
    """Return when a view is to be looked at again although nothing changes, None for never.

    What happened "in the last 7 days" turns with the hour, "in the last 30 minutes" every minute.
    """
    lengths = [test.value for test in tests(condition) if test.operator in _LENGTHS]
    steps = [_TURNS[found[2]] for value in lengths if (found := _LENGTH.match(value))]
    if not steps:
        return None
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    passed = (now - midnight) // min(steps)
    return midnight + (passed + 1) * min(steps)


def day_start(value: str, *, now: datetime) -> datetime:
    """Return when a day such as "2026-11-30" begins where `now` is told. Raises ValueError."""
    return datetime.combine(date.fromisoformat(value), time(), now.tzinfo)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def rank(priority: str) -> int:
    """Return how urgent a priority is, 0 for the least."""
    return _RANKS[Priority(priority)]


def left_out(condition: Condition) -> frozenset[Status]:
    """Return the statuses a view leaves out unless one of its tests names them."""
    named = {test.value for test in tests(condition) if test.field is Field.STATUS}
    return frozenset({Status.SPAM, Status.TRASH} - named)


def fit(value: str, spoken: str | None) -> bool:
    """Tell whether a language asked for is the one somebody speaks: "en" fits "en-GB"."""
    wanted, known = value.lower(), (spoken or "").lower()
    return known == wanted or known.startswith(f"{wanted}-")


# What it says of a conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks, and when; days begin where `now` is told."""

    now: datetime
    agent: str  # uid


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one conversation; None for what is unset."""

    status: Status
    priority: Priority
    created: datetime
    activity: datetime
    assignee: str | None = None
    channel: str | None = None
    account: str | None = None
    vip: bool | None = None
    language: str | None = None
    waiting_since: datetime | None = None
    due_at: datetime | None = None
    unread: bool = False
    starred: bool = False
    attachment: bool = False
    failed: bool = False
    tags: frozenset[str] = frozenset()
    texts: tuple[tuple[str, str], ...] = ()  # (subject, everything) of each message


def matches(condition: Condition, facts: Facts, viewer: Viewer) -> bool:
    """Tell whether a view shows a conversation."""
    return facts.status not in left_out(condition) and bool(holds(condition, facts, viewer))


def holds(condition: Condition, facts: Facts, viewer: Viewer) -> bool | None:
    """Tell whether a condition holds; None where what it asks for is unset."""
    if isinstance(condition, Test):
        return _test(condition, facts, viewer)
    if not condition.members:
        return True
    found = [holds(member, facts, viewer) for member in condition.members]
    if condition.mode is Mode.ALL:
        return _not(_any([_not(one) for one in found]))
    return _any(found) if condition.mode is Mode.ANY else _not(_any(found))


def _any(found: Sequence[bool | None]) -> bool | None:
    if True in found:
        return True
    return None if None in found else False


def _not(found: bool | None) -> bool | None:
    return None if found is None else not found


def _test(test: Test, facts: Facts, viewer: Viewer) -> bool | None:
    if test.operator in _PRESENT:
        return (test.operator is Operator.SET) is _is_set(test.field, facts)
    if test.field in TIMED:
        return _timed(test, _MOMENTS[test.field](facts), viewer)
    found = _plain(test, facts, viewer)
    return _not(found) if test.operator in (Operator.IS_NOT, Operator.CONTAINS_NOT) else found


def _is_set(field: Field, facts: Facts) -> bool:
    if field is Field.TAG:
        return bool(facts.tags)
    if field in TIMED:
        return _MOMENTS[field](facts) is not None
    return getattr(facts, field.value) is not None


def _plain(test: Test, facts: Facts, viewer: Viewer) -> bool | None:
    if test.field is Field.TAG:
        return test.value in facts.tags
    if test.field in (Field.SUBJECT, Field.WORDS):
        place = 0 if test.field is Field.SUBJECT else 1
        return any(_says(text[place], test.value) for text in facts.texts)
    known = getattr(facts, test.field.value)
    if known is None or test.field in FLAGS:
        return known  # type: ignore[no-any-return]
    if test.field is Field.LANGUAGE:
        return fit(test.value, known)
    if test.operator is Operator.AT_LEAST:
        return rank(known) >= rank(test.value)
    wanted = viewer.agent if test.field is Field.ASSIGNEE and test.value == ME else test.value
    return bool(known == wanted)


def _timed(test: Test, moment: datetime | None, viewer: Viewer) -> bool | None:
    if moment is None:
        return None
    if test.operator in _DAYS:
        begins = day_start(test.value, now=viewer.now)
        return (moment >= begins) is (test.operator is Operator.SINCE)
    ahead = moment - viewer.now
    lasts = ahead if test.field is Field.DUE else -ahead
    return (lasts <= length(test.value)) is (test.operator is Operator.LESS_THAN)


def _says(text: str, wanted: str) -> bool:
    """Tell whether the words stand next to each other in a text, however they are written."""
    said, asked = words(text), words(wanted)
    return any(said[at : at + len(asked)] == asked for at in range(len(said) - len(asked) + 1))


_MOMENTS: Mapping[Field, Callable[[Facts], datetime | None]] = {
    Field.WAITING: lambda facts: facts.waiting_since,
    Field.DUE: lambda facts: facts.due_at,
    Field.CREATED: lambda facts: facts.created,
    Field.ACTIVITY: lambda facts: facts.activity,
}
