"""Long text in several messages: nothing lost, nothing too long, cut where a reader would."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.splitting import split_text, utf8_bytes, utf16_units

_TEXTS = st.text(st.sampled_from("ab🎉 \nü.!?"), max_size=400)


@pytest.mark.parametrize("measure", [len, utf16_units, utf8_bytes])
@given(text=_TEXTS, most=st.integers(min_value=4, max_value=50))
def test_every_part_fits_and_every_word_is_there(
    measure: Callable[[str], int], text: str, most: int
) -> None:
    parts = split_text(text, most, measure=measure)
    assert all(0 < measure(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(_TEXTS)
def test_lengths_are_counted_as_text_is_encoded(text: str) -> None:
    assert utf16_units(text) == len(text.encode("utf-16-le")) // 2
    assert utf8_bytes(text) == len(text.encode("utf-8"))


def test_a_cut_falls_between_paragraphs_lines_sentences_or_words() -> None:
    assert split_text("one two\n\nthree four", 12) == ["one two", "three four"]
    assert split_text("One two.\n\nThree four", 12) == ["One two.", "Three four"]
    assert split_text("one two\nthree four", 12) == ["one two", "three four"]
    assert split_text("Yes, it is. Come by soon", 16) == ["Yes, it is.", "Come by soon"]
    assert split_text("mug and cup and jug", 12) == ["mug and cup", "and jug"]
    assert split_text("one two three", 9) == ["one two", "three"]


def test_a_word_longer_than_a_message_is_cut() -> None:
    assert split_text("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert split_text("a " + "x" * 9, 8) == ["a", "x" * 8, "x"]


def test_a_text_that_fits_stays_whole_and_nothing_has_no_parts() -> None:
    assert split_text("Hello", 5) == ["Hello"]
    assert split_text("  ", 10) == []
    assert split_text("", 5) == []
