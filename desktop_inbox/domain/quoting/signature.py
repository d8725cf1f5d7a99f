"""What stands below a text and is none of it: signatures, and what telephones add."""

from __future__ import annotations

import re
from functools import cache

from desktop_inbox.domain.quoting.languages import DEVICES, LANGUAGES
from desktop_inbox.domain.quoting.words import DECORATION, lower, plain

MAX_LINES = 30  # of a signature
MAX_CLOSING_LINES = 6
_MAX_CLOSING_CHARS = 60
_MAX_ADDED_CHARS = 160
_AROUND_ADDED = DECORATION + "[]-.。!"

_MARK = re.compile(r"\s*(?:--|—|__+)\s*\Z")
_RULER = re.compile(r"[\s\-_=*~#+ᐧ—–―]+\Z")
_SENT_FROM = [pattern for language in LANGUAGES.values() for pattern in language.sent_from]
_BEGINNINGS = frozenset(pattern[:3] for pattern in _SENT_FROM)
_ADDED_ENDINGS = tuple(ending for language in LANGUAGES.values() for ending in language.sent_with)
_LONGEST_ENDING = max(map(len, _ADDED_ENDINGS))
_CLOSING = re.compile(
    r"(?:(?:best|kind|kindest|warm|warmest|many|with(?: (?:best|kind))?) )?regards[,.!]?\Z"
)


def is_mark(line: str) -> bool:
    """Tell whether a line parts a text from the signature below it, as programs and people do."""
    return bool(_MARK.match(line))


def is_true_mark(line: str) -> bool:
    """Tell whether a line is the mark of RFC 3676 4.3, with the blank at its end."""
    return line == "-- "


def is_ruler(line: str) -> bool:
    """Tell whether a line is drawn and says nothing."""
    return bool(_RULER.match(line))


def is_added(line: str) -> bool:
    """Tell whether a program added this line: "Sent from my iPhone"."""
    text = line.strip(_AROUND_ADDED)
    if len(text) > _MAX_ADDED_CHARS:
        return False
    ends = lower(text[-_LONGEST_ENDING:]).endswith(_ADDED_ENDINGS)
    if not ends and lower(text[:3]) not in _BEGINNINGS:
        return False
    text = lower(plain(text))
    added, device = _patterns()
    return bool((ends or added.match(text)) and device.search(text))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what begins an added line and what it names, compiled once a line looks like one."""
    return re.compile("|".join(_SENT_FROM)), re.compile("|".join(map(re.escape, DEVICES)))


def is_closing(line: str) -> bool:
    """Tell whether a line is "Regards," and the like, below which only a name stands."""
    return len(line) <= _MAX_CLOSING_CHARS and bool(_CLOSING.match(line.strip().lower()))


def may_be_name(line: str) -> bool:
    """Tell whether a line is short enough to be a name or a title."""
    return len(line.strip()) <= _MAX_CLOSING_CHARS
