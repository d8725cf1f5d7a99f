"""Until when somebody is away, as people write it (rule D5)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.absence import absent_until

WRITTEN = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am out of the office until December 1st.", date(2026, 12, 1)),
        ("I'll be back on Tuesday, 1 December 2026.", date(2026, 12, 1)),
        ("I will return on 12/15/2026", date(2026, 12, 15)),
        ("From 23 Nov to 4 December I am away.", date(2026, 12, 4)),
        ("Ich bin bis zum 1. Dezember nicht im Büro.", date(2026, 12, 1)),
        ("Vom 23.11. bis 05.12. bin ich im Urlaub.", date(2026, 12, 5)),
        ("Ich bin ab dem 5. Januar wieder erreichbar", date(2027, 1, 5)),
        ("01.12.2026 tarihine kadar ofis dışındayım.", date(2026, 12, 1)),
        ("1 Aralık'a kadar izindeyim", date(2026, 12, 1)),
        ("7 Ocak 2027 Perşembe günü döneceğim", date(2027, 1, 7)),
        ("Back 2026-12-24. For orders of 2027-06-01 ask Bo.", date(2026, 12, 24)),
        ("We got your mail and answer soon.", None),
        ("Our order no. 20261201 of 1 May 2019", None),
        ("until 31 February", None),
    ],
)
def test_the_date_of_return_is_found(text: str, expected: date | None) -> None:
    assert absent_until(text, written=WRITTEN) == expected


@given(st.text(alphabet="0123456789./- until bis kadar mayMAI\n", max_size=200))
def test_no_text_gives_a_day_that_is_past_or_far_away(text: str) -> None:
    found = absent_until(text, written=WRITTEN)
    assert found is None or 0 <= (found - WRITTEN).days <= 400
