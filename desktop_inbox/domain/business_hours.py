"""When a business is open, and how open time is counted (rules B9, B10). Pure, on any thread.

Every day's hours become instants by themselves and what is counted is the time that really passes,
so that a night in which clocks are changed is as long as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from desktop_inbox.domain.errors import UserError

DAY_MINUTES = 24 * 60
HORIZON = timedelta(days=50 * 366)  # nothing is counted over more than this, whatever is asked
_ONE_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class Shift(NamedTuple):
    """Open from `start` until just before `end`, in minutes after midnight by the local clock.

    24:00 is 1440. An `end` that is not after `start` is on the next day; such a shift belongs to
    the day it starts on.
    """

    start: int
    end: int

    @property
    def until(self) -> int:
        """Where it ends, counted from midnight of its own day."""
        return self.end if self.end > self.start else self.end + DAY_MINUTES


class Span(NamedTuple):
    """A piece of real time, from `start` until just before `end`, both in UTC."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A business's opening hours; `calendar` builds one that can be counted with."""

    zone: ZoneInfo
    week: tuple[tuple[Shift, ...], ...]  # Monday first; each day in order
    # Days that are not as usual: () is closed all day.
    exceptions: Mapping[date, tuple[Shift, ...]] = field(default_factory=dict)

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """Return the shifts that start on a day."""
        special = self.exceptions.get(day)
        return self.week[day.weekday()] if special is None else special


def calendar(
    zone: str,
    week: Sequence[Iterable[tuple[int, int]]],
    *,
    exceptions: Mapping[date, Iterable[tuple[int, int]]] | None = None,
) -> Calendar:
    """Return a calendar of these hours, in minutes after midnight, Monday first (rule B9).

    Raises:
        UserError: "calendar-zone", "calendar-hours", "calendar-overlap" or "calendar-closed",
            which is never open.
    """
    if len(week) != 7:
        raise UserError("calendar-hours", hours=f"{len(week)} days")
    made = Calendar(
        zone=_zone(zone),
        week=tuple(_shifts(day) for day in week),
        exceptions={day: _shifts(hours) for day, hours in (exceptions or {}).items()},
    )
    # A week repeats itself, so hours on one day of it are hours within 14 days of any usual one.
    if not any(made.week):
        raise UserError("calendar-closed")
    _check_overlaps(made)
    return made


def always_open(zone: str = "UTC") -> Calendar:
    """Return the calendar of calendar time: open around the clock.

    Raises:
        UserError: "calendar-zone".
    """
    return calendar(zone, [[(0, DAY_MINUTES)]] * 7)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        # Unknown, or a name that leads out of the folder of zones.
        raise UserError("calendar-zone", zone=name) from error


def _shifts(hours: Iterable[tuple[int, int]]) -> tuple[Shift, ...]:
    shifts = tuple(sorted(Shift(*pair) for pair in hours))
    for shift in shifts:
        if not (0 <= shift.start < DAY_MINUTES and 0 <= shift.end <= DAY_MINUTES):
            raise UserError("calendar-hours", hours=f"{clock(shift.start)}-{clock(shift.end)}")
    return shifts


def clock(minutes: int) -> str:
    """Return minutes after midnight as people read them: 09:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _check_overlaps(made: Calendar) -> None:
    usual = [*made.week, made.week[0]]
    for today, tomorrow in pairwise(usual):
        _check_days(today, tomorrow)
    for day in made.exceptions:
        for first in (day - _ONE_DAY, day):
            _check_days(made.shifts(first), made.shifts(first + _ONE_DAY))


def _check_days(today: Iterable[Shift], tomorrow: Iterable[Shift]) -> None:
    ends = [(shift.start, shift.until) for shift in today]
    ends += [(shift.start + DAY_MINUTES, shift.until + DAY_MINUTES) for shift in tomorrow]
    for (_, until), (start, _) in pairwise(sorted(ends)):
        if start < until:
            raise UserError("calendar-overlap", time=clock(start % DAY_MINUTES))


# Counting


def add(hours: Calendar, start: datetime, length: timedelta) -> datetime:
    """Return the earliest moment at which `length` of open time has passed since `start`.

    No time at all has passed at `start` itself; a deadline may fall exactly on closing time.

    Raises:
        UserError: "calendar-beyond": that is more than `HORIZON` away.
    """
    left = length
    if left <= timedelta():
        return start
    for span in open_spans(hours, start):
        if span.start - start > HORIZON:
            break
        if left <= span.length:
            return span.start + left
        left -= span.length
    raise UserError("calendar-beyond")


def elapsed(hours: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return how much open time lies between two moments; none where `end` is not later.

    Raises:
        UserError: "calendar-beyond": they are more than `HORIZON` apart.
    """
    return sum((span.length for span in counted(hours, start, end)), timedelta())


def counted(hours: Calendar, start: datetime, end: datetime) -> list[Span]:
    """Return the open spans between two moments, in order.

    Raises:
        UserError: "calendar-beyond": they are more than `HORIZON` apart.
    """
    if end - start > HORIZON:
        raise UserError("calendar-beyond")
    spans = []
    for span in open_spans(hours, start):
        if span.start >= end:
            break
        spans.append(Span(span.start, min(span.end, end)))
    return spans


def open_spans(hours: Calendar, start: datetime) -> Iterator[Span]:
    """Yield the spans in which it is open from `start` on, in order, to the end of the calendar.

    A span that closes just at `start` is over (rule B10).
    """
    start = start.astimezone(UTC)
    for day in _days_from(start):
        for shift in hours.shifts(day):
            opens = instant(hours.zone, day, shift.start)
            closes = instant(hours.zone, day, shift.until)
            if closes > start and closes > opens:
                yield Span(max(opens, start), closes)


def _days_from(start: datetime) -> Iterator[date]:
    """Yield days from before `start`, when a shift began that may still be on."""
    # Local and UTC dates differ by one, a night shift by another, and a zone may have skipped a
    # whole day, as Apia did at the end of 2011. Both ends of the calendar are kept clear of.
    first = max(start.date().toordinal() - 3, date.min.toordinal() + 3)
    yield from map(date.fromordinal, range(first, date.max.toordinal() - 3))


@lru_cache(maxsize=4096)  # many conversations wait on the same few days
def instant(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """Return when the local clock shows a time: the earlier of two, the first after a gap."""
    days, minute = divmod(minutes, DAY_MINUTES)
    local = datetime.combine(day + days * _ONE_DAY, time(*divmod(minute, 60)), zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    return _after_gap(zone, local)


def _after_gap(zone: ZoneInfo, local: datetime) -> datetime:
    """Return the moment at which clocks jump over the local time `local`, to the second."""
    wanted = local.replace(tzinfo=None)
    before, after = local.replace(fold=1).astimezone(UTC), local.astimezone(UTC)
    while after - before > _SECOND:
        middle = before + (after - before) // 2 // _SECOND * _SECOND
        if middle.astimezone(zone).replace(tzinfo=None) < wanted:
            before = middle
        else:
            after = middle
    return after
