"""Long text in several messages, cut where a reader would, on channels that take so much. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Measure = Callable[[str], int]

# The best places first; a sentence keeps its mark.
_BREAKS = ("\n\n", "\n", ". ", "! ", "? ", " ")


def utf16_units(text: str) -> int:
    """Return how long a text is to those who count in UTF-16."""
    return len(text) + sum(char > "\uffff" for char in text)


def utf8_bytes(text: str) -> int:
    """Return how long a text is to those who count bytes."""
    return len(text.encode())


def split_text(text: str, most: int, *, measure: Measure = len) -> list[str]:
    """Return a text in parts of at most `most`, as `measure` counts.

    Cut between paragraphs, lines, sentences or words, whichever keeps most of the room used;
    inside a word only where it is longer than a message. Nothing but the white space at a cut is
    lost; an empty text has no parts.
    """
    return [part for part in _parts(text.strip(), most, measure) if part]


def _parts(text: str, most: int, measure: Measure) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = _fitting(text, start, most, measure)
        if end < len(text):
            end = _break(text, start, end)
        yield text[start:end].strip()
        start = end
        while start < len(text) and text[start].isspace():
            start += 1


def _fitting(text: str, start: int, most: int, measure: Measure) -> int:
    """Return where the longest part that fits ends; at least one character goes into it."""
    end = min(start + most, len(text))
    while end - start > 1 and (over := measure(text[start:end]) - most) > 0:
        # Every character counts for one at least, so this many must go at the least once halved.
        end -= max(1, over // 4)
    return end


def _break(text: str, start: int, end: int) -> int:
    """Return the best place to cut before `end`; where a word is longer than that, `end`."""
    for mark in _BREAKS:
        kept = len(mark.rstrip())
        # Not so early that there are many short messages.
        found = text.rfind(mark, start + (end - start) // 2, end + len(mark) - kept)
        if found > start:
            return found + kept
    found = text.rfind(" ", start, end + 1)
    return found if found > start else end
