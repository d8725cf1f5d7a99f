"""Random conditions of saved views, of all fields, operators and shapes."""

from __future__ import annotations

from hypothesis import strategies as st

from desktop_inbox.domain.conditions import (
    FLAGS,
    ME,
    OPERATORS,
    Condition,
    Field,
    Group,
    Mode,
    Operator,
    Test,
)
from desktop_inbox.domain.states import Priority, Status

AGENTS = ("agent-1", "agent-2")
TAGS = ("tag-1", "tag-2")
CHANNELS = ("email", "telegram")
ACCOUNTS = ("account-1", "account-2")
LANGUAGES = ("en", "en-GB", "tr")
LENGTHS = ("1h", "90m", "2d", "1w")
DAYS = ("2026-09-21", "2026-09-23", "2026-09-30")
PHRASES = ("crack", "kırık tabak", "where is", "NOTHING")

_CHOICES: dict[Field, tuple[str, ...]] = {
    Field.STATUS: tuple(Status),
    Field.PRIORITY: tuple(Priority),
    Field.ASSIGNEE: (*AGENTS, ME, "nobody-known"),
    Field.TAG: (*TAGS, "unknown-tag"),
    Field.CHANNEL: (*CHANNELS, "pigeon"),
    Field.ACCOUNT: (*ACCOUNTS, "unknown-account"),
    Field.LANGUAGE: (*LANGUAGES, "de"),
    Field.SUBJECT: PHRASES,
    Field.WORDS: PHRASES,
}


def _values(field: Field, operator: Operator) -> tuple[str, ...]:
    if field in FLAGS or operator in (Operator.SET, Operator.NOT_SET):
        return ("",)
    if operator in (Operator.LESS_THAN, Operator.MORE_THAN):
        return LENGTHS
    if operator in (Operator.SINCE, Operator.BEFORE):
        return DAYS
    return _CHOICES[field]


EVERY_TEST = tuple(
    Test(field=field, operator=operator, value=str(value))
    for field, operators in OPERATORS.items()
    for operator in operators
    for value in _values(field, operator)
)
tests = st.integers(0, len(EVERY_TEST) - 1).map(EVERY_TEST.__getitem__)


def _grown(members: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.builds(
        Group, mode=st.sampled_from(Mode), members=st.lists(members, max_size=3).map(tuple)
    )


conditions: st.SearchStrategy[Condition] = st.recursive(tests, _grown, max_leaves=8).filter(
    lambda condition: _depth(condition) < 6
)
groups = st.builds(
    Group, mode=st.sampled_from(Mode), members=st.lists(conditions, max_size=3).map(tuple)
)


def _depth(condition: Condition) -> int:
    if isinstance(condition, Test):
        return 0
    return 1 + max((_depth(member) for member in condition.members), default=0)
