"""Opening hours as a person writes them, and the calendar that is counted with (rule B9). Pure.

A day is written like "09:00–12:00, 13:30–18:00"; nothing is closed, and an end before its start
is on the next day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from desktop_inbox.domain.business_hours import (
    DAY_MINUTES,
    Calendar,
    Shift,
    calendar,
    clock,
)
from desktop_inbox.domain.errors import UserError

MOST_SPECIAL_DAYS = 1000  # what one event may hold
LONGEST_NAME = 100
_LONGEST_DAY = 200  # characters
_PART = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|—|to)\s*(\d{1,2})(?:[:.](\d{2}))?")
_SEPARATOR = re.compile(r"[,;+]")

Day = tuple[Shift, ...]


class SpecialDay(NamedTuple):
    """A day that is not as usual; without hours it is closed."""

    day: date
    hours: Day = ()
    name: str = ""  # such as "Christmas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What a person says of when a business is open. Not checked: see `checked`."""

    name: str
    zone: str  # IANA
    week: tuple[Day, ...]  # Monday first
    special: tuple[SpecialDay, ...] = ()  # by day

    def calendar(self) -> Calendar:
        """Return what is counted with.

        Raises:
            UserError: a code of `domain.business_hours.calendar`.
        """
        exceptions = {one.day: one.hours for one in self.special}
        return calendar(self.zone, self.week, exceptions=exceptions)


def checked(hours: Hours) -> Hours:
    """Return hours as they are kept: every day in order, every special day once.

    Raises:
        UserError: "calendar-unnamed", "calendar-too-many", or a code of
            `domain.business_hours.calendar`.
    """
    name = " ".join(hours.name.split())
    if len(name) > LONGEST_NAME:
        raise UserError("calendar-unnamed", most=LONGEST_NAME)
    special = {one.day: one for one in hours.special}
    if len(special) > MOST_SPECIAL_DAYS:
        raise UserError("calendar-too-many", most=MOST_SPECIAL_DAYS)
    hours.calendar()
    return replace(
        hours,
        name=name,
        week=tuple(tuple(sorted(day)) for day in hours.week),
        special=tuple(special[day] for day in sorted(special)),
    )


def read_day(written: str) -> Day:
    """Return the hours of one day as they were written; nothing or a dash is closed.

    Raises:
        UserError: "calendar-hours" (hours).
    """
    plain = written.strip()
    if plain.strip("-–—") == "":
        return ()
    if len(plain) > _LONGEST_DAY:
        raise UserError("calendar-hours", hours=f"{plain[:_LONGEST_DAY]}…")
    return tuple(sorted(_shift(part.strip()) for part in _SEPARATOR.split(plain)))


def _shift(part: str) -> Shift:
    found = _PART.fullmatch(part)
    if found is None:
        raise UserError("calendar-hours", hours=part)
    start, start_minutes, end, end_minutes = (int(number or 0) for number in found.groups())
    shift = Shift(start * 60 + start_minutes, end * 60 + end_minutes)
    in_a_day = shift.start < DAY_MINUTES and shift.end <= DAY_MINUTES
    if not in_a_day or start_minutes > 59 or end_minutes > 59:
        raise UserError("calendar-hours", hours=part)
    return shift


def day_words(day: Iterable[Shift]) -> str:
    """Return hours as `read_day` reads them, such as "09:00–12:00, 13:30–18:00"; '' is closed."""
    return ", ".join(f"{clock(shift.start)}–{clock(shift.end)}" for shift in day)


def until(day: Iterable[Shift], close: int) -> Day:
    """Return the hours of a day that ends early, `close` minutes after midnight."""
    ends = ((shift.start, min(shift.until, close)) for shift in day)
    return tuple(Shift(start, _on_the_clock(end)) for start, end in ends if start < end)


def _on_the_clock(minutes: int) -> int:
    return minutes if minutes <= DAY_MINUTES else minutes - DAY_MINUTES
