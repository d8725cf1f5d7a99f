"""Until when a customer may be answered, and what may leave afterwards (rule M)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desktop_inbox.domain.reply_windows import closing_due, window_of

WROTE = datetime(2026, 9, 21, 8, tzinfo=UTC)
DAY = timedelta(hours=24)
LIMITS = {"reply_window_hours": 24, "human_agent_hours": 168}


def test_a_channel_without_a_window_lets_everything_leave() -> None:
    window = window_of({}, last_in_at=None, reply_until=None)
    assert window.lets(WROTE + 1000 * DAY)


def test_the_window_closes_on_the_moment() -> None:
    window = window_of(LIMITS, last_in_at=WROTE, reply_until=WROTE + DAY)
    assert window.lets(WROTE + DAY - timedelta(seconds=1))
    assert not window.lets(WROTE + DAY)


def test_afterwards_a_person_may_write_for_a_week_and_a_template_always() -> None:
    window = window_of(LIMITS, last_in_at=WROTE, reply_until=WROTE + DAY)
    assert window.lets(WROTE + 6 * DAY, human_agent=True)
    assert not window.lets(WROTE + 7 * DAY, human_agent=True)
    assert window.lets(WROTE + 100 * DAY, template=True)


def test_who_never_wrote_gets_a_template_alone() -> None:
    window = window_of(LIMITS, last_in_at=None, reply_until=None)
    assert not window.lets(WROTE)
    assert not window.lets(WROTE, human_agent=True)
    assert window.lets(WROTE, template=True)


def test_a_window_that_the_service_names_holds_on_any_channel() -> None:
    window = window_of({}, last_in_at=WROTE, reply_until=WROTE + 3 * DAY)
    assert window.lets(WROTE + 2 * DAY)
    assert not window.lets(WROTE + 3 * DAY)


# What is said of one that closes (rule M2)

UNTIL = WROTE + DAY
MINUTE = timedelta(minutes=1)


def test_each_warning_is_said_once_and_the_later_settles_the_earlier() -> None:
    assert closing_due(UNTIL, said=(), now=UNTIL - 121 * MINUTE) is None
    early = closing_due(UNTIL, said=(), now=UNTIL - 120 * MINUTE)
    assert early is not None
    assert (early.at, early.closed, early.settled) == (UNTIL - 120 * MINUTE, False, ("120 min",))
    assert closing_due(UNTIL, said=early.settled, now=UNTIL - 31 * MINUTE) is None
    late = closing_due(UNTIL, said=early.settled, now=UNTIL - 30 * MINUTE)
    assert late is not None
    assert (late.at, late.settled) == (UNTIL - 30 * MINUTE, ("30 min", "120 min"))
    assert closing_due(UNTIL, said=late.settled, now=UNTIL - MINUTE) is None
    assert closing_due(UNTIL, said=late.settled, now=UNTIL + MINUTE) is None


def test_one_that_closed_while_the_computer_slept_says_just_that() -> None:
    for said in ((), ("120 min",)):
        closing = closing_due(UNTIL, said=said, now=UNTIL + 60 * MINUTE)
        assert closing is not None
        assert (closing.at, closing.closed) == (UNTIL, True)


def test_one_that_closed_long_ago_is_no_news() -> None:
    assert closing_due(UNTIL, said=(), now=UNTIL + DAY) is None
