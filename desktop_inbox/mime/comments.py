"""Comments in header fields: "(who knows)", one within another. Pure, and linear."""

from __future__ import annotations

import re

_STEP = re.compile(r"[^()\\]+|\\.|[()]|\\", re.DOTALL)


def read_comment(text: str, position: int) -> tuple[str, int]:
    """Return the comment that was opened just before `position`, and where it ends."""
    depth = 1
    pieces: list[str] = []
    for step in _STEP.finditer(text, position):
        piece = step[0]
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth -= 1
            if depth == 0:
                return "".join(pieces), step.end()
        pieces.append(piece[-1] if piece[0] == "\\" else piece)
    return "".join(pieces), len(text)


def without_comments(text: str) -> str:
    """Return `text` without its comments; as it is where quotation marks may hold some."""
    if '"' in text:
        return text
    kept: list[str] = []
    depth = 0
    for step in _STEP.finditer(text):
        piece = step[0]
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(piece)
    return "".join(kept)
