"""Places in a text as Qt counts them, in UTF-16. Pure."""

from __future__ import annotations


def utf16_length(text: str) -> int:
    """Return how long Qt takes a text to be: an emoji counts twice there."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def in_utf16(text: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return places in `text`, in their order, as Qt counts them."""
    if not places or len(text) == utf16_length(text):
        return places
    found, read, counted = [], 0, 0
    for start, end in places:
        first = counted + utf16_length(text[read:start])
        counted = first + utf16_length(text[start:end])
        read = end
        found.append((first, counted))
    return found
