"""Buttons that a message offers its reader, and the lines that stand for them elsewhere. Pure.

What the reader presses comes back as a message of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.pieces import Button, Piece, from_json, to_json

PIECES = "pieces"  # where a draft's form keeps them


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many buttons a message may have, and how long the words on one may be."""

    most: int
    longest: int  # characters
    drawn: bool = True  # the channel has buttons; else they are lines with numbers


_LINES = Room(most=10, longest=60, drawn=False)


def room(limits: Mapping[str, int], *, drawn: bool) -> Room:
    """Return what a channel takes; `limits` are `ConnectorInfo.limits`."""
    if not drawn:
        return _LINES
    most, longest = limits.get("max_buttons"), limits.get("max_button_text")
    return Room(most=most or _LINES.most, longest=longest or _LINES.longest)


def on(pieces: Iterable[Piece]) -> tuple[Button, ...]:
    """Return the buttons among pieces that are answered by pressing them."""
    return tuple(one for one in pieces if isinstance(one, Button) and not one.url)


def of_form(form: Mapping[str, object] | None) -> tuple[str, ...]:
    """Return the words on the buttons that a draft offers."""
    kept = (form or {}).get(PIECES)
    pieces = from_json(kept) if isinstance(kept, (list, tuple)) else ()
    return tuple(one.text for one in on(pieces))


def in_form(labels: Sequence[str]) -> dict[str, object]:
    """Return what a draft's form keeps of buttons, nothing where there are none."""
    return {PIECES: to_json(Button(text=one) for one in labels)} if labels else {}


def as_lines(labels: Sequence[str]) -> str:
    """Return buttons as lines with numbers, which anybody can answer by hand."""
    return "\n".join(f"{number}. {label}" for number, label in enumerate(labels, start=1))


def told(text: str, labels: Sequence[str]) -> str:
    """Return a text with its buttons as lines below it."""
    return "\n\n".join(filter(None, (text.rstrip(), as_lines(labels)))) if labels else text


def worded(label: str) -> str:
    """Return the words on a button as they are shown: one line, nothing invisible."""
    return " ".join(visible(label).split())
