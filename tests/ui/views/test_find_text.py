"""Words are found whatever their case and accents, where they stand in the text as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.ui.views.find_text import MOST_FOUND, find
from desktop_inbox.ui.views.utf16 import in_utf16


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("The Glaze, the glaze", "glaze", ["Glaze", "glaze"]),
        ("IŞIK ve ışık", "isik", ["IŞIK", "ışık"]),
        ("Straße, STRASSE", "strasse", ["Straße", "STRASSE"]),
        ("cafe\u0301 und Café", "CAFÉ", ["cafe\u0301"[:4], "Café"]),
        ("陶器の釉薬", "釉薬", ["釉薬"]),
        ("two  spaces", "two spaces", []),
        ("anything", "  ", []),
    ],
)
def test_it_folds_as_search_does(text: str, wanted: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in find(text, wanted)] == found


@given(st.text(max_size=60), st.text(min_size=1, max_size=5))
def test_hits_stand_in_order_within_the_text(text: str, wanted: str) -> None:
    places = find(text + wanted, wanted)
    assert all(0 <= start < end <= len(text + wanted) for start, end in places)
    assert [start for start, _ in places] == sorted(start for start, _ in places)


def test_there_is_an_end_to_what_is_found() -> None:
    assert len(find("a" * 100_000, "a")) == MOST_FOUND


def test_places_behind_an_emoji_are_where_qt_takes_them_to_be() -> None:
    text = "😔 kiln, kiln 🙂 kiln"
    places = find(text, "kiln")
    units = text.encode("utf-16-le")
    found = [
        units[2 * start : 2 * end].decode("utf-16-le") for start, end in in_utf16(text, places)
    ]
    assert found == ["kiln"] * 3
    assert in_utf16("plain kiln", [(6, 10)]) == [(6, 10)]
