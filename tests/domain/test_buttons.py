"""Buttons under a message: kept in a draft, and told in lines where a channel has none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain import buttons
from desktop_inbox.domain.pieces import Button, Spot, to_json

WORDS = st.text(min_size=1, max_size=30)


@given(st.lists(WORDS, max_size=12))
def test_what_a_draft_offers_comes_back_from_its_form(labels: list[str]) -> None:
    assert buttons.of_form(buttons.in_form(labels)) == tuple(labels)


def test_only_what_is_answered_by_pressing_counts() -> None:
    pieces = (Button(text="Yes"), Button(text="Shop", url="https://a.example"))
    assert buttons.on((*pieces, Spot(latitude=1.0, longitude=2.0))) == (Button(text="Yes"),)
    assert buttons.of_form({"pieces": to_json(pieces)}) == ("Yes",)
    assert buttons.of_form(None) == buttons.of_form({"pieces": "x"}) == ()


def test_in_words_they_are_lines_with_numbers_below_the_text() -> None:
    assert buttons.told("Which one? ", ["Small", "Large"]) == "Which one?\n\n1. Small\n2. Large"
    assert buttons.told("", ["Yes"]) == "1. Yes"
    assert buttons.told("Nothing offered ", []) == "Nothing offered "


def test_a_channel_says_what_it_takes() -> None:
    known = {"max_buttons": 13, "max_button_text": 20}
    assert buttons.room(known, drawn=True) == buttons.Room(most=13, longest=20)
    assert not buttons.room(known, drawn=False).drawn


@given(st.text(max_size=40))
def test_what_stands_on_one_is_one_line(typed: str) -> None:
    label = buttons.worded(typed)
    assert len(label.splitlines()) <= 1
    assert label == label.strip()
    assert buttons.worded("a\u202eb\n c") == "ab c"
