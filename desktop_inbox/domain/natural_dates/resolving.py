"""Which moment is meant by what was said: clocks, calendars, and never the past by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from desktop_inbox.domain.business_hours import Calendar, instant
from desktop_inbox.domain.natural_dates.answers import NotUnderstood, Understood, Why
from desktop_inbox.domain.natural_dates.said import Clock, Day, End, Part, Rolls, Said

AFTERNOON, EVENING, NIGHT, NOON = 14 * 60, 18 * 60, 20 * 60, 12 * 60
_MORNING, _CLOSING = 9 * 60, 17 * 60  # where the calendar does not say
_PARTS = {Part.AFTERNOON: AFTERNOON, Part.EVENING: EVENING, Part.NIGHT: NIGHT}
_FARTHEST = timedelta(days=3660)
_FARTHEST_DAYS = _FARTHEST.days
_LOOKED_AT = 400  # days in which it must be open once
_TRIES = 9  # 29 February comes back within eight years
_MINUTE = timedelta(minutes=1)


def moment_of(
    said: Said, *, now: datetime, zone: ZoneInfo, hours: Calendar, past: bool
) -> Understood | NotUnderstood:
    """Return the moment, the first ahead where several are meant."""
    now = now.astimezone(UTC)  # lengths of time are counted there, where no clock jumps
    if abs(said.days or 0) > _FARTHEST_DAYS or abs(said.months or 0) > _FARTHEST_DAYS // 30:
        return NotUnderstood(why=Why.TOO_FAR)
    if said.minutes is not None:
        return _from_now(said, now=now, past=past)
    place = _Place(now=now, zone=zone, hours=hours)
    day = _day(said)
    if day is None:
        return NotUnderstood(why=Why.TWICE)
    candidates = place.ends(said) if said.end in (End.WEEK, End.MONTH) else place.on(said, day)
    latest = None
    for at in candidates:
        if at > now or (past and day.rolls is Rolls.NOT):
            return _near(at, now=now)
        latest = at
    return NotUnderstood(why=Why.PAST if latest is not None else Why.NO_SUCH)


def _near(at: datetime, *, now: datetime) -> Understood | NotUnderstood:
    if abs(at - now) > _FARTHEST:
        return NotUnderstood(why=Why.TOO_FAR)
    return Understood(at=at)


def _from_now(said: Said, *, now: datetime, past: bool) -> Understood | NotUnderstood:
    if said.names_a_day or said.clock or said.part or said.end:
        return NotUnderstood(why=Why.TWICE)
    days = (said.days or 0) + 30 * (said.months or 0)
    length = timedelta(minutes=said.minutes or 0, days=days)
    if abs(length) > _FARTHEST:
        return NotUnderstood(why=Why.TOO_FAR)
    at = _whole_minute(now + length)
    if at <= now and not past:
        return NotUnderstood(why=Why.PAST)
    return Understood(at=at)


def _whole_minute(at: datetime) -> datetime:
    """Return the first whole minute that is not before a moment, in UTC."""
    floor = at.astimezone(UTC).replace(second=0, microsecond=0)
    return floor if floor == at else floor + _MINUTE


# Days


def _day(said: Said) -> Day | None:
    """Return the day that is meant; None where two are named."""
    moved = said.days is not None or said.months is not None
    if said.weekday is not None and _whole_weeks(said):
        return _day_of_week(said, weeks=(said.days or 0) // 7)
    if said.names_a_day + moved + (said.end in (End.WEEK, End.MONTH)) > 1:
        return None
    if said.day is not None:
        return said.day
    if said.weekday is not None or said.next_week:
        return _day_of_week(said)
    if moved:
        first = _months_on(said.today, said.months or 0)
        return Day(first + timedelta(days=said.days or 0), loose=(said.days or 0) >= 0)
    return Day(said.today, Rolls.DAY)


def _whole_weeks(said: Said) -> bool:
    """Tell whether nothing but some weeks stands beside a weekday: "salı, 2 hafta sonra"."""
    alone = said.day is None and said.months is None and not said.next_week
    return alone and bool(said.days) and said.days is not None and said.days % 7 == 0


def _day_of_week(said: Said, *, weeks: int = 1) -> Day:
    monday = said.today - timedelta(days=said.today.weekday())
    if said.next_week or said.days is not None:
        day = monday + timedelta(days=7 * weeks + (said.weekday or 0))
        return Day(day, loose=said.weekday is None)
    ahead = ((said.weekday or 0) - said.today.weekday()) % 7
    return Day(said.today + timedelta(days=ahead), Rolls.WEEK)


def _months_on(day: date, count: int) -> date:
    """Return the same day some months on, the last of a month that is shorter."""
    whole = day.year * 12 + day.month - 1 + count
    first = date(whole // 12, whole % 12 + 1, 1)
    return first + timedelta(days=min(day.day, _length(first)) - 1)


def _length(first: date) -> int:
    following = (first + timedelta(days=32)).replace(day=1)
    return (following - first).days


def _rolled(day: Day) -> Iterator[date]:
    """Yield a day and, where it may be another one, those that follow."""
    yield day.date
    for count in range(1, _TRIES):
        match day.rolls:
            case Rolls.NOT:
                return
            case Rolls.DAY:
                yield day.date + timedelta(days=count)
            case Rolls.WEEK:
                yield day.date + timedelta(days=7 * count)
            case Rolls.MONTH | Rolls.YEAR:
                months = count * (12 if day.rolls is Rolls.YEAR else 1)
                found = _months_on(day.date, months)
                if found.day == day.date.day:
                    yield found


# Times


class _Place:
    """Where and when somebody writes: their clock, and the hours of the business."""

    def __init__(self, *, now: datetime, zone: ZoneInfo, hours: Calendar) -> None:
        self._now, self._zone, self._hours = now, zone, hours

    def on(self, said: Said, day: Day) -> Iterator[datetime]:
        """Yield what may be meant by a day, in order."""
        plain = said.clock is None and said.end is None and said.part in (None, Part.MORNING)
        for date_ in _rolled(day):
            if said.end is End.DAY:
                if self._hours.shifts(date_) or day.rolls is not Rolls.DAY:
                    yield self._closing(date_)
            elif not plain:
                yield self._at(date_, self._minutes(said, date_))
            else:
                yield self._opening(self._open_from(date_) if day.loose else date_)
                if said.part is None and date_ == said.today and day.rolls is Rolls.NOT:
                    yield self._closing(date_)

    def ends(self, said: Said) -> Iterator[datetime]:
        """Yield the ends of this week or month, and of the next: the last day it is open on."""
        first = said.today.replace(day=1)
        if said.end is End.WEEK:
            first = said.today - timedelta(days=said.today.weekday())
        for _ in range(2):
            length = 7 if said.end is End.WEEK else _length(first)
            last = self._last_open(first, length)
            if said.clock is not None or said.part not in (None, Part.MORNING):
                yield self._at(last, self._minutes(said, last))
            else:
                yield self._opening(last)
                yield self._closing(last)
            first += timedelta(days=length)

    def _minutes(self, said: Said, day: date) -> int:
        clock = said.clock
        if clock is None:
            return _PARTS[said.part or Part.AFTERNOON]
        if said.part is not None:
            return _in_part(clock, said.part)
        if clock.vague and self._in_the_afternoon(clock, day):
            return clock.minutes + NOON
        return clock.minutes

    def _in_the_afternoon(self, clock: Clock, day: date) -> bool:
        """Tell whether a bare "3" is 15:00: the hour business is open at."""
        shifts = self._hours.shifts(day)
        if any(shift.start <= clock.minutes < shift.until for shift in shifts):
            return False
        later = clock.minutes + NOON
        if any(shift.start <= later < shift.until for shift in shifts):
            return True
        return not shifts and clock.minutes < 7 * 60

    def _at(self, day: date, minutes: int) -> datetime:
        return instant(self._zone, day, minutes)

    def _opening(self, day: date) -> datetime:
        shifts = self._hours.shifts(day)
        if shifts:
            return instant(self._hours.zone, day, shifts[0].start)
        usual = [week[0].start for week in self._hours.week if week]
        return self._at(day, max(set(usual), key=usual.count) if usual else _MORNING)

    def _closing(self, day: date) -> datetime:
        shifts = self._hours.shifts(day)
        if shifts:
            return instant(self._hours.zone, day, shifts[-1].until)
        return self._at(day, _CLOSING)

    def _open_from(self, day: date) -> date:
        """Return the first day from `day` on that it is open on."""
        days = (day + timedelta(days=count) for count in range(_LOOKED_AT))
        return next((one for one in days if self._hours.shifts(one)), day)

    def _last_open(self, first: date, length: int) -> date:
        days = [first + timedelta(days=count) for count in range(length)]
        opened = [one for one in days if self._hours.shifts(one)]
        return opened[-1] if opened else days[-1]


def _in_part(clock: Clock, part: Part) -> int:
    """Return a time of day that goes with a part of it: "evening 8" is 20:00."""
    if not clock.vague or part is Part.MORNING:
        return clock.minutes
    if part is Part.NIGHT and clock.minutes < 6 * 60:
        return clock.minutes
    return clock.minutes + NOON
