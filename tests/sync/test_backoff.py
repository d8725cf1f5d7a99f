"""Waits between attempts: long enough to be polite, short enough to be current."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.sync import backoff

NOISE = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(failures=st.integers(min_value=-5, max_value=10**9), noise=NOISE)
def test_a_wait_is_between_five_seconds_and_five_minutes(failures: int, noise: float) -> None:
    delay = backoff.reconnect_delay(failures, lambda: noise)
    assert timedelta(seconds=5) <= delay <= timedelta(minutes=5)


@given(failures=st.integers(min_value=1, max_value=50), noise=NOISE)
def test_waits_grow(failures: int, noise: float) -> None:
    now = backoff.reconnect_delay(failures, lambda: noise)
    assert backoff.reconnect_delay(failures + 1, lambda: noise) >= now


def test_many_laptops_do_not_return_in_the_same_second() -> None:
    early = backoff.reconnect_delay(5, lambda: 0.0)
    late = backoff.reconnect_delay(5, lambda: 0.999)
    assert late - early > timedelta(seconds=20)


def test_a_message_is_tried_again_after_the_rungs_of_the_ladder() -> None:
    waits = [backoff.send_delay(attempts).total_seconds() for attempts in range(1, 8)]
    assert waits == [5, 30, 120, 600, 3600, 3600, 3600]
