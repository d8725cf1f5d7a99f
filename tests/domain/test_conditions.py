"""The tree of a saved view: three values, what it refuses, and that nothing is lost in writing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from desktop_inbox.domain import conditions
from desktop_inbox.domain.conditions import (
    DEEPEST,
    ME,
    MOST_TESTS,
    Facts,
    Field,
    Group,
    Mode,
    Operator,
    Test,
    Viewer,
    from_json,
    holds,
    matches,
    to_json,
)
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.states import Priority, Status
from tests.support.conditions import groups

NOW = datetime(2026, 9, 23, 12, 0, tzinfo=UTC)
VIEWER = Viewer(now=NOW, agent="me-uid")
PLAIN = Facts(
    status=Status.OPEN,
    priority=Priority.NORMAL,
    created=NOW - timedelta(days=3),
    activity=NOW - timedelta(hours=1),
)


def ask(field: Field, operator: Operator, value: str = "") -> Test:
    return Test(field=field, operator=operator, value=value)


def group(mode: Mode, *members: conditions.Condition) -> Group:
    return Group(mode=mode, members=members)


UNASSIGNED_IS = ask(Field.ASSIGNEE, Operator.IS, "someone")
UNASSIGNED_IS_NOT = ask(Field.ASSIGNEE, Operator.IS_NOT, "someone")


def test_what_is_unset_is_neither_something_nor_not_that() -> None:
    """Rule G2."""
    assert holds(UNASSIGNED_IS, PLAIN, VIEWER) is None
    assert holds(UNASSIGNED_IS_NOT, PLAIN, VIEWER) is None
    assert holds(group(Mode.NONE, UNASSIGNED_IS), PLAIN, VIEWER) is None
    assert not matches(group(Mode.ALL, UNASSIGNED_IS_NOT), PLAIN, VIEWER)
    assert matches(group(Mode.ALL, ask(Field.ASSIGNEE, Operator.NOT_SET)), PLAIN, VIEWER)


def test_something_known_decides_where_something_else_is_unset() -> None:
    known = ask(Field.STATUS, Operator.IS, "open")
    assert holds(group(Mode.ANY, UNASSIGNED_IS, known), PLAIN, VIEWER) is True
    assert holds(group(Mode.NONE, UNASSIGNED_IS, known), PLAIN, VIEWER) is False
    assert holds(group(Mode.ALL, UNASSIGNED_IS, known), PLAIN, VIEWER) is None


@pytest.mark.parametrize("mode", Mode)
def test_an_empty_group_asks_for_nothing(mode: Mode) -> None:
    assert matches(group(mode), PLAIN, VIEWER)


def test_a_conversation_without_tags_is_not_tagged_so() -> None:
    """No tags is a set, and known: whoever asks for "not refund" wants these too."""
    assert matches(group(Mode.ALL, ask(Field.TAG, Operator.IS_NOT, "refund")), PLAIN, VIEWER)


@pytest.mark.parametrize(
    ("test", "changed", "expected"),
    [
        (ask(Field.PRIORITY, Operator.AT_LEAST, "high"), {"priority": Priority.URGENT}, True),
        (ask(Field.PRIORITY, Operator.AT_LEAST, "high"), {"priority": Priority.NORMAL}, False),
        (ask(Field.ASSIGNEE, Operator.IS, ME), {"assignee": "me-uid"}, True),
        (ask(Field.LANGUAGE, Operator.IS, "en"), {"language": "en-GB"}, True),
        (ask(Field.LANGUAGE, Operator.IS, "en"), {"language": "enm"}, False),
        (ask(Field.VIP, Operator.IS), {"vip": True}, True),
        (ask(Field.VIP, Operator.IS_NOT), {"vip": False}, True),
        (ask(Field.VIP, Operator.IS_NOT), {}, None),
        (
            ask(Field.WAITING, Operator.MORE_THAN, "4h"),
            {"waiting_since": NOW - timedelta(hours=5)},
            True,
        ),
        (
            ask(Field.WAITING, Operator.MORE_THAN, "4h"),
            {"waiting_since": NOW - timedelta(hours=4)},
            False,
        ),
        (ask(Field.DUE, Operator.LESS_THAN, "2h"), {"due_at": NOW + timedelta(hours=2)}, True),
        (ask(Field.DUE, Operator.LESS_THAN, "2h"), {"due_at": NOW - timedelta(days=2)}, True),
        (ask(Field.DUE, Operator.MORE_THAN, "2h"), {"due_at": NOW + timedelta(hours=3)}, True),
        (ask(Field.CREATED, Operator.LESS_THAN, "7d"), {}, True),
        (ask(Field.CREATED, Operator.MORE_THAN, "2d"), {}, True),
        (ask(Field.CREATED, Operator.SINCE, "2026-09-20"), {}, True),
        (ask(Field.CREATED, Operator.BEFORE, "2026-09-20"), {}, False),
        (ask(Field.SUBJECT, Operator.CONTAINS, "kirik TABAK"), {}, False),
        (
            ask(Field.SUBJECT, Operator.CONTAINS, "kirik TABAK"),
            {"texts": (("Kırık tabak geldi", ""),)},
            True,
        ),
        (
            ask(Field.WORDS, Operator.CONTAINS_NOT, "tabak kırık"),
            {"texts": (("", "kırık tabak"),)},
            True,
        ),
    ],
    ids=lambda value: f"{value.field} {value.operator}" if isinstance(value, Test) else None,
)
def test_each_question_is_answered_as_it_reads(
    test: Test, changed: dict[str, object], expected: bool | None
) -> None:
    assert holds(test, replace(PLAIN, **changed), VIEWER) is expected  # type: ignore[arg-type]


def test_a_day_begins_where_the_viewer_is() -> None:
    from zoneinfo import ZoneInfo

    here = replace(VIEWER, now=NOW.astimezone(ZoneInfo("Asia/Tokyo")))
    late = replace(PLAIN, created=datetime(2026, 9, 19, 16, 0, tzinfo=UTC))  # the 20th over there
    test = ask(Field.CREATED, Operator.SINCE, "2026-09-20")
    assert holds(test, late, VIEWER) is False
    assert holds(test, late, here) is True


def test_spam_and_trash_show_only_where_they_are_named() -> None:
    spam = replace(PLAIN, status=Status.SPAM)
    assert not matches(group(Mode.ALL, ask(Field.UNREAD, Operator.IS_NOT)), spam, VIEWER)
    assert matches(group(Mode.ALL, ask(Field.STATUS, Operator.IS, "spam")), spam, VIEWER)
    named_otherwise = group(Mode.ALL, ask(Field.STATUS, Operator.IS_NOT, "closed"))
    assert not matches(named_otherwise, spam, VIEWER)


@given(condition=groups)
def test_a_condition_survives_being_written(condition: Group) -> None:
    assert from_json(to_json(condition)) == condition


@pytest.mark.parametrize(
    "value",
    [
        None,
        17,
        "open",
        [],
        ["status"],
        ["mood", "is", "good"],
        ["status", "resembles", "open"],
        {"some": []},
        {"all": [], "any": []},
        {"all": {"any": []}},
        {"all": [["status", "is", "open"], None]},
        {"all": "status"},
    ],
)
def test_what_is_no_condition_is_refused_in_words(value: object) -> None:
    with pytest.raises(UserError) as refused:
        from_json(value)
    assert refused.value.code == "view-unreadable"


@pytest.mark.parametrize(
    "test",
    [
        ask(Field.STATUS, Operator.IS, "shut"),
        ask(Field.STATUS, Operator.CONTAINS, "open"),
        ask(Field.ASSIGNEE, Operator.IS),
        ask(Field.ASSIGNEE, Operator.SET, "someone"),
        ask(Field.VIP, Operator.IS, "yes"),
        ask(Field.WAITING, Operator.MORE_THAN, "0h"),
        ask(Field.WAITING, Operator.MORE_THAN, "4 hours"),
        ask(Field.CREATED, Operator.SINCE, "yesterday"),
        ask(Field.SUBJECT, Operator.CONTAINS, " … "),
    ],
    ids=lambda test: f"{test.field} {test.operator} {test.value}",
)
def test_a_question_without_a_fitting_value_is_refused(test: Test) -> None:
    with pytest.raises(UserError) as refused:
        conditions.checked(group(Mode.ALL, test))
    assert refused.value.code == "view-value"


def test_a_view_has_room_for_so_many_questions_and_groups_and_no_more() -> None:
    many = group(Mode.ALL, *[ask(Field.UNREAD, Operator.IS)] * (MOST_TESTS + 1))
    deep = group(Mode.ALL)
    for _level in range(DEEPEST):
        deep = group(Mode.NONE, deep)
    for condition in (many, deep):
        with pytest.raises(UserError) as refused:
            conditions.checked(condition)
        assert refused.value.code == "view-too-large"


def test_a_value_nested_without_end_is_refused_and_not_followed() -> None:
    value: object = ["unread", "is", ""]
    for _level in range(10_000):
        value = {"all": [value]}
    with pytest.raises(UserError):
        from_json(value)


@pytest.mark.parametrize(
    ("value", "turns"),
    [("30m", "12:35"), ("2h", "12:35"), ("7d", "13:00"), ("2w", "13:00")],
)
def test_a_view_with_a_length_of_time_turns_with_the_clock(value: str, turns: str) -> None:
    now = datetime(2026, 11, 22, 12, 34, 56, tzinfo=UTC)
    asked = Test(field=Field.ACTIVITY, operator=Operator.LESS_THAN, value=value)
    fixed = Test(field=Field.CREATED, operator=Operator.SINCE, value="2026-11-20")
    found = conditions.next_turn(Group(members=(fixed, Group(members=(asked,)))), now=now)
    assert found is not None
    assert f"{found:%H:%M:%S}" == f"{turns}:00"
    assert conditions.next_turn(fixed, now=now) is None


def test_the_last_hour_of_a_day_turns_at_midnight() -> None:
    now = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    asked = Test(field=Field.CREATED, operator=Operator.LESS_THAN, value="7d")
    assert conditions.next_turn(asked, now=now) == datetime(2026, 11, 23, tzinfo=UTC)
