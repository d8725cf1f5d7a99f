"""What a bubble says about its message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from desktop_inbox.domain.messages import Address, Delivery, Direction
from desktop_inbox.ui.views import message_words as words
from tests.support.builders import MINA, NOON
from tests.ui.views.sample import message

OUT: dict[str, Any] = {"direction": Direction.OUT, "author_name": "Ada"}


def test_whoever_sits_here_is_called_you_and_a_colleague_by_name() -> None:
    assert words.author(message(1), me="") == "Mina Okafor"
    assert words.author(message(1, **OUT), me="") == "You"
    assert words.author(message(1, **OUT), me="Ada") == "You"
    assert words.author(message(1, **OUT), me="Selin") == "Ada"
    assert words.author(message(1, direction=Direction.NOTE, author_name="Ada"), me="Selin") == (
        "Note by Ada"
    )


def test_a_name_cannot_reorder_the_line_it_stands_in() -> None:
    assert "\u202e" not in words.author(message(1, author_name="Mina\u202egpj.exe"), me="")


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


def test_what_was_blocked_and_what_is_doubtful_is_said() -> None:
    row = message(1, warnings=("suspicious-links:1", "bad-date"))
    assert words.blocked(3) == "3 remote images blocked"
    assert words.blocked(0) == ""
    assert words.troubles(row) == ["1 link leads somewhere else than it says."]


def test_a_crowd_of_recipients_is_told_in_short() -> None:
    crowd = tuple(Address(name=f"P{n}", address=f"p{n}@b.example") for n in range(5))
    assert words.others(message(1, to=crowd)) == "to P0, P1 and 3 more"
    assert words.others(message(1, to=(MINA,))) == ""
