"""Long text is cut where a reader would, and nothing of it is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.text_parts import split_text, utf16_units

_TEXTS = st.text(st.sampled_from("ab🎉 \nü."), max_size=400)


@given(_TEXTS, st.integers(min_value=2, max_value=50))
def test_every_part_fits_and_every_word_is_there(text: str, most: int) -> None:
    parts = split_text(text, most, measure=utf16_units)

    assert all(0 < utf16_units(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(_TEXTS)
def test_utf16_is_counted_as_it_is_encoded(text: str) -> None:
    assert utf16_units(text) == len(text.encode("utf-16-le")) // 2


def test_a_cut_falls_between_paragraphs_lines_or_words() -> None:
    assert split_text("one two\n\nthree four", 12) == ["one two", "three four"]
    assert split_text("one two\nthree four", 12) == ["one two", "three four"]
    assert split_text("one two three", 9) == ["one two", "three"]
    assert split_text("onetwothree", 4) == ["onet", "woth", "ree"]
    assert split_text("short", 10) == ["short"]
    assert split_text("  ", 10) == []
