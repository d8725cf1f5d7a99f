"""What a bubble says about its message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from desktop_inbox.domain.messages import Address, Direction
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views.message_text import Doubts
from tests.support.builders import MINA
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


def test_what_was_blocked_and_what_is_doubtful_is_said() -> None:
    assert words.blocked(3) == "3 remote images blocked"
    assert words.blocked(0) == ""
    assert words.troubles(message(1, warnings=("bad-date",))) == []
    assert words.doubts(Doubts(misleading=1, veiled=2, forms=True)) == [
        "1 link leads somewhere else than it says.",
        "2 links hide which site they lead to.",
        "A form was taken out: type no passwords into mail.",
    ]


@pytest.mark.parametrize(
    ("reply_to", "told"),
    [
        ("mina@orders.example", False),
        ("help@mail.orders.example", False),
        ("mina@orders-example.com", True),
        ("mina@orders.example.evil.com", True),
    ],
)
def test_answers_that_would_go_to_another_domain_are_told(reply_to: str, told: bool) -> None:
    row = message(1, reply_to=(Address(address=reply_to),))
    domain = reply_to.partition("@")[2]
    hint = f"Answers to this message go to {domain}, not to orders.example."
    assert (hint in words.troubles(row)) is told
    assert hint not in words.troubles(replace(row, direction=Direction.OUT))


def test_a_crowd_of_recipients_is_told_in_short() -> None:
    crowd = tuple(Address(name=f"P{n}", address=f"p{n}@b.example") for n in range(5))
    assert words.others(message(1, to=crowd)) == "to P0, P1 and 3 more"
    assert words.others(message(1, to=(MINA,))) == ""
