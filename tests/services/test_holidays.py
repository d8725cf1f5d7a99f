"""Holidays as suggestions: of a country with its half days, of a region, of a file (rule B9)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from desktop_inbox.domain.business_hours import Shift
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.opening_hours import Hours, SpecialDay
from desktop_inbox.services.holidays import (
    Suggestion,
    countries,
    of_country,
    of_file,
    regions,
    special_day,
)

SPLIT = (Shift(540, 720), Shift(780, 1080))
SHOP = Hours(name="", zone="Europe/Istanbul", week=(SPLIT,) * 5 + ((), ()))
TODAY = date(2026, 9, 23)


def test_turkey_has_its_half_days() -> None:
    found = of_country("TR", years=[2026], language="tr")
    republic = [one for one in found if one.day in (date(2026, 10, 28), date(2026, 10, 29))]
    assert republic == [
        Suggestion(date(2026, 10, 28), "Cumhuriyet Bayramı (saat 13.00'ten)", 780),
        Suggestion(date(2026, 10, 29), "Cumhuriyet Bayramı"),
    ]
    assert len([one for one in found if one.close == 780]) == 3
    assert [one.day for one in found] == sorted(one.day for one in found)


def test_a_half_day_keeps_its_usual_hours_until_it_closes() -> None:
    eve = Suggestion(date(2026, 10, 28), "Eve", 780)  # a Wednesday
    assert special_day(eve, SHOP) == SpecialDay(date(2026, 10, 28), (Shift(540, 720),), "Eve")
    assert special_day(eve._replace(day=date(2026, 10, 31)), SHOP).hours == ()
    assert special_day(eve._replace(close=None), SHOP).hours == ()


def test_a_region_has_holidays_of_its_own() -> None:
    bavaria = next(one for one in regions("DE") if one.name == "Bayern")
    epiphany = date(2026, 1, 6)
    everywhere = of_country("DE", years=[2026], language="en")
    there = of_country("DE", years=[2026], language="en", region=bavaria.code)
    assert epiphany not in [one.day for one in everywhere]
    assert epiphany in [one.day for one in there]
    assert "New Year's Day" in [one.name for one in everywhere]


def test_every_country_of_the_list_can_be_asked_for() -> None:
    assert {"TR", "DE", "GB", "US", "JP"} <= set(countries())
    with pytest.raises(UserError) as refused:
        of_country("XX", years=[2026], language="en")
    assert refused.value.code == "country-unknown"


def test_a_calendar_file_gives_the_days_still_to_come(tmp_path: Path) -> None:
    path = tmp_path / "closed.ics"
    path.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261224\nSUMMARY:Stocktaking\n"
        "END:VEVENT\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20250101\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    assert of_file(path, today=TODAY) == [Suggestion(date(2026, 12, 24), "Stocktaking")]
    path.write_text("a letter")
    for wrong, code in ((path, "calendar-file"), (tmp_path / "none.ics", "no-file")):
        with pytest.raises(UserError) as refused:
            of_file(wrong, today=TODAY)
        assert refused.value.code == code
