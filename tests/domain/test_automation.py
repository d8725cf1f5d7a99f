"""The caps on what is sent without a person (rule D3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.automation import (
    PER_ADDRESS,
    PER_CONVERSATION,
    TOGETHER,
    Refusal,
    Sent,
    over_a_cap,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _sent(ago: timedelta, *, address: str = "a@x", conversation: int = 1) -> Sent:
    return Sent(at=NOW - ago, address=address, conversation=conversation)


def _refused(sent: list[Sent]) -> Refusal | None:
    return over_a_cap(sent, address="a@x", conversation=1, now=NOW)


def test_nobody_is_answered_twice_in_one_conversation_d3() -> None:
    assert _refused([_sent(timedelta(days=900))]) is Refusal.ANSWERED_BEFORE
    assert _refused([_sent(timedelta(days=1), address="b@x")]) is None


@pytest.mark.parametrize(("span", "most"), PER_ADDRESS)
def test_one_address_gets_so_many_and_no_more_d3(span: timedelta, most: int) -> None:
    step = (span - timedelta(minutes=1)) / most
    sent = [_sent(step * number, conversation=10 + number) for number in range(1, most + 1)]
    assert _refused(sent) is Refusal.TOO_MANY_TO_ADDRESS
    assert _refused([_sent(span, conversation=9)] * most) is None


@pytest.mark.parametrize(("span", "most"), PER_CONVERSATION)
def test_one_conversation_gets_so_many_and_no_more_d3(span: timedelta, most: int) -> None:
    step = (span - timedelta(minutes=1)) / most
    sent = [_sent(step * number, address=f"{number}@x") for number in range(1, most + 1)]
    assert _refused(sent) is Refusal.TOO_MANY_IN_CONVERSATION


def test_too_many_in_all_stop_everything_d3() -> None:
    span, most = TOGETHER
    sent = [
        _sent(span / 2, address=f"{number}@x", conversation=number + 2) for number in range(most)
    ]
    assert _refused(sent) is Refusal.TOO_MANY
    assert _refused(sent[1:]) is None


@given(
    st.lists(
        st.builds(
            Sent,
            at=st.integers(0, 12_000).map(lambda minutes: NOW - timedelta(minutes=minutes)),
            address=st.sampled_from(["a@x", "b@x"]),
            conversation=st.integers(1, 3),
        )
    )
)
def test_what_was_sent_more_never_allows_more(sent: list[Sent]) -> None:
    if _refused(sent[1:]) is not None:
        assert _refused(sent) is not None
