"""What stands below a text and is none of it: signatures, and what telephones add."""

from __future__ import annotations

import re

from desktop_inbox.domain.quoting.languages import LANGUAGES
from desktop_inbox.domain.quoting.words import lower

MAX_LINES = 30  # of a signature
MAX_CLOSING_LINES = 6
_MAX_CLOSING_CHARS = 60
_MAX_ADDED_CHARS = 160

_MARK = re.compile(r"\s*(?:--|—|__+)\s*\Z")
_RULER = re.compile(r"[\s\-_=*~#+ᐧ—–―]+\Z")
_ADDED = re.compile(
    "|".join(pattern for language in LANGUAGES.values() for pattern in language.sent_from)
)
_CLOSING = re.compile(
    r"(?:(?:best|kind|kindest|warm|warmest|many|with(?: (?:best|kind))?) )?regards[,.!]?\Z"
)


def is_mark(line: str) -> bool:
    """Tell whether a line parts a text from the signature below it (RFC 3676 4.3, and kin)."""
    return bool(_MARK.match(line))


def is_ruler(line: str) -> bool:
    """Tell whether a line is drawn and says nothing."""
    return bool(_RULER.match(line))


def is_added(line: str) -> bool:
    """Tell whether a program added this line: "Sent from my iPhone"."""
    text = lower(line).strip(" \t*_[]-")
    return 3 < len(text) < _MAX_ADDED_CHARS and bool(_ADDED.match(text))


def is_closing(line: str) -> bool:
    """Tell whether a line is "Regards," and the like, below which only a name stands."""
    return len(line) <= _MAX_CLOSING_CHARS and bool(_CLOSING.match(line.strip().lower()))


def may_be_name(line: str) -> bool:
    """Tell whether a line is short enough to be a name or a title."""
    return len(line.strip()) <= _MAX_CLOSING_CHARS
