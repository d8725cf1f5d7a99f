"""Opening hours as they are written: several a day, over night, to 24:00, special days (B9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.business_hours import Shift
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.opening_hours import (
    MOST_SPECIAL_DAYS,
    Hours,
    SpecialDay,
    checked,
    day_words,
    read_day,
    until,
)

NINE_TO_FIVE = (Shift(540, 1020),)
OFFICE = Hours(name="Office", zone="Europe/Istanbul", week=(NINE_TO_FIVE,) * 5 + ((), ()))


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("09:00–17:00", [(540, 1020)]),
        ("9-17", [(540, 1020)]),
        ("9.30 - 12, 13:30—18:00", [(570, 720), (810, 1080)]),
        ("13-18; 8-12", [(480, 720), (780, 1080)]),
        ("21:00-02:00", [(1260, 120)]),
        ("18 to 24:00", [(1080, 1440)]),
        ("", []),
        (" – ", []),
    ],
)
def test_a_day_is_read_as_people_write_it(written: str, hours: list[tuple[int, int]]) -> None:
    assert [tuple(shift) for shift in read_day(written)] == hours


@pytest.mark.parametrize(
    "written",
    ["nine to five", "9", "25-26", "24:00-08:00", "9:60-10", "8-24:30", "9-12,", "9" * 201],
)
def test_what_is_no_hours_is_refused_with_what_was_written(written: str) -> None:
    with pytest.raises(UserError) as refused:
        read_day(written)
    assert refused.value.code == "calendar-hours"


MINUTES = st.integers(0, 1439)


@given(st.lists(st.tuples(MINUTES, st.integers(0, 1440)), max_size=6))
def test_hours_are_read_back_as_they_are_said(pairs: list[tuple[int, int]]) -> None:
    day = tuple(sorted(Shift(*pair) for pair in pairs))
    assert read_day(day_words(day)) == day


def test_a_day_that_ends_early_loses_what_lies_behind() -> None:
    split, night = (Shift(480, 720), Shift(810, 1080)), (Shift(1260, 120),)
    assert until(split, 780) == (Shift(480, 720),)
    assert until(split, 840) == (Shift(480, 720), Shift(810, 840))
    assert until(night, 1500) == (Shift(1260, 60),)
    assert until(night, 780) == ()


def test_special_days_are_kept_once_and_in_order() -> None:
    eve, day = date(2026, 12, 24), date(2026, 12, 25)
    special = (SpecialDay(day), SpecialDay(eve), SpecialDay(eve, (Shift(540, 720),), "Eve"))
    kept = checked(replace(OFFICE, special=special))
    assert kept.special == (SpecialDay(eve, (Shift(540, 720),), "Eve"), SpecialDay(day))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "x" * 101}, "calendar-unnamed"),
        ({"zone": "Europe/Atlantis"}, "calendar-zone"),
        ({"week": ((),) * 7}, "calendar-closed"),
        ({"week": ((Shift(540, 720), Shift(700, 800)),) + ((),) * 6}, "calendar-overlap"),
        (
            {"week": ((Shift(1260, 120),), (Shift(60, 300),)) + ((),) * 5},
            "calendar-overlap",
        ),
        (
            {"special": tuple(SpecialDay(date.fromordinal(730000 + n)) for n in range(1001))},
            "calendar-too-many",
        ),
    ],
)
def test_hours_that_cannot_be_kept_are_refused(changed: dict[str, object], code: str) -> None:
    assert MOST_SPECIAL_DAYS == 1000
    with pytest.raises(UserError) as refused:
        checked(replace(OFFICE, **changed))  # type: ignore[arg-type]
    assert refused.value.code == code
