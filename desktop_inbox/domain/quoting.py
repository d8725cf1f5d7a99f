"""What of a plain-text reply is new: quoted history and signature told apart, never deleted."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A text in three: `visible` is never empty where the text is not."""

    visible: str
    quoted: str = ""
    signature: str = ""


_ATTRIBUTION = re.compile(r".{0,300}(?:wrote|yazdı|schrieb).{0,100}:\s*\Z", re.DOTALL)


def is_attribution(text: str) -> bool:
    return bool(_ATTRIBUTION.match(text))


def starts_header_block(lines: list[str]) -> bool:
    return bool(lines) and lines[0].lstrip("*").startswith(("From:", "Kimden:", "Von:"))


def split_reply(text: str) -> Reply:
    """Return the parts of a reply."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if line.startswith(">") or is_attribution(line):
            visible = "\n".join(lines[:index]).strip()
            if visible:
                return Reply(visible=visible, quoted="\n".join(lines[index:]))
            break
    return Reply(visible=text.strip("\n") or text)
