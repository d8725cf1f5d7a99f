"""The parts of a message's head and card, each made once it has first something to show.

Most messages are a text and nothing else, and a widget that nobody sees takes as long to make as
one that somebody reads. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from PySide6.QtWidgets import QBoxLayout, QWidget

W = TypeVar("W", bound=QWidget)


class Late(Generic[W]):
    """One of several parts, which may not be there yet."""

    def __init__(self, parts: Parts, make: Callable[[], W]) -> None:
        self._parts = parts
        self._make = make
        self.made: W | None = None

    def get(self) -> W:
        """The part; made now if there is none."""
        if self.made is None:
            self.made = self._make()
            self._parts.put(self, self.made)
        return self.made

    def where(self, needed: object) -> W | None:
        """The part where it is needed, or where it has to be told that it no longer is."""
        return self.get() if needed else self.made


class Parts:
    """The parts of one widget in the order in which they are read.

    They are its children in that order, whichever was made first: so a screen reader tells them.
    A layout, where there is one, holds them so too.
    """

    def __init__(self, layout: QBoxLayout | None = None) -> None:
        self._layout = layout
        self._places: list[Late[Any]] = []

    def late(self, make: Callable[[], W]) -> Late[W]:
        """Announce the part that comes after all that were announced before."""
        place = Late(self, make)
        self._places.append(place)
        return place

    def put(self, place: Late[Any], part: QWidget) -> None:
        """Let a part that was just made stand between its neighbours."""
        at = self._places.index(place)
        after = next((one.made for one in self._places[at + 1 :] if one.made is not None), None)
        if after is not None:
            part.stackUnder(after)
        if self._layout is not None:
            made = [one.made for one in self._places[:at] if one.made is not None]
            self._layout.insertWidget(self._layout.indexOf(made[-1]) + 1 if made else 0, part)

    def shown(self) -> list[QWidget]:
        """The parts that have something to show."""
        return [one.made for one in self._places if one.made and not one.made.isHidden()]
