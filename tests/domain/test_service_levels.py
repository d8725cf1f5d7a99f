"""Which clocks run for a conversation, and when each is due (rules B1 to B12)."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.business_hours import Calendar, calendar
from desktop_inbox.domain.policies import (
    PAUSING,
    ClockKind,
    Policy,
    Standing,
    Target,
    Terms,
    Threshold,
)
from desktop_inbox.domain.service_levels import (
    Clock,
    ClockState,
    Moved,
    Said,
    Who,
    evaluate,
    next_due,
)
from desktop_inbox.domain.states import Status

BERLIN = "Europe/Berlin"
MF = calendar(BERLIN, [[(540, 1020)]] * 5 + [[], []])
TWO_HOURS = Target(length=timedelta(minutes=120))
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def policy(
    *kinds: ClockKind, target: Target = TWO_HOURS, hours: Calendar = MF, **more: object
) -> Policy:
    targets = dict.fromkeys(kinds or tuple(ClockKind), target)
    terms = Terms(name="P", targets=targets, **more)  # type: ignore[arg-type]
    return Policy(uid="p", calendar=hours, terms=terms)


RESPONSES = policy(ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE)
RESOLUTION = policy(ClockKind.RESOLUTION)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def customer(text: str) -> Said:
    return Said(at(text), Who.CUSTOMER)


def us(text: str) -> Said:
    return Said(at(text), Who.US)


def moved(text: str, status: Status) -> Moved:
    return Moved(at(text), status)


def only(clocks: list[Clock]) -> Clock:
    (clock,) = clocks
    return clock


def test_what_was_counted_leaves_out_the_pauses() -> None:
    said = [customer("09-23 09:30")]
    stood = [moved("09-23 10:00", Status.SNOOZED), moved("09-23 14:00", Status.OPEN)]
    clock = only(evaluate(said, stood, policy=RESOLUTION, now=at("09-23 14:00")))
    spans = clock.counted(at("09-23 14:30"))
    assert spans[0].end == at("09-23 10:00")
    assert [span.length.seconds // 60 for span in spans] == [30, 30]


# Starting and stopping


def test_the_first_response_starts_when_the_customer_writes_and_stops_when_we_do() -> None:
    said = [customer("09-23 09:00"), customer("09-23 09:30"), us("09-23 10:00")]
    clock = only(evaluate(said, [], policy=RESPONSES, now=LATER))
    assert (clock.kind, clock.started_at) == (ClockKind.FIRST_RESPONSE, at("09-23 09:00"))
    assert (clock.state, clock.stopped_at) == (ClockState.MET, at("09-23 10:00"))


def test_an_answer_at_the_deadline_is_in_time_and_one_after_it_is_not() -> None:
    for answered, state in (("11:00", ClockState.MET), ("11:01", ClockState.BREACHED)):
        said = [customer("09-23 09:00"), us(f"09-23 {answered}")]
        assert only(evaluate(said, [], policy=RESPONSES, now=LATER)).state is state


def test_each_time_of_waiting_has_one_clock_and_the_two_never_run_together() -> None:
    said = [
        customer("09-23 09:00"), us("09-23 10:00"), customer("09-23 11:00"),
        customer("09-23 11:30"), us("09-23 12:00"), customer("09-24 09:00"),
    ]  # fmt: skip
    clocks = evaluate(said, [], policy=RESPONSES, now=at("09-24 09:30"))
    assert [(one.kind, one.started_at) for one in clocks] == [
        (ClockKind.FIRST_RESPONSE, at("09-23 09:00")),
        (ClockKind.NEXT_RESPONSE, at("09-23 11:00")),
        (ClockKind.NEXT_RESPONSE, at("09-24 09:00")),
    ]
    assert next_due(clocks) is clocks[-1]


def test_a_conversation_we_began_owes_no_first_response() -> None:
    said = [us("09-23 09:00"), customer("09-23 10:00")]
    clocks = evaluate(said, [], policy=policy(), now=at("09-23 10:30"))
    assert [(one.kind, one.started_at) for one in clocks] == [
        (ClockKind.NEXT_RESPONSE, at("09-23 10:00")),
        (ClockKind.RESOLUTION, at("09-23 10:00")),
    ]


def test_what_was_imported_starts_no_clock_but_is_part_of_the_story() -> None:
    said = [customer("09-22 09:00"), us("09-22 10:00"), customer("09-22 11:00")]
    quiet = at("09-23 00:00")
    assert evaluate(said, [], policy=RESPONSES, now=LATER, quiet_before=quiet) == []
    again = [*said, customer("09-23 09:00")]
    clock = only(evaluate(again, [], policy=RESPONSES, now=LATER, quiet_before=quiet))
    assert (clock.kind, clock.started_at) == (ClockKind.NEXT_RESPONSE, at("09-23 09:00"))


def test_an_update_is_owed_after_each_answer_until_the_closing() -> None:
    said = [customer("09-23 09:00"), us("09-23 09:30"), us("09-23 12:00")]
    stood = [moved("09-23 13:00", Status.CLOSED)]
    clocks = evaluate(said, stood, policy=policy(ClockKind.PERIODIC_UPDATE), now=LATER)
    assert [(one.started_at, one.stopped_at, one.state) for one in clocks] == [
        (at("09-23 09:30"), at("09-23 12:00"), ClockState.BREACHED),
        (at("09-23 12:00"), at("09-23 13:00"), ClockState.MET),
    ]


# Pausing, closing and dismissing


def test_snoozing_does_not_hide_that_a_customer_waits_unless_the_policy_says_so() -> None:
    said, stood = [customer("09-23 09:00")], [moved("09-23 09:30", Status.SNOOZED)]
    assert only(evaluate(said, stood, policy=RESPONSES, now=LATER)).state is ClockState.BREACHED
    patient = policy(ClockKind.FIRST_RESPONSE, snooze_pauses_responses=True)
    assert only(evaluate(said, stood, policy=patient, now=LATER)).state is ClockState.PAUSED


def test_nothing_is_resolved_while_it_is_the_customers_turn() -> None:
    said = [customer("09-23 09:00"), us("09-23 10:00"), customer("09-23 15:00")]
    clock = only(evaluate(said, [], policy=RESOLUTION, now=at("09-23 15:30")))
    assert clock.due_at == at("09-23 16:00")
    strict = policy(ClockKind.RESOLUTION, pauses=frozenset({Standing.SNOOZED}))
    assert only(evaluate(said, [], policy=strict, now=LATER)).due_at == at("09-23 11:00")


def test_what_is_opened_again_soon_is_the_same_matter_and_later_a_new_one() -> None:
    said = [customer("09-01 09:00"), us("09-01 09:30")]
    stood = [moved("09-01 09:30", Status.CLOSED), moved("09-03 09:00", Status.OPEN)]
    again = [*said, customer("09-03 09:00")]
    clock = only(evaluate(again, stood, policy=RESOLUTION, now=at("09-03 09:10")))
    assert (clock.started_at, clock.due_at) == (at("09-01 09:00"), at("09-03 10:30"))
    late = [moved("09-01 09:30", Status.CLOSED), moved("09-23 09:00", Status.OPEN)]
    clocks = evaluate([*said, customer("09-23 09:00")], late, policy=RESOLUTION, now=LATER)
    assert [(one.started_at, one.state) for one in clocks] == [
        (at("09-01 09:00"), ClockState.MET),
        (at("09-23 09:00"), ClockState.BREACHED),
    ]


def test_a_message_that_is_heard_of_late_counts_from_when_it_was_written() -> None:
    said = [customer("09-22 09:00"), us("09-22 09:30"), customer("09-23 09:00")]
    stood = [moved("09-22 10:00", Status.CLOSED), moved("09-24 12:00", Status.OPEN)]
    clock = evaluate(said, stood, policy=RESPONSES, now=LATER)[-1]
    assert clock.due_at == at("09-23 11:00")


def test_spam_cancels_what_still_runs() -> None:
    said, stood = [customer("09-23 09:00")], [moved("09-23 09:30", Status.SPAM)]
    clocks = evaluate(said, stood, policy=policy(), now=LATER)
    assert {one.state for one in clocks} == {ClockState.CANCELLED}
    assert next_due(clocks) is None


# Policies


def test_a_new_policy_moves_open_clocks_and_leaves_finished_ones_their_verdict() -> None:
    old, new = RESPONSES, policy(target=Target(length=timedelta(minutes=30)))
    change = at("09-24 00:00")
    said = [customer("09-23 09:00"), us("09-23 10:00"), customer("09-23 16:00")]

    def version(when: datetime | None) -> Policy:
        return new if when is None or when >= change else old

    first, second = (
        clock
        for clock in evaluate(said, [], policy=version, now=LATER)
        if clock.kind in (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE)
    )
    assert first.state is ClockState.MET
    assert second.due_at == at("09-23 16:30")


def test_calendar_time_runs_around_the_clock() -> None:
    around = Target(length=timedelta(hours=24), business=False)
    clock = only(
        evaluate([customer("09-25 16:30")], [], policy=policy(ClockKind.FIRST_RESPONSE,
                 target=around), now=at("09-25 17:00"))
    )  # fmt: skip
    assert clock.due_at == at("09-26 16:30")


@pytest.mark.parametrize("wrong", [datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_message_from_a_wrong_clock_stops_nothing(wrong: datetime) -> None:
    assert evaluate([Said(wrong, Who.CUSTOMER)], [], policy=policy(), now=LATER) == []


# Properties

BEGIN = datetime(2026, 3, 20, tzinfo=UTC)
MOMENTS = st.integers(0, 30 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
LOGS = st.lists(st.builds(Said, MOMENTS, st.sampled_from(Who)), max_size=12)
HISTORIES = st.lists(
    st.builds(Moved, MOMENTS, st.sampled_from(Status)), max_size=6, unique_by=lambda one: one.at
)
AFTER = BEGIN + timedelta(days=31)


@given(said=LOGS, stood=HISTORIES, waits=st.timedeltas(timedelta(), timedelta(days=90)))
def test_looking_later_never_moves_a_deadline(
    said: list[Said], stood: list[Moved], waits: timedelta
) -> None:
    soon = evaluate(said, stood, policy=policy(), now=AFTER)
    late = evaluate(said, stood, policy=policy(), now=AFTER + waits)
    assert [(one.kind, one.started_at, one.due_at, one.warn_at) for one in soon] == [
        (one.kind, one.started_at, one.due_at, one.warn_at) for one in late
    ]
    for one, two in zip(soon, late, strict=True):
        if not one.is_open:
            assert one.state is two.state


@given(said=LOGS, stood=HISTORIES, seed=st.integers())
def test_the_order_in_which_things_arrive_does_not_matter(
    said: list[Said], stood: list[Moved], seed: int
) -> None:
    shuffled, moves = list(said), list(stood)
    random.Random(seed).shuffle(shuffled)
    random.Random(seed).shuffle(moves)
    expected = evaluate(said, stood, policy=policy(), now=AFTER)
    assert evaluate(shuffled, moves, policy=policy(), now=AFTER) == expected


@given(
    start=MOMENTS,
    snoozes=st.lists(st.tuples(MOMENTS, st.integers(1, 3000)), min_size=1, max_size=4),
)
def test_a_pause_never_makes_a_deadline_earlier(
    start: datetime, snoozes: list[tuple[datetime, int]]
) -> None:
    stood = []
    for begin, minutes in snoozes:
        stood.append(Moved(begin, Status.SNOOZED))
        stood.append(Moved(begin + timedelta(minutes=minutes), Status.OPEN))
    plain = only(evaluate([Said(start, Who.CUSTOMER)], [], policy=RESOLUTION, now=AFTER))
    paused = only(evaluate([Said(start, Who.CUSTOMER)], stood, policy=RESOLUTION, now=AFTER))
    assert plain.due_at is not None
    assert paused.due_at is None or paused.due_at >= plain.due_at


@given(said=LOGS, stood=HISTORIES)
def test_exactly_the_target_is_counted_until_a_deadline(
    said: list[Said], stood: list[Moved]
) -> None:
    for clock in evaluate(said, stood, policy=policy(), now=AFTER):
        if clock.due_at is not None and (clock.stopped_at or AFTER) >= clock.due_at:
            spans = clock.counted(AFTER)
            until_due = [
                min(span.end, clock.due_at) - span.start
                for span in spans
                if span.start < clock.due_at
            ]
            assert sum(until_due, timedelta()) == clock.target.length


@given(said=LOGS, stood=HISTORIES)
def test_at_most_one_response_is_owed_at_a_time(said: list[Said], stood: list[Moved]) -> None:
    clocks = evaluate(said, stood, policy=RESPONSES, now=AFTER)
    ends = [one.stopped_at or AFTER for one in clocks]
    starts = [one.started_at for one in clocks[1:]]
    assert all(end <= start for end, start in zip(ends, starts, strict=False))
    assert sum(one.kind is ClockKind.FIRST_RESPONSE for one in clocks) <= 1


# What a policy says


def test_automatic_answers_count_only_where_a_policy_says_so() -> None:
    said = [customer("09-23 09:00"), us("09-23 10:00")._replace(automatic=True)]
    assert only(evaluate(said, [], policy=RESPONSES, now=LATER)).state is ClockState.BREACHED
    counting = policy(ClockKind.FIRST_RESPONSE, automation_counts=True)
    assert only(evaluate(said, [], policy=counting, now=LATER)).state is ClockState.MET


def test_warnings_come_at_shares_of_the_time_and_before_it_is_over() -> None:
    warnings = (Threshold(before=timedelta(minutes=30)), Threshold(percent=50))
    early = (*warnings, Threshold(before=timedelta(hours=3)))
    promised = policy(ClockKind.FIRST_RESPONSE, warnings=early)
    clock = only(evaluate([customer("09-25 16:00")], [], policy=promised, now=at("09-25 16:00")))
    assert [moment for moment, _ in clock.warnings] == [at("09-25 17:00"), at("09-28 09:30")]
    assert clock.warn_at == at("09-28 09:30")
    assert clock.due_at == at("09-28 10:00")


def test_within_which_days_it_is_the_same_matter_is_the_policys() -> None:
    said = [customer("09-01 09:00"), us("09-01 09:30"), customer("09-03 09:00")]
    stood = [moved("09-01 09:30", Status.CLOSED), moved("09-03 09:00", Status.OPEN)]
    short = policy(ClockKind.RESOLUTION, reopens_within=timedelta(days=1))
    clocks = evaluate(said, stood, policy=short, now=LATER)
    assert [one.started_at for one in clocks] == [at("09-01 09:00"), at("09-03 09:00")]


def test_a_target_beyond_a_lifetime_is_no_promise_and_no_failure() -> None:
    far = Target(length=timedelta(days=200_000))
    both = policy(ClockKind.FIRST_RESPONSE, target=far)
    assert evaluate([customer("09-23 09:00")], [], policy=both, now=LATER) == []


@given(said=LOGS, stood=HISTORIES, which=st.sets(st.sampled_from(sorted(PAUSING))))
def test_more_pauses_never_make_a_deadline_earlier(
    said: list[Said], stood: list[Moved], which: set[Standing]
) -> None:
    some = policy(ClockKind.RESOLUTION, pauses=frozenset(which))
    every = policy(ClockKind.RESOLUTION)
    due = {one.started_at: one.due_at for one in evaluate(said, stood, policy=some, now=AFTER)}
    for clock in evaluate(said, stood, policy=every, now=AFTER):
        before = due[clock.started_at]
        assert clock.due_at is None or (before is not None and clock.due_at >= before)
