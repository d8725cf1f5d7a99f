"""Long text in several messages, on channels whose users expect that. Pure."""

from __future__ import annotations

_BREAKS = ("\n\n", "\n", ". ", "! ", "? ", " ")


def split_text(text: str, limit: int) -> list[str]:
    """Return `text` in parts of at most `limit` characters, cut where it hurts least.

    At a paragraph, a line, a sentence or a word, whichever keeps most of the room used; inside a
    word only where it is longer than a message.
    """
    parts = []
    rest = text.strip()
    while len(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest or not parts else parts


def _cut(text: str, limit: int) -> int:
    for mark in _BREAKS:
        at = text.rfind(mark, 0, limit + 1 - len(mark.rstrip(" \n")))
        if at > limit // 2:
            return at + len(mark.rstrip())
    at = text.rfind(" ", 0, limit + 1)
    return at if at > 0 else limit
