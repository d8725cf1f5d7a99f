"""Opening hours and how open time is counted (rules B9, B10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop_inbox.domain.business_hours import (
    DAY_MINUTES,
    HORIZON,
    Calendar,
    add,
    always_open,
    calendar,
    counted,
    elapsed,
)
from desktop_inbox.domain.errors import UserError

BERLIN = "Europe/Berlin"
NINE_TO_FIVE = [[(540, 1020)]] * 5 + [[], []]
LUNCH = [[(480, 720), (810, 1080)]] * 5 + [[], []]
MF = calendar(BERLIN, NINE_TO_FIVE, exceptions={date(2026, 12, 25): []})
WITH_LUNCH = calendar(BERLIN, LUNCH)
NIGHTS = calendar(BERLIN, [[(22 * 60, 6 * 60)]] * 7)
EVENINGS = calendar(BERLIN, [[(21 * 60, 2 * 60)]] * 7)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("start", "target", "hours", "due"),
    [
        pytest.param("2026-09-25 16:30", 60, MF, "2026-09-28 07:30", id="1: over the weekend"),
        pytest.param("2026-09-23 07:00", 120, MF, "2026-09-23 09:00", id="2: before opening"),
        pytest.param("2026-09-23 09:00", 480, MF, "2026-09-23 15:00", id="4: exactly at closing"),
        pytest.param("2026-09-23 11:30", 60, WITH_LUNCH, "2026-09-23 12:00", id="6: over lunch"),
        pytest.param("2026-09-23 12:30", 30, WITH_LUNCH, "2026-09-23 12:00", id="7: in the lunch"),
        pytest.param("2026-12-24 16:00", 120, MF, "2026-12-28 09:00", id="8: over a holiday"),
        pytest.param(
            "2026-03-28 23:00", 240, always_open(BERLIN), "2026-03-29 02:00", id="9: spring night"
        ),
        pytest.param("2026-03-28 22:00", 450, NIGHTS, "2026-03-29 20:30", id="11: a 7 h shift"),
        pytest.param("2026-09-24 01:30", 60, EVENINGS, "2026-09-24 19:30", id="13: past midnight"),
    ],
)
def test_a_deadline_falls_where_the_rules_say(
    start: str, target: int, hours: Calendar, due: str
) -> None:
    expected = datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert add(hours, berlin(start), minutes(target)) == expected
    assert elapsed(hours, berlin(start), expected) == minutes(target)


def test_what_starts_at_closing_time_counts_from_the_next_opening() -> None:
    assert add(MF, berlin("2026-09-23 17:00"), minutes(1)) == berlin("2026-09-24 09:01")


def test_no_time_at_all_has_passed_at_the_start_itself() -> None:
    night = berlin("2026-09-23 03:00")
    assert add(MF, night, minutes(0)) == night


def test_a_shift_over_midnight_belongs_to_the_day_it_starts_on() -> None:
    closed = calendar(BERLIN, [[(1320, 360)]] * 7, exceptions={date(2026, 9, 24): []})
    # The night of the 23rd goes on into the closed day; that of the 24th does not take place.
    assert add(closed, berlin("2026-09-24 05:00"), minutes(120)) == berlin("2026-09-25 23:00")


def test_special_hours_take_the_place_of_the_usual_ones() -> None:
    half = calendar(BERLIN, NINE_TO_FIVE, exceptions={date(2026, 12, 24): [(540, 720)]})
    assert add(half, berlin("2026-12-24 11:30"), minutes(60)) == berlin("2026-12-25 09:30")


def test_hours_that_open_in_a_gap_open_when_clocks_have_jumped() -> None:
    early = calendar(BERLIN, [[(150, 240)]] * 7)  # 02:30 to 04:00; on that day 02:00 is 03:00
    start = berlin("2026-03-29 00:00")
    assert [span.length for span in counted(early, start, berlin("2026-03-30 00:00"))] == [
        minutes(60)
    ]
    assert add(early, start, minutes(1)) == berlin("2026-03-29 03:01")


def test_hours_that_lie_in_a_gap_altogether_do_not_take_place() -> None:
    gone = calendar(BERLIN, [[(125, 175)]] * 7)
    assert elapsed(gone, berlin("2026-03-29 00:00"), berlin("2026-03-30 00:00")) == minutes(0)


def test_of_two_equal_times_the_earlier_is_meant() -> None:
    late = calendar(BERLIN, [[(150, 240)]] * 7)  # 02:30 comes twice on 25 October
    (span,) = counted(late, berlin("2026-10-25 00:00"), berlin("2026-10-26 00:00"))
    assert span.start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert span.length == minutes(150)


def test_a_day_that_a_zone_skipped_has_no_hours() -> None:
    apia = calendar("Pacific/Apia", [[(540, 1020)]] * 7)  # there was no 30 December 2011
    start, end = datetime(2011, 12, 29, 22, tzinfo=UTC), datetime(2012, 1, 1, 12, tzinfo=UTC)
    days = [span.start.astimezone(apia.zone).day for span in counted(apia, start, end)]
    assert days == [29, 31, 1]


@pytest.mark.parametrize(
    ("week", "exceptions", "code"),
    [
        ([[]] * 7, {}, "calendar-closed"),
        ([[]] * 7, {date(2026, 1, 1): [(540, 600)]}, "calendar-closed"),
        ([[(540, 700), (699, 800)], *[[]] * 6], {}, "calendar-overlap"),
        ([[(1200, 600)], [(599, 700)], *[[]] * 5], {}, "calendar-overlap"),
        ([[(60, 120)], *[[]] * 5, [(1320, 61)]], {}, "calendar-overlap"),  # Sunday night
        ([[(1320, 360)]] * 7, {date(2026, 1, 1): [(300, 600)]}, "calendar-overlap"),
        ([[(-1, 60)], *[[]] * 6], {}, "calendar-hours"),
        ([[(60, 1441)], *[[]] * 6], {}, "calendar-hours"),
        ([[(1440, 1440)], *[[]] * 6], {}, "calendar-hours"),
        ([[(540, 600)]], {}, "calendar-hours"),
    ],
)
def test_hours_that_cannot_be_are_refused(
    week: list[list[tuple[int, int]]], exceptions: dict[date, list[tuple[int, int]]], code: str
) -> None:
    with pytest.raises(UserError) as refusal:
        calendar(BERLIN, week, exceptions=exceptions)
    assert refusal.value.code == code


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "../../etc/passwd", "Europe", "a\0b"])
def test_a_zone_that_is_not_there_is_refused(zone: str) -> None:
    with pytest.raises(UserError, match="calendar-zone"):
        calendar(zone, NINE_TO_FIVE)


def test_nothing_is_counted_without_end() -> None:
    seldom = calendar(BERLIN, [[(540, 541)], *[[]] * 6])
    with pytest.raises(UserError, match="calendar-beyond"):
        add(seldom, berlin("2026-01-01 00:00"), minutes(10**9))
    with pytest.raises(UserError, match="calendar-beyond"):
        elapsed(seldom, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    with pytest.raises(UserError, match="calendar-beyond"):
        add(seldom, datetime.max.replace(tzinfo=UTC), minutes(1))


# Properties

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo",
         "Asia/Kathmandu", "Pacific/Apia", "UTC"]  # fmt: skip
MOMENTS = st.timedeltas(timedelta(), timedelta(days=20 * 365)).map(
    lambda since: datetime(2010, 1, 1, tzinfo=UTC) + since
)
LENGTHS = st.timedeltas(timedelta(), timedelta(days=30))


@st.composite
def days(draw: st.DrawFn) -> list[tuple[int, int]]:
    edges = sorted(
        draw(st.lists(st.integers(0, DAY_MINUTES), max_size=6, unique=True).filter(_even))
    )
    return [(edges[at], edges[at + 1]) for at in range(0, len(edges), 2)]


def _even(found: list[int]) -> bool:
    return len(found) % 2 == 0


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    zone = draw(st.sampled_from(ZONES))
    if draw(st.booleans()):  # nights
        return calendar(zone, [[(draw(st.integers(720, 1439)), draw(st.integers(0, 720)))]] * 7)
    week = draw(st.lists(days(), min_size=7, max_size=7).filter(any))
    closed = draw(st.dictionaries(st.dates(date(2010, 1, 1), date(2030, 1, 1)), days(), max_size=3))
    return calendar(zone, week, exceptions=closed)


@given(hours=calendars(), start=MOMENTS, length=LENGTHS)
@example(hours=NIGHTS, start=datetime(2026, 3, 28, 21, tzinfo=UTC), length=minutes(450))
def test_exactly_the_asked_time_passes_until_a_deadline(
    hours: Calendar, start: datetime, length: timedelta
) -> None:
    length = min(length, timedelta(hours=40))
    due = add(hours, start, length)
    assert elapsed(hours, start, due) == length
    if length:
        assert elapsed(hours, start, due - timedelta(milliseconds=1)) < length


@given(hours=calendars(), start=MOMENTS, lengths=st.tuples(LENGTHS, LENGTHS))
def test_time_counted_in_two_pieces_is_the_time_counted_in_one(
    hours: Calendar, start: datetime, lengths: tuple[timedelta, timedelta]
) -> None:
    middle, end = start + lengths[0], start + sum(lengths, timedelta())
    whole = elapsed(hours, start, end)
    assert elapsed(hours, start, middle) + elapsed(hours, middle, end) == whole
    assert whole <= end - start


@given(hours=calendars(), start=MOMENTS, later=LENGTHS, longer=LENGTHS)
def test_who_starts_later_or_has_more_time_is_never_due_earlier(
    hours: Calendar, start: datetime, later: timedelta, longer: timedelta
) -> None:
    target = timedelta(hours=3)
    assert add(hours, start + later, target) >= add(hours, start, target)
    assert add(hours, start, target + longer / 10) >= add(hours, start, target)


@given(hours=calendars(), start=MOMENTS)
def test_open_spans_come_in_order_and_never_overlap(hours: Calendar, start: datetime) -> None:
    spans = counted(hours, start, start + timedelta(days=20))
    assert all(span.start < span.end for span in spans)
    assert all(one.end <= two.start for one, two in pairwise(spans))


@given(start=MOMENTS, length=st.timedeltas(timedelta(), timedelta(days=400)))
def test_around_the_clock_time_is_simply_time(start: datetime, length: timedelta) -> None:
    everywhere = always_open("Europe/Berlin")
    assert add(everywhere, start, length) == start + length
    assert elapsed(everywhere, start, start + length) == length
    assert length < HORIZON
