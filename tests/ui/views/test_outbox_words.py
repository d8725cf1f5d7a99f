"""What is said of a message on its way: why it waits, until when, and what can be done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.ui.views import outbox_words as words
from tests.support.builders import NOON
from tests.ui.views.sample import message

OUT: dict[str, Any] = {"direction": Direction.OUT, "author_name": "Ada"}
REFUSED = {"address": "x@y.example", "code": 550, "text": "no"}


def row(**more: Any) -> OutboxRow:
    values: dict[str, Any] = {
        "message_id": 1,
        "conversation_id": 1,
        "account_id": 1,
        "customer_name": "Mina",
        "subject": "A question",
        "state": "queued",
        "not_before": NOON - timedelta(minutes=1),
        "next_at": NOON - timedelta(minutes=1),
        "attempts": 0,
        "queued_at": NOON - timedelta(minutes=1),
        "error_code": "",
        "error_text": "",
        "client_ref": "a@b",
        "recipients": None,
        "tried_since": None,
        "look_at": None,
        "looks": 0,
        "looked_at": None,
        "look_error": "",
        "account_state": "online",
        "account_enabled": True,
    }
    return OutboxRow(**{**values, **more})


def told(**more: Any) -> words.DeliveryWords:
    return words.waiting(row(**more), now=NOON)


def names(state: words.DeliveryWords) -> list[str]:
    return [action for action, _ in state.actions]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(8.4, "Sending in 9 s"), (1, "Sending in 1 s"), (-1, "Waiting to be sent")],
)
def test_a_held_message_counts_down(seconds: float, text: str) -> None:
    held = message(1, **OUT, delivery=Delivery.QUEUED, not_before=NOON + timedelta(seconds=seconds))
    state = words.delivery(held, now=NOON)
    assert state is not None
    assert state.text == text
    assert bool(state.actions) == (seconds > 0)


def test_a_message_sent_later_says_when() -> None:
    later = message(1, **OUT, delivery=Delivery.QUEUED, not_before=NOON + timedelta(days=2))
    state = words.delivery(later, now=NOON)
    assert state is not None
    assert state.text.startswith("Goes out")


def test_a_failure_is_told_in_our_words_and_in_the_servers() -> None:
    failed = message(
        1,
        **OUT,
        delivery=Delivery.FAILED,
        delivery_detail={"code": "recipient", "text": "550 5.1.1 User unknown"},
    )
    state = words.delivery(failed, now=NOON)
    assert state is not None
    ours, theirs = state.detail.splitlines()
    assert "recipient" in ours
    assert theirs == "550 5.1.1 User unknown"
    assert [action for action, _ in state.actions] == ["retry", "edit"]


def test_an_uncertain_message_can_be_looked_for_and_sent_again() -> None:
    state = words.delivery(message(1, **OUT, delivery=Delivery.UNCERTAIN), now=NOON)
    assert state is not None
    assert [action for action, _ in state.actions] == ["check", "again"]


def test_each_refused_recipient_is_named_although_the_message_was_sent() -> None:
    sent = message(
        1,
        **OUT,
        delivery=Delivery.SENT,
        delivery_detail={"refused": [{"address": "x@y.example", "code": 550, "text": "no"}]},
    )
    assert words.delivery_detail(sent) == "x@y.example was refused: 550 no"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"account_state": "needs_sign_in"}, "sign in"),
        ({"account_enabled": False}, "paused"),
        ({"account_state": "waiting"}, "not connected"),
        ({"error_code": "network", "error_text": "timed out"}, "timed out"),
    ],
)
def test_what_waits_says_why_and_can_be_edited(more: dict[str, Any], why: str) -> None:
    state = told(**more)
    assert state.text == "Waiting to be sent"
    assert why in state.detail
    assert names(state) == ["retry", "edit"]


def test_what_waits_for_another_try_says_until_when() -> None:
    state = told(error_code="server", error_text="451 later", next_at=NOON + timedelta(minutes=2))
    assert state.detail.splitlines()[-1].startswith("Next try at")


def test_what_is_about_to_leave_needs_no_reason() -> None:
    assert told() == words.DeliveryWords(text="Waiting to be sent", icon="clock")


def test_an_unknown_one_says_that_it_was_looked_for_in_vain() -> None:
    looked = told(state="uncertain", error_code="uncertain", looked_at=NOON)
    assert "Looked for at" in looked.detail
    failed = told(state="uncertain", looked_at=NOON, look_error="network")
    assert "could not be looked for" in failed.detail
    assert names(failed) == ["check", "again"]


def test_what_looking_has_found_is_said_once_it_is_over() -> None:
    before = NOON - timedelta(hours=1)
    assert words.found(row(state="uncertain", looked_at=before), before=before) == ""
    assert "not among" in words.found(row(state="uncertain", looked_at=NOON), before=before)
    unreached = row(state="uncertain", looked_at=NOON, look_error="network")
    assert "could not" in words.found(unreached, before=None)
    assert "delivered" in words.found(None, before=before)


@pytest.mark.parametrize("code", ["customer-wrote", "overdue"])
def test_what_was_held_back_can_be_let_go(code: str) -> None:
    state = told(state="failed", error_code=code)
    assert (state.text, names(state)) == ("Held back", ["retry", "edit"])
    assert state.detail


@pytest.mark.parametrize(
    ("waits", "actions"),
    [
        ("queued", ["retry", "let_go"]),
        ("failed", ["retry", "let_go"]),
        ("uncertain", ["again", "let_go"]),
        ("sending", []),
    ],
)
def test_what_some_have_can_only_be_sent_to_the_others(waits: str, actions: list[str]) -> None:
    assert names(told(state=waits, recipients=("x@y.example",))) == actions
    detail = {
        **words.detail_of(row(state=waits, recipients=("x@y.example",))),
        "refused": [REFUSED],
    }
    state = words.delivery(
        message(1, **OUT, delivery=Delivery.SENT, delivery_detail=detail), now=NOON
    )
    assert state is not None
    assert names(state) == actions
    assert "x@y.example" in state.detail


@pytest.mark.parametrize(("seconds", "late"), [(600, "10 min"), (10_800, "3 h"), (864_000, "10 d")])
def test_what_left_late_says_how_late(seconds: int, late: str) -> None:
    detail = {"late_seconds": seconds}
    state = words.delivery(
        message(1, **OUT, delivery=Delivery.SENT, delivery_detail=detail), now=NOON
    )
    assert state is not None
    assert state.text == f"Sent, {late} late"
