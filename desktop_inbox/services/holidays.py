"""Days on which a business may be closed, as suggestions for its calendar (rule B9).

Public holidays of a country come from the `holidays` package, others from a calendar file. Nothing
is taken over by itself: a person ticks what holds for them. Reads files; never on the UI thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.opening_hours import Hours, SpecialDay, until
from desktop_inbox.mime.calendar_days import MAX_BYTES, whole_days

if TYPE_CHECKING:
    import holidays

_NOON = 12 * 60
_CLOSES_AT = {"TR": 13 * 60}  # on a half holiday; elsewhere at noon
_AHEAD = timedelta(days=5 * 366)  # of what repeats in a calendar file


class Suggestion(NamedTuple):
    """A day that may be special."""

    day: date
    name: str
    close: int | None = None  # the business closes at these minutes after midnight; None: all day


class Region(NamedTuple):
    """A part of a country that has holidays of its own."""

    code: str
    name: str


def countries() -> list[str]:
    """Return the countries whose holidays are known, by their ISO 3166 code."""
    from holidays.registry import COUNTRIES

    return sorted(codes[1] for codes in COUNTRIES.values())


def regions(country: str) -> list[Region]:
    """Return the parts of a country that have holidays of their own.

    Raises:
        UserError: "country-unknown".
    """
    known = _of_country(country, years=(), language="en_US", region="")
    names = {code: name for name, code in known.subdivisions_aliases.items()}
    found = [Region(code, str(names.get(code, code))) for code in known.subdivisions]
    return sorted(found, key=lambda region: region.name)


def of_country(
    country: str, *, years: Iterable[int], language: str, region: str = ""
) -> list[Suggestion]:
    """Return the public holidays of a country in some years, half days included, in order.

    Their names are in `language` (ISO 639) where they are known in it, else in English.

    Raises:
        UserError: "country-unknown".
    """
    wanted = tuple(years)
    whole = _of_country(country, years=wanted, language=language, region=region)
    found = [Suggestion(day, str(name)) for day, name in whole.items()]
    if "half_day" in whole.supported_categories:
        half = _of_country(
            country, years=wanted, language=language, region=region, categories=("half_day",)
        )
        close = _CLOSES_AT.get(country, _NOON)
        found += [
            Suggestion(day, str(name), close) for day, name in half.items() if day not in whole
        ]
    return sorted(found, key=lambda one: (one.day, one.name))


def _of_country(
    country: str,
    *,
    years: Sequence[int],
    language: str,
    region: str,
    categories: tuple[str, ...] = ("public",),
) -> holidays.HolidayBase:
    import holidays

    try:
        return holidays.country_holidays(
            country,
            subdiv=region or None,
            years=years,
            language=language if language != "en" else "en_US",
            categories=categories,
        )
    except NotImplementedError as error:
        raise UserError("country-unknown", country=country) from error


def of_file(path: Path, *, today: date) -> list[Suggestion]:
    """Return the whole days of a calendar file (iCalendar, RFC 5545) from today on, in order.

    Raises:
        UserError: "no-file"; "calendar-file" where it holds no whole day still to come.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or error) from error
    text = data.decode("utf-8", errors="replace")
    last = today + _AHEAD
    found = {Suggestion(day, name) for day, name in whole_days(text, first=today, last=last)}
    if not found:
        raise UserError("calendar-file", path=path)
    return sorted(found, key=lambda one: (one.day, one.name))


def special_day(one: Suggestion, hours: Hours) -> SpecialDay:
    """Return what a suggestion makes of a day: closed, or the usual hours until it closes."""
    usual = hours.week[one.day.weekday()]
    return SpecialDay(one.day, () if one.close is None else until(usual, one.close), one.name)
