"""Which parts of a text are words that a dictionary can be asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.spelling import LONGEST, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Helo, wrld!", ["Helo", "wrld"]),
        ("See https://shop.example/größe?x=1 and www.shop.example, ok", ["See", "and", "ok"]),
        ("Write to mina@shop.example or @mina, #1042, /kargo", ["Write", "to", "or"]),
        ("İstanbul’a don't well-known", ["İstanbul'a", "don't", "well-known"]),
        ("Merhaba {{contact.first_name|there}}, SKU A4 x2 PDF", ["Merhaba"]),
        ("a " + "x" * (LONGEST + 1), []),
    ],
)
def test_words_are_told_from_what_is_none(text: str, found: list[str]) -> None:
    assert [word for _start, word in words(text)] == found


@given(st.text(max_size=80))
def test_every_word_stands_where_it_is_said_to(text: str) -> None:
    for start, word in words(text):
        assert text[start : start + len(word)].replace("’", "'") == word
