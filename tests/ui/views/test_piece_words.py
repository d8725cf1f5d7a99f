"""What a message holds besides text says what it is, in words of a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from desktop_inbox.domain.pieces import (
    SEALED,
    Button,
    Call,
    CallOutcome,
    Card,
    Piece,
    Pressed,
    Shared,
    Spot,
    Sticker,
    Unknown,
)
from desktop_inbox.domain.states import Direction
from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.ui.views import piece_words
from desktop_inbox.ui.views.piece_words import PieceLine
from tests.ui.views.sample import message

FILE = AttachmentRow(
    id=1,
    message_id=1,
    name="a.pdf",
    safe_name="a.pdf",
    media_type="application/pdf",
    size=9,
    state="server",
    section="",
    sha256="",
    content_id="",
    inline=False,
)


def line(piece: Piece, **changed: Any) -> PieceLine:
    (found,) = piece_words.lines(message(1, text="", pieces=(piece,), **changed))
    return found


def test_a_message_without_its_key_says_so() -> None:
    sealed = line(Unknown(kind=SEALED))
    assert (sealed.icon, sealed.title) == ("lock", "This message is encrypted")


@pytest.mark.parametrize(
    ("outcome", "ours", "words"),
    [
        (CallOutcome.MISSED, False, "Missed call"),
        (CallOutcome.MISSED, True, "You called, nobody answered"),
        (CallOutcome.ANSWERED, False, "Call, answered"),
        (CallOutcome.ANSWERED, True, "You called"),
        (CallOutcome.VOICEMAIL, False, "Voicemail"),
        (CallOutcome.VOICEMAIL, True, "You left a voicemail"),
        (CallOutcome.WALK_IN, False, "Visit"),
    ],
)
def test_calls_say_what_became_of_them(outcome: CallOutcome, ours: bool, words: str) -> None:
    direction = Direction.OUT if ours else Direction.IN
    told = line(Call(outcome=outcome, seconds=95), direction=direction)
    reached = outcome is not CallOutcome.MISSED
    assert (told.title, told.detail) == (words, "1:35" if reached else "")


def test_a_place_without_a_name_is_its_coordinates() -> None:
    told = line(Spot(latitude=-1.5, longitude=2))
    assert (told.title, told.detail) == ("Location", "-1.50000, 2.00000")


def test_a_contact_without_numbers_cannot_be_added() -> None:
    assert [action for action, _ in line(Card(name="Bo")).actions] == ["copy"]


def test_what_was_shared_is_called_what_the_service_calls_it() -> None:
    assert line(Shared(kind="story", url="https://a.example/1")).title == "A story"
    assert line(Shared(kind="reel")).title == "Shared"
    assert line(Shared(kind="reel")).actions == ()


def test_the_source_is_offered_where_there_is_one() -> None:
    assert line(Unknown(kind="poll")).actions == ()
    assert line(Unknown(kind="poll"), raw_sha256="ab").actions[0][0] == "source"


def test_a_sticker_is_its_picture() -> None:
    assert piece_words.lines(message(1, text="", pieces=(Sticker(emoji="x"),))) == []


@pytest.mark.parametrize(
    "piece",
    [
        Card(name="a\u202eb", phones=("1\u202e2",)),
        Spot(latitude=0, longitude=0, title="a\u202eb", address="c\u202ed"),
        Button(text="a\u202eb", url="https://x.example/\u202e"),
        Button(text="a\u202eb"),
        Pressed(text="a\u202eb"),
        Unknown(kind="a\u202eb"),
    ],
)
def test_nothing_that_a_stranger_named_turns_the_direction_around(piece: Piece) -> None:
    told = line(piece)
    assert "\u202e" not in told.title + told.detail


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("", "loading…"),
        ("gone", "no longer available"),
        ("too-large", "large: press to load"),
        ("unreachable", "failed: try again"),
    ],
)
def test_a_file_that_is_not_here_says_why(problem: str, words: str) -> None:
    assert piece_words.media_state(replace(FILE, problem=problem)) == words
    assert piece_words.media_state(replace(FILE, problem=problem, state="file")) == ""


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0:00"), (32, "0:32"), (3725, "1:02:05")])
def test_a_length_reads_as_players_write_it(seconds: float, words: str) -> None:
    assert piece_words.play_length(seconds) == words
