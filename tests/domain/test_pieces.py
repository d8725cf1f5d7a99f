"""What a message holds besides text and files comes back as it was kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain import pieces
from desktop_inbox.domain.pieces import (
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

_WORDS = st.text(max_size=20)
_DEGREES = st.floats(-180, 180)
_MANY = st.lists(_WORDS, max_size=3).map(tuple)
PIECES: st.SearchStrategy[Piece] = st.one_of(
    st.builds(Spot, latitude=_DEGREES, longitude=_DEGREES, title=_WORDS, address=_WORDS),
    st.builds(Card, name=_WORDS, phones=_MANY, emails=_MANY),
    st.builds(Sticker, emoji=_WORDS),
    st.builds(Button, text=_WORDS, url=_WORDS),
    st.builds(Pressed, text=_WORDS),
    st.builds(Call, outcome=st.sampled_from(CallOutcome), seconds=st.integers(0, 10**6)),
    st.builds(Shared, title=_WORDS, url=_WORDS, kind=_WORDS),
    st.builds(Unknown, kind=_WORDS),
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
)


@given(st.lists(PIECES, max_size=5).map(tuple))
def test_pieces_come_back_as_they_were_kept(some: tuple[Piece, ...]) -> None:
    kept = json.loads(json.dumps(pieces.to_json(some)))

    assert pieces.from_json(kept) == some


def test_what_a_newer_program_kept_is_shown_as_unknown() -> None:
    assert pieces.from_json([{"type": "hologram", "metres": 3}]) == (Unknown(kind="hologram"),)
    assert pieces.from_json([{"type": "sticker", "emoji": "x", "new": 1}]) == (Sticker(emoji="x"),)
    assert pieces.from_json([{"type": "call", "outcome": "beamed"}]) == (Unknown(kind="call"),)


@given(st.sampled_from(["spot", "card", "call", "odd"]), st.dictionaries(_WORDS, _JSON, max_size=4))
def test_whatever_was_kept_is_read(name: str, rest: dict[str, object]) -> None:
    assert len(pieces.from_json([{**rest, "type": name}])) == 1


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ([("v-4711.ogg", "audio/ogg", True)], "🎤"),
        ([("a.jpg", "image/jpeg", True), ("b.jpg", "image/jpeg", True)], "📷"),
        ([("offer.pdf", "application/pdf", False)], "offer.pdf"),
        ([("song.mp3", "audio/mpeg", False), ("", "audio/mpeg", False)], "song.mp3"),
        ([("clip.mp4", "video/mp4", True), ("list.csv", "text/csv", True)], "🎬, list.csv"),
    ],
)
def test_what_is_shown_in_its_place_is_not_called_by_its_files_name(
    files: list[tuple[str, str, bool]], line: str
) -> None:
    told = [pieces.file_in_words(name, kind, inline=inline) for name, kind, inline in files]
    assert pieces.snippet_of("", (), told) == line
    assert pieces.snippet_of("See these", (), told) == "See these"
