"""What is said of a conversation's clocks: the most severe, each once, however late (rule B11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.business_hours import always_open
from desktop_inbox.domain.policies import ClockKind, Policy, Target, Terms, Threshold
from desktop_inbox.domain.service_levels import Clock, Moved, Said, Who, evaluate
from desktop_inbox.domain.service_notices import notice_due
from desktop_inbox.domain.states import Status

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOON = datetime(2026, 9, 23, 12, 0, tzinfo=UTC)
WARNINGS = (Threshold(percent=50), Threshold(before=10 * MINUTE))
TERMS = Terms(
    name="P",
    targets={
        ClockKind.FIRST_RESPONSE: Target(length=HOUR),
        ClockKind.RESOLUTION: Target(length=2 * HOUR),
    },
    warnings=WARNINGS,
)
POLICY = Policy(uid="p", calendar=always_open(), terms=TERMS)


def clocks(now: datetime, *more: Said, moved: tuple[Moved, ...] = ()) -> list[Clock]:
    return evaluate([Said(NOON, Who.CUSTOMER), *more], moved, policy=POLICY, now=now)


def test_each_step_is_said_once_and_in_its_time() -> None:
    said: set[str] = set()
    heard = []
    for minutes in range(0, 130, 5):
        now = NOON + minutes * MINUTE
        notice = notice_due(clocks(now), said=said, now=now)
        if notice is not None:
            said |= notice.settled
            heard.append((minutes, notice.clock.kind, notice.over, notice.late(now) // MINUTE))
    assert heard == [
        (30, ClockKind.FIRST_RESPONSE, False, 0),
        (50, ClockKind.FIRST_RESPONSE, False, 0),
        (60, ClockKind.FIRST_RESPONSE, True, 0),
        (110, ClockKind.RESOLUTION, False, 0),
        (120, ClockKind.RESOLUTION, True, 0),
    ]


def test_after_sleep_only_the_most_severe_is_said_with_its_true_time() -> None:
    now = NOON + 3 * HOUR + 10 * MINUTE
    notice = notice_due(clocks(now), said=(), now=now)
    assert notice is not None
    assert (notice.clock.kind, notice.over) == (ClockKind.FIRST_RESPONSE, True)
    assert (notice.at, notice.late(now)) == (NOON + HOUR, 2 * HOUR + 10 * MINUTE)
    assert notice_due(clocks(now), said=notice.settled, now=now) is None


def test_what_was_answered_or_stands_still_is_not_spoken_of() -> None:
    now = NOON + 3 * HOUR
    answered = Said(NOON + 5 * MINUTE, Who.US)
    assert notice_due(clocks(now, answered), said=(), now=now) is None  # the customer's turn
    spam = (Moved(NOON + MINUTE, Status.SPAM),)
    assert notice_due(clocks(now, moved=spam), said=(), now=now) is None


def test_mail_that_is_heard_of_when_its_time_is_over_is_said_still() -> None:
    now = NOON + 61 * MINUTE  # the last look was a minute ago, the mail came in just now
    notice = notice_due(clocks(now), said=(), now=now)
    assert notice is not None
    assert notice.over


def test_once_it_is_over_no_warning_of_it_is_said_any_more() -> None:
    now = NOON + 70 * MINUTE
    first = notice_due(clocks(now), said=(), now=now)
    assert first is not None
    due = {name for name in first.settled if name.endswith("/due")}
    again = notice_due(clocks(now), said=due, now=now)
    assert again is not None  # half of the time for the resolution is over
    assert again.clock.kind is ClockKind.RESOLUTION


@given(looks=st.lists(st.integers(0, 200), max_size=12))
def test_however_often_one_looks_nothing_is_said_twice(looks: list[int]) -> None:
    said: set[str] = set()
    for minutes in sorted(looks):
        now = NOON + minutes * MINUTE
        notice = notice_due(clocks(now), said=said, now=now)
        if notice is not None:
            assert not notice.settled & said
            assert notice.at <= now
            said |= notice.settled
        assert notice_due(clocks(now), said=said, now=now) is None
