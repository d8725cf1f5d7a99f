"""Column types: times that are never naive, and JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from desktop_inbox.store.moments import from_milliseconds, to_milliseconds
from desktop_inbox.store.types import Json, UtcTime

DIALECT = sqlite.dialect()
_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
_TIMES = st.integers(-2_000_000_000_000, 4_000_000_000_000)


@given(milliseconds=_TIMES, zone=_OFFSETS)
def test_a_time_comes_back_as_it_went_in(milliseconds: int, zone: timezone) -> None:
    kind = UtcTime()
    at = from_milliseconds(milliseconds).astimezone(zone)
    stored = kind.process_bind_param(at, DIALECT)
    assert stored == milliseconds
    back = kind.process_result_value(stored, DIALECT)
    assert back == at
    assert back is not None
    assert back.tzinfo is UTC


@given(first=_TIMES, second=_TIMES)
def test_stored_times_sort_as_times_do(first: int, second: int) -> None:
    assert (from_milliseconds(first) < from_milliseconds(second)) == (first < second)


@given(at=st.datetimes(timezones=_OFFSETS, min_value=datetime(1902, 1, 1)))  # noqa: DTZ001
def test_less_than_a_millisecond_is_lost(at: datetime) -> None:
    assert abs(from_milliseconds(to_milliseconds(at)) - at) <= timedelta(microseconds=500)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        UtcTime().process_bind_param(datetime(2026, 9, 23, 12, 0), DIALECT)  # noqa: DTZ001


def test_nothing_stays_nothing() -> None:
    assert UtcTime().process_bind_param(None, DIALECT) is None
    assert UtcTime().process_result_value(None, DIALECT) is None
    assert Json().process_bind_param(None, DIALECT) is None
    assert Json().process_result_value(None, DIALECT) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(value=_JSON)
def test_json_comes_back_as_it_went_in(value: object) -> None:
    stored = Json().process_bind_param(value, DIALECT)
    assert Json().process_result_value(stored, DIALECT) == value
