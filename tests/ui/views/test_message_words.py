"""What a bubble says about its message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.states import Direction
from desktop_inbox.mime import bodies, parse
from desktop_inbox.store import places
from desktop_inbox.sync import linking, senders
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views.message_text import Doubts
from desktop_inbox.ui.views.offers import Offer
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


FOUND = [
    parse.SEVERAL_FROM, parse.SENDER_UNREADABLE, parse.NAME_LOOKS_LIKE_ADDRESS,
    parse.MIXED_SCRIPTS, bodies.UNKNOWN_CHARSET, parse.TOO_LARGE, bodies.TEXT_CUT, bodies.SHOWN_RAW,
    senders.OWN_ADDRESS_FORGED, senders.SENDER_NOT_PROVEN, senders.NAME_IS_OURS,
    senders.NAME_OF_CUSTOMER, senders.NAME_MIXES_SCRIPTS, linking.NEW_PARTICIPANT,
    linking.LOOKS_LIKE_PARTICIPANT, places.DELETED_ELSEWHERE,
]  # fmt: skip


@pytest.mark.parametrize("code", FOUND)
def test_whatever_is_found_out_about_a_message_is_said_in_one_sentence(code: str) -> None:
    (told,) = words.troubles(message(1, warnings=(code,)))
    assert told.endswith(".")


def test_a_new_subject_is_said_once_with_what_can_be_done() -> None:
    row = message(1, warnings=(linking.NEW_TOPIC,))
    assert words.troubles(row) == []
    (offer,) = words.offers(row, now=NOON)
    assert [action for action, _ in offer.actions] == [words.SPLIT]


def test_an_absence_names_its_day_and_can_be_waited_for_until_it_has_come() -> None:
    away = message(1, report={"absent_until": "2026-10-03"})
    (offer,) = words.offers(away, now=datetime(2026, 9, 21, 12, tzinfo=UTC))
    assert offer.text == "Out of office until 3 October"
    assert offer.actions == ((words.SNOOZE_ABSENCE, "Snooze until then"),)
    (past,) = words.offers(away, now=datetime(2027, 1, 2, 12, tzinfo=UTC))
    assert past == Offer(text="Out of office until 3 October 2026")


def test_a_crowd_of_recipients_is_told_in_short() -> None:
    crowd = tuple(Address(name=f"P{n}", address=f"p{n}@b.example") for n in range(5))
    assert words.others(message(1, to=crowd)) == "to P0, P1 and 3 more"
    assert words.others(message(1, to=(MINA,))) == ""


def test_what_a_chat_brought_is_told_in_its_own_words() -> None:
    unread = words.troubles(message(1, channel="talk", unreadable="no sender"))
    assert unread == [
        "This message could not be read (no sender). View its source to see how it came."
    ]
    assert words.troubles(message(1, channel="talk", repeats=12)) == [
        "It came 12 times; it is shown once."
    ]


def test_what_was_taken_back_says_when_and_by_whom() -> None:
    at = NOON + timedelta(minutes=3)
    (theirs,) = words.troubles(message(1, withdrawn_at=at))
    (ours,) = words.troubles(message(1, withdrawn_at=at, direction=Direction.OUT))
    assert theirs.startswith("The sender took this back (")
    assert ours.startswith("Taken back (")


def test_only_what_travelled_in_a_messaging_channel_is_of_a_chat() -> None:
    assert words.in_chat(message(1, channel="telegram"))
    assert not words.in_chat(message(1))
    assert not words.in_chat(message(1, channel="telegram", direction=Direction.NOTE))
