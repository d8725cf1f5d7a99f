"""Date fields: the instant they name, in all the ways programs write one. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from desktop_inbox.mime.comments import without_comments

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_DATE = re.compile(
    r"(?:[A-Za-z]{2,9}\.?,?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3,9}|\d{1,2})\.?,?[\s-]+(\d{2,5})"
    r"\s+(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:\.\d+)?\s*([+-]\d{4}|[+-]\d\d:\d\d|[A-Za-z]+)?"
)
_ASCTIME = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?([A-Za-z]{3})\s+(\d{1,2})\s+(\d{1,2}):(\d\d)(?::(\d\d))?"
    r"\s+(?:([A-Za-z]+)\s+)?(\d{4})(?:\s+([+-]\d{4}))?"
)
_ZONES = {
    "ut": 0, "gmt": 0, "utc": 0, "z": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "cet": 60, "cest": 120, "met": 60,
    "mest": 120, "eet": 120, "eest": 180, "wet": 0, "west": 60, "bst": 60, "msk": 180,
    "trt": 180, "jst": 540, "kst": 540, "ist": 330, "est5edt": -300,
}  # fmt: skip
_LATEST_YEAR = 9998
_EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC).date()
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def parse(text: str) -> datetime | None:
    """Return the instant a date field names, aware UTC; None where it names none."""
    if "(" in text:
        text = without_comments(text)
    if ";" in text:
        text = text.rpartition(";")[2]
    text = " ".join(text.split())
    found = _DATE.match(text)
    if found:
        day, month, year, hour, minute, second, zone = found.groups()
        return _instant(year, month, day, hour, minute, second, zone)
    found = _ASCTIME.match(text)
    if found:
        month, day, hour, minute, second, name, year, offset = found.groups()
        return _instant(year, month, day, hour, minute, second, offset or name)
    return None


def sane(when: datetime | None) -> datetime | None:
    """Return `when`, or None where no mail can be that old or new (an unset clock, year 12026)."""
    if when is None or not _EARLIEST <= when < _LATEST or when.date() == _EPOCH_DAY:
        return None
    return when


def _instant(
    year: str,
    month: str,
    day: str,
    hour: str,
    minute: str,
    second: str | None,
    zone: str | None,
) -> datetime | None:
    number = int(month) if month.isdigit() else _MONTHS.get(month[:3].lower(), 0)
    full_year = int(year)
    if len(year) <= 3:  # RFC 5322 4.3
        full_year += 2000 if len(year) == 2 and full_year < 50 else 1900
    if not 1 <= full_year <= _LATEST_YEAR:
        return None
    try:
        local = datetime(
            full_year, number, int(day), int(hour), int(minute),
            min(int(second or 0), 59),  # a leap second has no place in datetime
            tzinfo=_zone(zone),
        )  # fmt: skip
    except ValueError:
        return None
    return local.astimezone(UTC)


@lru_cache(maxsize=256)
def _zone(name: str | None) -> timezone:
    return timezone(timedelta(minutes=_offset(name)))


def _offset(zone: str | None) -> int:
    """Return minutes east of UTC; what is unknown or impossible counts as UTC."""
    if not zone:
        return 0
    if zone[0] not in "+-":
        return _ZONES.get(zone.lower(), 0)
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes >= 24 * 60:
        return 0
    return -minutes if zone[0] == "-" else minutes
