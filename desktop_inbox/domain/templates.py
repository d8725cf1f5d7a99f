"""Canned responses: variables with fall-backs, filled in without running any code (rule F1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_VARIABLE = re.compile(r"\{\{\s*([a-z][a-z0-9_.]{0,80})\s*(?:\|([^{}|]*))?\}\}")
# Anything that still looks like a place to fill in, also as other programs write it.
_UNRESOLVED = re.compile(r"\{\{[^{}]{0,120}\}\}|\{%[^{}]{0,120}%\}|#\{[^{}]{0,120}\}|\{\{")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A canned response filled in; `missing` names the variables that had no value."""

    text: str
    missing: tuple[str, ...] = ()


def render(body: str, values: Mapping[str, str]) -> Rendered:
    """Fill in `{{contact.first_name|there}}`: the value, else the fall-back, else left standing.

    A value is never searched for variables again, so a customer named `{{me.email}}` stays one.
    """
    missing: dict[str, None] = {}

    def fill(match: re.Match[str]) -> str:
        name, fallback = match.group(1), match.group(2)
        value = values.get(name, "") or (fallback or "").strip()
        if not value:
            missing[name] = None
            return match.group(0)
        return value

    return Rendered(text=_VARIABLE.sub(fill, body), missing=tuple(missing))


def unresolved(text: str) -> tuple[tuple[int, int], ...]:
    """Return where something is still to be filled in, as (start, end); such text is not sent."""
    return tuple(match.span() for match in _UNRESOLVED.finditer(text))
