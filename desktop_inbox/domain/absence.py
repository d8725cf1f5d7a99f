"""Until when somebody is away, as their automatic answer says (rule D5). Pure.

Dates are understood in English, Turkish and German words and in figures; a guess is only made
where a date lies ahead, for it is shown as a hint and offered as a time to snooze until.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

_MAX_CHARS = 4_000
_LONGEST = timedelta(days=400)
_NEAR = 40  # characters between a word such as "until" and its date

_MONTH_NAMES = (
    ("january", "jan", "januar", "jänner", "ocak"),
    ("february", "feb", "februar", "şubat"),
    ("march", "mar", "märz", "maerz", "mrz", "mart"),
    ("april", "apr", "nisan"),
    ("may", "mai", "mayıs"),
    ("june", "jun", "juni", "haziran"),
    ("july", "jul", "juli", "temmuz"),
    ("august", "aug", "ağustos"),
    ("september", "sept", "sep", "eylül"),
    ("october", "oct", "oktober", "okt", "ekim"),
    ("november", "nov", "kasım"),
    ("december", "dec", "dezember", "dez", "aralık"),
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?:,?\s{1,3}(?P<year>20\d\d))?"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)",
        r"(?<![\d.])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?:\s?(?P<year>20\d\d|\d\d))?(?!\d)",
        r"(?<![\d/])(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>20\d\d|\d\d)(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s{{1,3}}(?:of\s)?(?P<name>{_MONTH})\b\.?{_YEAR}",
        rf"\b(?P<name>{_MONTH})\.?\s{{1,3}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b{_YEAR}",
    )
)
_BEFORE = re.compile(
    r"\b(?:until|till|til|through|thru|to|back|return|returning|returns|reachable again|"
    r"bis|ab|am|zurück|wieder)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\b(?:kadar|dönece|döneri|döndü|dön\w*|itibaren|zurück|wieder)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?]\s|\n")


def absent_until(text: str, *, written: date) -> date | None:
    """Return the last day or the day of return that a text names, None where it names none.

    A date that a word such as "until" goes with counts before any other; of several, the latest.
    """
    text = text[:_MAX_CHARS]
    ahead = [
        (start, end, day)
        for start, end, day in _dates(text, written)
        if written <= day <= written + _LONGEST
    ]
    named = [
        day
        for start, end, day in ahead
        if _BEFORE.search(_SENTENCE_END.split(text[max(0, start - _NEAR) : start])[-1])
        or _AFTER.search(_SENTENCE_END.split(text[end : end + _NEAR])[0])
    ]
    return max(named or [day for _, _, day in ahead], default=None)


def _dates(text: str, written: date) -> Iterator[tuple[int, int, date]]:
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            day = _day(found.groupdict(), written)
            if day is not None:
                yield found.start(), found.end(), day


def _day(said: dict[str, str | None], written: date) -> date | None:
    day = int(said["day"] or 0)
    name = said.get("name")
    month = _MONTHS[name.lower()] if name else int(said["month"] or 0)
    if month > 12 >= day:
        day, month = month, day  # 12/31: month first
    year = said.get("year")
    if year:
        return _valid(int(year) % 2000 + 2000, month, day)
    this_year = _valid(written.year, month, day)
    if this_year is not None and this_year < written:
        return _valid(written.year + 1, month, day)  # written in December of a day in January
    return this_year


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
