"""Whatever a service sends can be looked into."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.payload import (
    at,
    degrees,
    each,
    kept,
    line,
    part,
    second,
    whole,
    words,
    written_date,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=10,
)


@given(JSON)
def test_nothing_raises_and_text_can_be_stored(value: object) -> None:
    for keys in ((), ("a",), ("a", "b")):
        at(value, *keys)
        part(value, *keys)
        each(value, *keys)
        whole(value, *keys)
        second(value, *keys)
        written_date(value, *keys)
        assert "\n" not in line(value, *keys)
        assert "\x00" not in words(value, *keys)
        words(value, *keys).encode()
    degrees(value, "a", most=90)
    kept(value)


def test_half_characters_and_controls_are_left_out() -> None:
    assert words({"a": "x\ud83d\x00y\nz"}, "a") == "xy\nz"
    assert line({"a": " x \n\t y "}, "a") == "x y"


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), ("7", 7), ("-7", -7), (True, 0), (7.5, 0), ("7x", 0), (2**80, 0), ("9" * 5000, 0)],
)
def test_numbers_are_whole_or_nothing(value: object, number: int) -> None:
    assert whole(value) == number


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Fri, 20 Nov 2026 10:00:00 +0000", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T13:00:00+0300", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("yesterday", None),
        (7, None),
        (None, None),
    ],
)
def test_dates_are_read_as_mail_and_as_the_web_write_them(
    written: object, moment: datetime | None
) -> None:
    assert written_date(written) == moment


def test_seconds_and_milliseconds_are_told_apart() -> None:
    moment = datetime(2026, 11, 20, 10, tzinfo=UTC)

    assert second(int(moment.timestamp())) == moment
    assert second(str(int(moment.timestamp()))) == moment
    assert second(int(moment.timestamp()) * 1000) == moment
    assert second(0) is None
    assert second(-5) is None


def test_a_place_that_is_none_on_the_earth_is_none() -> None:
    assert degrees({"a": 41}, "a", most=90) == 41.0
    assert degrees({"a": 91}, "a", most=90) is None
    assert degrees({"a": float("nan")}, "a", most=90) is None
    assert degrees({"a": True}, "a", most=90) is None
