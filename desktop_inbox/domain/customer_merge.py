"""What a merged customer is called and has, field by field (rules E4, E5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Whose value is kept."""

    SOURCE = "source"  # of the one who goes into the other
    TARGET = "target"
    BOTH = "both"  # texts one below the other; yes where either says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One field in which two customers differ, and what comes of it."""

    field: str  # "name", "notes", "vip", "field:UID", …
    source: object
    target: object
    result: object
    conflict: bool  # both say something, and not the same


# Joined by themselves; everything else keeps the older customer's unless it is empty.
_TOGETHER = frozenset({"notes", "vip", "blocked"})


def choices(
    source: Mapping[str, object],
    target: Mapping[str, object],
    *,
    source_is_older: bool,
    chosen: Mapping[str, Side] | None = None,
) -> tuple[Choice, ...]:
    """Return every field that either of two customers has, with what the merged one shall have.

    By default the older customer's value, where it is not empty; notes are joined, and who was
    blocked or marked in either stays so.
    """
    chosen = chosen or {}
    found = []
    for field in dict.fromkeys((*target, *source)):
        mine, theirs = source.get(field), target.get(field)
        if mine or theirs:
            side = chosen.get(field) or _default(field, mine, theirs, source_is_older)
            found.append(
                Choice(
                    field=field,
                    source=mine,
                    target=theirs,
                    result=_value(side, mine, theirs),
                    conflict=bool(mine and theirs and mine != theirs),
                )
            )
    return tuple(found)


def _default(field: str, source: object, target: object, source_is_older: bool) -> Side:
    if field in _TOGETHER:
        return Side.BOTH
    if source and target:
        return Side.SOURCE if source_is_older else Side.TARGET
    return Side.SOURCE if source else Side.TARGET


def _value(side: Side, source: object, target: object) -> object:
    if side is Side.SOURCE:
        return source
    if side is Side.TARGET:
        return target
    if isinstance(source, str) and isinstance(target, str):
        return together(source, target)
    return target or source


def together(source: str, target: str) -> str:
    """Return a text with another below it, which it may hold already."""
    if source and target and source not in target:
        return f"{target}\n\n{source}"
    return target or source
