"""Until when a customer may be answered, and what may leave afterwards (rule M)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desktop_inbox.domain.reply_windows import window_of

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
