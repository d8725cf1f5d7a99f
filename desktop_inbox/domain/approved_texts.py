"""Texts that a service approved beforehand, with gaps "{{1}}", "{{2}}", … to fill in. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_GAP = re.compile(r"\{\{\s*(\d{1,3})\s*\}\}")


def gaps(text: str) -> int:
    """Return how many values a text asks for."""
    return max((int(found) for found in _GAP.findall(text)), default=0)


def filled(text: str, values: Sequence[str]) -> str:
    """Return a text as it will read; a gap without a value stays as it is."""

    def value(found: re.Match[str]) -> str:
        number = int(found.group(1))
        given = values[number - 1].strip() if 0 < number <= len(values) else ""
        return given or found.group()

    return _GAP.sub(value, text)
