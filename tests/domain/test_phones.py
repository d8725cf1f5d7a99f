"""One number, however it is written (rule E2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.phones import normalise_phone, regions, secondary_phone


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("0532 123 45 67", "TR", "+905321234567"),
        ("+90 (532) 123-45-67", "", "+905321234567"),
        ("0090 532 1234567", "", "+905321234567"),
        ("90 532 123 45 67", "TR", "+905321234567"),
        ("532 123 45 67", "TR", "+905321234567"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", "", "+442079460958"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("1 415 555 2671", "US", "+14155552671"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("8 912 345-67-89", "RU", "+79123456789"),
        ("06 6982", "IT", "+39066982"),
        ("+90 532 123 45 67 ext. 12", "", "+905321234567"),
        ("+90 532 123 45 67 dahili 12", "", "+905321234567"),
        ("0532 123 45 67", "", ""),
        ("call me", "TR", ""),
        ("+1", "", ""),
        ("+1234567890123456", "", ""),
        ("", "TR", ""),
    ],
)
def test_a_number_has_one_form(written: str, region: str, number: str) -> None:
    assert normalise_phone(written, region=region) == number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5511987654321", "+551187654321"),  # Brazil: the 9 behind the area code
        ("+5491123456789", "+541123456789"),  # Argentina: the 9 of mobiles
        ("+5215512345678", "+525512345678"),  # Mexico: the 1 of mobiles
    ],
)
def test_national_variants_of_a_number_meet(one: str, other: str) -> None:
    assert secondary_phone(one) == secondary_phone(other) == other


@given(st.text(max_size=40), st.sampled_from(["", *regions()]))
def test_whatever_is_written_gives_nothing_or_a_form_that_stays(text: str, region: str) -> None:
    number = normalise_phone(text, region=region)
    if number:
        assert number[1:].isascii()
        assert number[1:].isdigit()
        assert normalise_phone(number, region=region) == number
        assert secondary_phone(secondary_phone(number)) == secondary_phone(number)
