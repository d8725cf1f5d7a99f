"""Finds words in a text whatever their case, accents and Turkish i, as search does. Pure."""

from __future__ import annotations

from functools import lru_cache

from desktop_inbox.domain.folding import fold

MOST_FOUND = 1_000


def find(text: str, wanted: str) -> list[tuple[int, int]]:
    """Return where `wanted` stands in `text`, as (start, end) of the text as it is."""
    needle = "".join(_folded(char) for char in wanted)
    if not needle.strip():
        return []
    hay, places = _mapped(text)
    found: list[tuple[int, int]] = []
    start = hay.find(needle)
    while start >= 0 and len(found) < MOST_FOUND:
        end = start + len(needle)
        found.append((places[start], places[end - 1] + 1))
        start = hay.find(needle, end)
    return found


def _mapped(text: str) -> tuple[str, list[int] | range]:
    """Return the folded text, and from which character of `text` each of its characters came."""
    if text.isascii():
        return text.lower(), range(len(text))
    pieces: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        folded = _folded(char)
        pieces.append(folded)
        places += [place] * len(folded)
    return "".join(pieces), places


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    folded = fold(char)
    return folded if char.isspace() else folded.strip()
