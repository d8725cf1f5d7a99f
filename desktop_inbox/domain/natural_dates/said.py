"""The pieces that a written time is made of. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Part(StrEnum):
    """A part of a day that has a usual time."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


class End(StrEnum):
    """The end of something, which the business calendar knows."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Rolls(StrEnum):
    """What follows a day that is over: said without a year, 12 December is next year's."""

    NOT = ""
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was named. A loose one ("tomorrow") is the next on which business is open."""

    date: date
    rolls: Rolls = Rolls.NOT
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, in minutes. A vague one ("3") may be in either half of the day."""

    minutes: int
    vague: bool = False


@dataclass(slots=True)
class Said:
    """Everything a text has said."""

    today: date
    day: Day | None = None
    weekday: int | None = None  # Monday is 0
    next_week: bool = False
    days: int | None = None  # from today
    months: int | None = None
    minutes: int | None = None  # from now
    clock: Clock | None = None
    part: Part | None = None
    end: End | None = None
    pairs: tuple[tuple[int, int], ...] = ()  # "14.30" or "24.12": which, the rest decides

    @property
    def names_a_day(self) -> bool:
        return self.day is not None or self.weekday is not None or self.next_week

    def shift(self, *, days: int = 0, months: int = 0, minutes: float = 0) -> None:
        """Move on from now."""
        if days:
            self.days = (self.days or 0) + days
        if months:
            self.months = (self.months or 0) + months
        if minutes:
            self.minutes = (self.minutes or 0) + round(minutes)
