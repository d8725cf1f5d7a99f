"""Header blocks and rulers that begin a forwarded or answered message: "From: … Subject: …"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop_inbox.domain.quoting.languages import LANGUAGES
from desktop_inbox.domain.quoting.words import COLONS, DASHES, DECORATION, lower

_MAX_LABEL = 40
_MAX_LINES = 12  # of a block that are looked at, blank ones with them
_MAX_OTHERS = 3  # lines of a block that name nothing new
_NO_KINDS: frozenset[str] = frozenset()
_OPENING = frozenset({"from", "sent", "subject"})  # no program begins with the recipients
_AROUND_LABEL = DECORATION + ">|"
_AROUND_PHRASE = DECORATION + DASHES + ">:："

_ORIGINALS = {phrase for language in LANGUAGES.values() for phrase in language.original}
_LONGEST_ORIGINAL = max(map(len, _ORIGINALS))
_FORWARDED_BY = ("forwarded by ", "weitergeleitet von ", "transféré par ", "reenviado por ")
_BETWEEN_DASHES = re.compile(rf"[{DASHES}]{{2,60}}(.{{3,60}}?)[{DASHES}]{{2}}")


def _kinds_of_labels() -> dict[str, frozenset[str]]:
    kinds: dict[str, frozenset[str]] = {}
    for language in LANGUAGES.values():
        for kind, labels in (
            ("from", language.sender),
            ("sent", language.sent),
            ("to", language.to),
            ("cc", language.cc),
            ("subject", language.subject),
        ):
            for label in labels:
                kinds[label] = kinds.get(label, _NO_KINDS) | {kind}
    return kinds


_LABELS = _kinds_of_labels()


def starts_header_block(lines: Sequence[str]) -> bool:
    """Tell whether `lines` begin with the header block of another message."""
    return header_block_end(lines, 0) > 0


def header_block_end(lines: Sequence[str], start: int) -> int:
    """Return where the header block that starts at `lines[start]` ends; 0 where none starts.

    A block names its sender and two more things. It holds an address, or it names a subject and
    is set off from the text above it.
    """
    if start >= len(lines) or _OPENING.isdisjoint(label_kinds(lines[start])):
        return 0
    found: set[str] = set()
    has_address = False
    others = 0
    end = start
    for index in range(start, min(len(lines), start + _MAX_LINES)):
        line = lines[index]
        if not line or line.isspace():
            continue
        kinds = label_kinds(line)
        fresh = kinds - found
        if not fresh:
            # A long value runs on, there are several lines for copies: not more than that.
            others += 1
            if others > _MAX_OTHERS:
                break
            if not kinds:
                continue
        end = index + 1
        has_address = has_address or "@" in line
        # "A:" is what several languages call several things: count it as one.
        found |= {min(fresh)} if len(fresh) > 1 and "from" not in fresh else fresh
    if "from" not in found or len(found) < 3:
        return 0
    is_set_off = start == 0 or not lines[start - 1].strip(_AROUND_PHRASE)
    return end if has_address or (is_set_off and "subject" in found) else 0


def label_kinds(line: str) -> frozenset[str]:
    """Return what the label before the first colon of a line may name: from, sent, subject …"""
    end = line.find(":", 0, _MAX_LABEL)
    if end < 0:
        end = line.find("：", 0, _MAX_LABEL)
        if end < 0:
            return _NO_KINDS
    if line[end - 1 : end].isdigit():  # a time of day
        return _NO_KINDS
    return _LABELS.get(lower(line[:end].strip(_AROUND_LABEL)), _NO_KINDS)


def is_separator(line: str) -> bool:
    """Tell whether a line says "Original Message" between dashes or before a lone colon."""
    text = line.strip(DECORATION + ">")
    if text[:1] in COLONS or not text:
        return False
    if text[-1] in COLONS and names_original(text):
        return True
    if text[0] not in DASHES or text[1:2] not in DASHES:
        return False
    between = _BETWEEN_DASHES.match(text)
    if between is None:
        return False
    return names_original(between[1]) or between[1].strip().lower().startswith(_FORWARDED_BY)


def names_original(line: str) -> bool:
    """Tell whether a line holds nothing but the words "original message", in any language."""
    phrase = line.strip(_AROUND_PHRASE)
    return len(phrase) <= _LONGEST_ORIGINAL and lower(phrase) in _ORIGINALS
