"""The whole days of a calendar file, such as public holidays (RFC 5545). Pure, total, linear.

Events with a time of day are no days; of what repeats only what comes every year is followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from desktop_inbox.mime.calendar import lines, plain_text

MAX_BYTES = 4_000_000  # of a file; more is not read
_MOST_DAYS = 20_000
_LONGEST = 62  # days one event may last; a longer one is no holiday

_Found = dict[str, tuple[dict[str, str], str]]


def whole_days(text: str, *, first: date, last: date) -> list[tuple[date, str]]:
    """Return the days of a calendar's whole-day events within a time, with their names."""
    found: list[tuple[date, str]] = []
    for event in _events(text):
        name = plain_text(event.get("SUMMARY"))
        for day in _days(event, first=first, last=last):
            if len(found) >= _MOST_DAYS:
                return found
            found.append((day, name))
    return found


def _events(text: str) -> Iterator[_Found]:
    """Yield the lines of each event by their name; what lies within it, as an alarm, is no part."""
    within: list[str] = []
    found: _Found = {}
    for name, parameters, value in lines(text):
        if name == "BEGIN":
            within.append(value.strip().upper())
            if within == ["VCALENDAR", "VEVENT"]:
                found = {}
        elif name == "END":
            if within == ["VCALENDAR", "VEVENT"]:
                yield found
            if within:
                within.pop()
        elif within == ["VCALENDAR", "VEVENT"]:
            found.setdefault(name, (parameters, value))


def _days(event: _Found, *, first: date, last: date) -> Iterator[date]:
    start = _date(event.get("DTSTART"))
    if start is None or event.get("STATUS", ({}, ""))[1].strip().upper() == "CANCELLED":
        return
    end = _date(event.get("DTEND"))  # the day after, or it lasts one day
    length = (end - start).days if end is not None else 1
    if length > _LONGEST:
        return
    for begin in _beginnings(start, event, last=last):
        for number in range(max(1, length)):
            day = begin + timedelta(days=number)
            if first <= day <= last:
                yield day


def _beginnings(start: date, event: _Found, *, last: date) -> Iterator[date]:
    yield start
    rule = event.get("RRULE", ({}, ""))[1].upper().replace(" ", "")
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    plainly = not parts.keys() - {"FREQ", "UNTIL", "BYMONTH", "BYMONTHDAY", "WKST"}
    if parts.get("FREQ") != "YEARLY" or not plainly:
        return
    end = _date(({"VALUE": "DATE"}, parts.get("UNTIL", "")[:8])) or last
    for year in range(start.year + 1, min(end, last).year + 1):
        try:
            again = start.replace(year=year)
        except ValueError:
            continue  # the 29th of February
        if again <= end:
            yield again


def _date(found: tuple[dict[str, str], str] | None) -> date | None:
    """Return the day of a line that names one without a time, else None."""
    written = found[1].strip() if found is not None else ""
    if len(written) != 8 or not written.isascii() or not written.isdecimal():
        return None
    try:
        return date(int(written[:4]), int(written[4:6]), int(written[6:]))
    except ValueError:
        return None
