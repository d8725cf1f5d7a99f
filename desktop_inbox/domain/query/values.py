"""What the values of a search mean: choices, lengths of time, comparisons, days. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from desktop_inbox.domain.query.tree import Property
from desktop_inbox.domain.states import Priority, Status

STATES = (
    "unread", "read", "open", "snoozed", "closed", "spam", "trash", "assigned", "unassigned",
    "waiting", "failed", "scheduled", "automated", "vip", "blocked", "starred",
)  # fmt: skip
CONTENTS = ("attachment", "image", "note", "draft", "order")
CLOCKS = ("breached", "running", "paused", "none", "due<2h")
CHOICES: dict[Property, tuple[str, ...]] = {
    Property.IS: STATES,
    Property.HAS: CONTENTS,
    Property.STATUS: tuple(Status),
    Property.PRIORITY: tuple(Priority),
}
# What rule K names and no table holds yet.
NOT_HELD = frozenset({(Property.ORDER, ""), (Property.CSAT, ""), (Property.HAS, "order")})

_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "mo": timedelta(days=30),
    "y": timedelta(days=365),
}
_LENGTH = re.compile(r"(\d{1,4})(mo|min|[mhdwy])\Z")
_COMPARED = re.compile(r"(<=|>=|<|>|)(.+)\Z", re.DOTALL)
_DAY = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?\Z")
_RANGE = ".."
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_LONGEST_ID = 18  # digits that surely fit one


@dataclass(frozen=True, slots=True)
class Compared:
    """A length of time with the sign before it: "<", "<=", ">" or ">="."""

    sign: str
    length: timedelta


@dataclass(frozen=True, slots=True)
class Days:
    """A half-open stretch of time in UTC; None where it has no end."""

    start: datetime | None
    end: datetime | None


def is_held(asked: Property, value: str) -> bool:
    """Tell whether the tables hold what is asked for."""
    return (asked, "") not in NOT_HELD and (asked, value) not in NOT_HELD


def is_understood(asked: Property, value: str) -> bool:
    """Tell whether a value means something to its property."""
    if asked in CHOICES:
        return value in CHOICES[asked]
    match asked:
        case Property.ID:
            return value.isascii() and value.isdigit() and len(value) <= _LONGEST_ID
        case Property.WAITING:
            return compared(value) is not None
        case Property.SLA:
            return value in CLOCKS or due_within(value) is not None
        case Property.LAST:
            return length(value) is not None
        case Property.BEFORE | Property.AFTER:
            return _known_day(value)
        case Property.CREATED:
            first, dots, last = value.partition(_RANGE)
            return all(_known_day(one) for one in (first, last) if one) and bool(
                first or (dots and last)
            )
        case Property.LANG:
            return bool(_LANGUAGE.match(value))
        case Property.PHONE:
            return any(char.isdigit() for char in value)
    return bool(value)


def length(value: str) -> timedelta | None:
    """Return a length of time such as "4h", "30m", "7d", "2w", "3mo" or "1y"; None for no such."""
    found = _LENGTH.match(value)
    if found is None:
        return None
    unit = "m" if found[2] == "min" else found[2]
    return int(found[1]) * _UNITS[unit]


def compared(value: str) -> Compared | None:
    """Return "<2h" or ">=4h" taken apart; a bare length means that or more."""
    found = _COMPARED.match(value)
    wanted = length(found[2]) if found else None
    return Compared(found[1] or ">=", wanted) if found and wanted is not None else None


def due_within(value: str) -> Compared | None:
    """Return what "due<2h" asks of a clock."""
    rest = value.removeprefix("due")
    return compared(rest) if rest != value and rest[:1] in ("<", ">") else None


def days(value: str, *, now: datetime, zone: tzinfo) -> Days | None:
    """Return the stretch that "2026-01", "2026-01..2026-03", "today" or "7d" names.

    "7d" is all since seven days ago. Each side of a range may be left out.
    """
    first, dots, last = value.partition(_RANGE)
    start = _day(first, now=now, zone=zone) if first else Days(None, None)
    end = _day(last, now=now, zone=zone) if last else Days(None, None)
    if start is None or end is None or not (first or last):
        return None
    return Days(start.start, end.end) if dots else start


def _known_day(value: str) -> bool:
    if value in ("today", "yesterday") or length(value) is not None:
        return True
    found = _DAY.match(value)
    return found is not None and _calendar(found) is not None


def _day(value: str, *, now: datetime, zone: tzinfo) -> Days | None:
    today = now.astimezone(zone).date()
    if value == "today":
        return _local(today, today + timedelta(days=1), zone)
    if value == "yesterday":
        return _local(today - timedelta(days=1), today, zone)
    ago = length(value)
    if ago is not None:
        return Days(now - ago, None)
    found = _DAY.match(value)
    span = _calendar(found) if found else None
    return _local(*span, zone) if span else None


def _calendar(found: re.Match[str]) -> tuple[date, date] | None:
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        first = date(year, month or 1, day or 1)
        if day:
            return first, first + timedelta(days=1)
        if month:
            return first, date(year + month // 12, month % 12 + 1, 1)
        return first, date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        return None


def _local(first: date, last: date, zone: tzinfo) -> Days:
    return Days(
        datetime.combine(first, time(), tzinfo=zone), datetime.combine(last, time(), tzinfo=zone)
    )
