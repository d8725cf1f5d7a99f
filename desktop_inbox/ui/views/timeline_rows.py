"""The rows of a timeline: what each stands for, how high it is, and where that puts it.

Only rows near what is seen have a widget; of the others no more than this is there. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from desktop_inbox.ui.views.timeline_entries import Entry, MessageEntry

GAP = 10
_COLLAPSED_GAP = 4
_EDGE = 12  # above the first row and below the last one


@dataclass(slots=True)
class Row:
    """One entry of a conversation, with its widget where that has been built."""

    entry: Entry
    expanded: bool = False
    widget: QWidget | None = None
    top: int = 0
    height: int = 0

    @property
    def key(self) -> str:
        return self.entry.key

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def is_collapsed(self) -> bool:
        return isinstance(self.entry, MessageEntry) and not self.expanded

    @property
    def counts_down(self) -> bool:
        """Whether it tells how long a message is still held."""
        return isinstance(self.entry, MessageEntry) and self.entry.message.not_before is not None

    def drop(self) -> None:
        """Have no widget any more."""
        if self.widget is not None:
            self.widget.hide()
            self.widget.deleteLater()
            self.widget = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row that stays where it is on the screen, whatever becomes of the others."""

    row: Row
    below: int  # pixels from the upper edge of the view


def stack(rows: Sequence[Row], *, room: int) -> int:
    """Put rows under each other and return their height; few lie at the end of the room."""
    top = _EDGE
    previous: Row | None = None
    for row in rows:
        if previous is not None:
            tight = previous.is_collapsed and row.is_collapsed
            top += _COLLAPSED_GAP if tight else GAP
        row.top = top
        top = row.bottom
        previous = row
    height = top + _EDGE
    spare = room - height
    if spare <= 0:
        return height
    for row in rows:
        row.top += spare
    return room


def seen(rows: Sequence[Row], top: int, bottom: int) -> list[Row]:
    """Return the rows that reach into a stretch of the timeline."""
    return [row for row in rows if row.bottom >= top and row.top <= bottom]


def anchor(rows: Sequence[Row], top: int, bottom: int) -> Anchor | None:
    """Return the first built row that begins in view, or else the one that reaches into it."""
    built = [row for row in seen(rows, top + 1, bottom - 1) if row.widget is not None]
    chosen = next((row for row in built if row.top >= top), built[0] if built else None)
    return Anchor(chosen, chosen.top - top) if chosen is not None else None


def neighbours(rows: Sequence[Row], row: Row) -> tuple[QWidget | None, QWidget | None]:
    """Return the widgets before and after a row, of those that have been built."""
    at = next(index for index, other in enumerate(rows) if other is row)
    before = next((one.widget for one in reversed(rows[:at]) if one.widget is not None), None)
    after = next((one.widget for one in rows[at + 1 :] if one.widget is not None), None)
    return before, after
