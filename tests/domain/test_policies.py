"""Which policy is meant for a conversation, and what cannot be promised (rules B8, B11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desktop_inbox.domain.business_hours import calendar
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.policies import (
    NO_POLICY,
    ClockKind,
    Conditions,
    Policy,
    Subject,
    Target,
    Terms,
    Threshold,
    check,
    choose,
    read_thresholds,
)

HOURS = calendar("Europe/Berlin", [[(540, 1020)]] * 5 + [[], []])
HOUR = timedelta(hours=1)
NOW = datetime(2026, 9, 23, tzinfo=UTC)
TERMS = Terms(name="Gold", targets={ClockKind.FIRST_RESPONSE: Target(length=HOUR)})


def policy(uid: str, **wanted: object) -> Policy:
    conditions = Conditions(**wanted)  # type: ignore[arg-type]
    return Policy(uid=uid, calendar=HOURS, terms=replace(TERMS, conditions=conditions))


REST = policy("rest")


@pytest.mark.parametrize(
    ("wanted", "meant", "other"),
    [
        ({"channels": {"email"}}, Subject(channel="email"), Subject(channel="sms")),
        ({"accounts": {"a", "b"}}, Subject(account="b"), Subject(account="c")),
        ({"priorities": {"urgent"}}, Subject(priority="urgent"), Subject()),
        ({"tags": {"x", "y"}}, Subject(tags=frozenset({"y", "z"})), Subject(tags=frozenset("z"))),
        ({"vip": True}, Subject(vip=True), Subject()),
        ({"fields": {"f": {"Gold"}}}, Subject(fields={"f": "gold"}), Subject(fields={"g": "Gold"})),
    ],
)
def test_a_condition_holds_for_whom_it_names_and_for_nobody_else(
    wanted: dict[str, object], meant: Subject, other: Subject
) -> None:
    special = policy("special", **wanted)
    assert choose([special, REST], meant) is special
    assert choose([special, REST], other) is REST
    assert choose([special], other) is None


def test_all_conditions_have_to_hold() -> None:
    both = policy("both", vip=True, channels={"email"})
    assert choose([both], Subject(vip=True, channel="email")) is both
    assert choose([both], Subject(vip=True, channel="sms")) is None


def test_the_first_that_is_meant_is_taken() -> None:
    vip, mail = policy("vip", vip=True), policy("mail", channels={"email"})
    subject = Subject(vip=True, channel="email")
    assert choose([vip, mail, REST], subject) is vip
    assert choose([mail, vip, REST], subject) is mail


def test_what_is_pinned_by_hand_goes_before_all_conditions() -> None:
    vip = policy("vip", vip=True)
    assert choose([vip, REST], Subject(vip=True, pinned="rest")) is REST
    assert choose([vip, REST], Subject(vip=True, pinned=NO_POLICY)) is None
    assert choose([vip, REST], Subject(vip=True, pinned="removed")) is vip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "  "}, "policy-unnamed"),
        ({"name": "x" * 101}, "policy-unnamed"),
        ({"targets": {}}, "policy-empty"),
        ({"targets": {ClockKind.RESOLUTION: Target(length=timedelta())}}, "target-invalid"),
        ({"targets": {ClockKind.RESOLUTION: Target(length=HOUR * 10**6)}}, "target-invalid"),
        ({"warnings": (Threshold(percent=100),)}, "warning-invalid"),
        ({"warnings": (Threshold(percent=0),)}, "warning-invalid"),
        ({"warnings": (Threshold(before=timedelta()),)}, "warning-invalid"),
        ({"warnings": (Threshold(percent=50),) * 11}, "warning-invalid"),
        ({"reopens_within": timedelta(days=-1)}, "reopen-invalid"),
    ],
)
def test_what_cannot_be_kept_is_refused(changed: dict[str, object], code: str) -> None:
    check(TERMS, HOURS, now=NOW)
    with pytest.raises(UserError) as refused:
        check(replace(TERMS, **changed), HOURS, now=NOW)  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("80 %, 50%", (Threshold(percent=50), Threshold(percent=80))),
        ("%50; 30 dk", (Threshold(percent=50), Threshold(before=HOUR / 2))),
        ("30, 2 h, 1 saat, 30 min", tuple(Threshold(before=HOUR * n) for n in (2, 1, 0.5))),
        ("", ()),
    ],
)
def test_warnings_are_read_as_people_write_them(written: str, found: tuple[Threshold, ...]) -> None:
    assert read_thresholds(written) == found


@pytest.mark.parametrize("written", ["soon", "0 %", "100 %", "0 min", "5 weeks", "50 % 80 %"])
def test_what_is_no_warning_is_refused(written: str) -> None:
    with pytest.raises(UserError) as refused:
        read_thresholds(written)
    assert refused.value.code == "warning-invalid"
