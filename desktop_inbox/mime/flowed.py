"""RFC 3676 text: lines that a sender's program broke are joined again. Pure, linear."""

from __future__ import annotations

import re

_QUOTED = re.compile(r">*")


def unwrap(text: str, *, delete_space: bool = False) -> str:
    """Return format=flowed text with its paragraphs on one line each."""
    lines: list[str] = []
    pieces: list[str] = []  # of the paragraph that is being joined
    depth = 0

    def finish() -> None:
        if pieces:
            mark = ">" * depth + " " if depth else ""
            lines.append(mark + "".join(pieces))
            pieces.clear()

    for line in text.split("\n"):
        found = _QUOTED.match(line)
        level = found.end() if found else 0
        content = line[level:].removeprefix(" ")
        if level != depth:
            finish()
            depth = level
        if content == "-- ":
            finish()
            pieces.append(content)
            finish()
            continue
        soft = content.endswith(" ")
        pieces.append(content[:-1] if soft and delete_space else content)
        if not soft:
            finish()
    finish()
    return "\n".join(lines)
