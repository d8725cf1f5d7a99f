"""Long text in several messages: nothing lost, nothing too long, cut where it hurts least."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.splitting import split_text


def test_a_text_that_fits_stays_whole() -> None:
    assert split_text("Hello", 5) == ["Hello"]
    assert split_text("", 5) == [""]


def test_it_is_cut_at_paragraphs_sentences_and_words_before_anything_else() -> None:
    assert split_text("One two.\n\nThree four", 12) == ["One two.", "Three four"]
    assert split_text("Yes, it is. Come by soon", 16) == ["Yes, it is.", "Come by soon"]
    assert split_text("mug and cup and jug", 12) == ["mug and cup", "and jug"]


def test_a_word_longer_than_a_message_is_cut() -> None:
    assert split_text("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


@given(text=st.text(alphabet="ab .!?\n", max_size=300), limit=st.integers(2, 40))
def test_all_is_kept_and_no_part_is_too_long(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(parts) or parts == [""]
