"""Every example of rules B, and what others worked out, by the function that the window uses."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desktop_inbox.cli.sla_cases import schedule
from desktop_inbox.domain.business_hours import Calendar, calendar
from desktop_inbox.domain.policies import ClockKind, Policy, Target, Terms
from desktop_inbox.domain.service_levels import Clock, Moved, Said, Who, evaluate, foreseen
from desktop_inbox.domain.states import Status
from tests.support.corpora import corpus

BERLIN = "Europe/Berlin"
OFFICE = [[(540, 1020)]] * 5 + [[], []]
MF = calendar(BERLIN, OFFICE)
LUNCH = calendar(BERLIN, [[(480, 720), (810, 1080)]] * 7)
CHRISTMAS = calendar(BERLIN, OFFICE, exceptions={date(2026, 12, 25): []})
ALWAYS = calendar(BERLIN, [[(0, 1440)]] * 7)
NIGHT = calendar(BERLIN, [[(1320, 360)]] * 7)
EVENING = calendar(BERLIN, [[(1260, 120)]] * 7)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def policy(hours: Calendar, minutes: int, kind: ClockKind) -> Policy:
    target = Target(length=timedelta(minutes=minutes))
    return Policy(uid="p", calendar=hours, terms=Terms(name="P", targets={kind: target}))


@pytest.mark.parametrize(
    ("start", "minutes", "hours", "due"),
    [
        pytest.param("2026-09-25 16:30", 60, MF, "2026-09-28T07:30", id="1"),
        pytest.param("2026-09-23 07:00", 120, MF, "2026-09-23T09:00", id="2"),
        pytest.param("2026-09-23 09:00", 480, MF, "2026-09-23T15:00", id="4"),
        pytest.param("2026-09-23 11:30", 60, LUNCH, "2026-09-23T12:00", id="6"),
        pytest.param("2026-09-23 12:30", 30, LUNCH, "2026-09-23T12:00", id="7"),
        pytest.param("2026-12-24 16:00", 120, CHRISTMAS, "2026-12-28T09:00", id="8"),
        pytest.param("2026-03-28 23:00", 240, ALWAYS, "2026-03-29T02:00", id="9"),
        pytest.param("2026-03-28 22:00", 450, NIGHT, "2026-03-29T20:30", id="11"),
        pytest.param("2026-09-24 01:30", 60, EVENING, "2026-09-24T19:30", id="13"),
    ],
)
def test_the_deadlines_of_the_examples(start: str, minutes: int, hours: Calendar, due: str) -> None:
    promised = policy(hours, minutes, ClockKind.FIRST_RESPONSE)
    (clock,) = evaluate([Said(at(start), Who.CUSTOMER)], [], policy=promised, now=at(start))
    assert clock.due_at == datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert foreseen(promised, at(start)) == [clock]  # what the settings say of it


def paused(start: str, begins: str, ends: str = "") -> Clock:
    """Return the clock of a resolution within two hours, snoozed from then to then."""
    moved = [Moved(at(begins), Status.SNOOZED)]
    moved += [Moved(at(ends), Status.OPEN)] if ends else []
    promised = policy(MF, 120, ClockKind.RESOLUTION)
    now = at(ends or begins)
    (clock,) = evaluate([Said(at(start), Who.CUSTOMER)], moved, policy=promised, now=now)
    return clock


def test_the_pauses_of_the_examples() -> None:
    fourteen = paused("2026-09-23 09:30", "2026-09-23 10:00", "2026-09-23 14:00")
    assert fourteen.due_at == at("2026-09-23 15:30")
    fifteen = paused("2026-09-23 09:30", "2026-09-23 10:00")
    assert (fifteen.due_at, fifteen.left) == (None, timedelta(minutes=90))
    seventeen = paused("2026-09-23 16:00", "2026-09-23 17:30", "2026-09-24 08:30")
    assert seventeen.due_at == at("2026-09-24 10:00")


def test_what_an_independent_walker_found_is_what_a_conversation_is_judged_by() -> None:
    document = json.loads(corpus("sla_cases.json").read_text())
    hours = {name: schedule(facts) for name, facts in document["schedules"].items()}
    assert len(document["cases"]) > 200
    for case in document["cases"]:
        start, end, due = (datetime.fromisoformat(case[name]) for name in ("start", "end", "due"))
        promised = policy(hours[case["schedule"]], case["minutes"], ClockKind.FIRST_RESPONSE)
        answered = [Said(start, Who.CUSTOMER), Said(end, Who.US)]
        (clock,) = evaluate(answered, [], policy=promised, now=end)
        assert clock.due_at == due, case
        minutes = sum((span.length for span in clock.counted(end)), timedelta())
        assert minutes // timedelta(minutes=1) == case["elapsed_business_minutes"], case
