"""Places, contacts, calls and links of a message under each other, with what they let one do.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import (
    ElidedLabel,
    IconMark,
    PlainLabel,
    link_button,
    tooltip,
)
from desktop_inbox.ui.views.flow import FlowLayout
from desktop_inbox.ui.views.piece_words import OPEN, PieceLine

ACTION = "piece"  # begins the name of what a person wants of a piece: "piece:0:open"
_ICON = 18
_GAP = 8
_ROW_GAP = 10
_LONGEST_WORD = 24  # characters; longer ones are addresses, or meant to break the window
_LINK_AIR = 3  # beside the words of a link, so that they begin where the others do


def action_of(number: int, what: str) -> str:
    """What a bubble reports when something is wanted of one of its pieces."""
    return f"{ACTION}:{number}:{what}"


def wanted(action: str) -> tuple[int, str] | None:
    """The piece that is meant and what is wanted of it; None for another kind of action."""
    name, _colon, rest = action.partition(":")
    number, _colon, what = rest.partition(":")
    return (int(number), what) if name == ACTION and number.isdigit() else None


class PieceRow(QWidget):
    """One thing: its icon, and beside it what it is, more about it, and links."""

    acted = Signal(str)

    def __init__(self, line: PieceLine, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.line = line
        self._icon = IconMark(theme, line.icon, colour=line.tone, size=_ICON, parent=self)
        self._words = [_label(line.title, kind="strong", parent=self)]
        for told in line.detail.splitlines():
            self._words.append(_label(told, kind="caption", parent=self))
        for label in self._words:
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._below = QWidget(self)
        self._flow = FlowLayout(spacing=_GAP, parent=self._below)
        self.links = [
            link_button(words, clicked=partial(self.acted.emit, action), parent=self._below)
            for action, words in line.actions
        ]
        for (action, _text), link in zip(line.actions, self.links, strict=True):
            self._flow.addWidget(link)
            if action == OPEN:
                link.setToolTip(tooltip(line.target))
        self.setAccessibleName(" ".join(filter(None, (line.title, line.detail))))

    def measure(self, width: int) -> QSize:
        """The size it takes where it may be `width` wide."""
        room = width - _ICON - _GAP
        natural = max([*map(_natural, self._words), self._flow.sizeHint().width()])
        taken = min(natural, room)
        height = sum(_height(label, taken) for label in self._words)
        height += self._flow.heightForWidth(taken)
        return QSize(_ICON + _GAP + taken, max(height, _ICON))

    def resizeEvent(self, event: QResizeEvent) -> None:
        room = self.width() - _ICON - _GAP
        self._place(self._icon, QRect(0, 1, _ICON, _ICON))
        top = 0
        for label in self._words:
            height = _height(label, room)
            self._place(label, QRect(_ICON + _GAP, top, room, height))
            top += height
        below = QRect(_ICON + _GAP - _LINK_AIR, top, room, self._flow.heightForWidth(room))
        self._place(self._below, below)

    def _place(self, part: QWidget, place: QRect) -> None:
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            place.moveLeft(self.width() - place.left() - place.width())
        part.setGeometry(place)


class PieceLines(QWidget):
    """All of a message's; hidden while there is none."""

    acted = Signal(str)

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: list[PieceRow] = []
        self.hide()

    def show_lines(self, lines: Sequence[PieceLine]) -> None:
        """Show these instead of what was there."""
        if [row.line for row in self.rows] == list(lines):
            return
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = [PieceRow(line, theme=self._theme, parent=self) for line in lines]
        for number, row in enumerate(self.rows):
            row.acted.connect(lambda what, at=number: self.acted.emit(action_of(at, what)))
            row.show()
        self.setVisible(bool(self.rows))

    def measure(self, width: int) -> QSize:
        """The size they take where they may be `width` wide."""
        sizes = [row.measure(width) for row in self.rows]
        gaps = _ROW_GAP * max(len(sizes) - 1, 0)
        return QSize(
            max((size.width() for size in sizes), default=0),
            sum(size.height() for size in sizes) + gaps,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        top = 0
        for row in self.rows:
            height = row.measure(self.width()).height()
            row.setGeometry(0, top, self.width(), height)
            top += height + _ROW_GAP


def _label(told: str, *, kind: str, parent: QWidget) -> PlainLabel:
    """Words wrap; what has no place to break ends in … where there is no room."""
    if max(map(len, told.split()), default=0) > _LONGEST_WORD:
        return ElidedLabel(told, kind=kind, parent=parent)
    return PlainLabel(told, kind=kind, wrap=True, parent=parent)


def _natural(label: PlainLabel) -> int:
    return QFontMetrics(label.font()).horizontalAdvance(label.text()) + 4


def _height(label: PlainLabel, width: int) -> int:
    return label.heightForWidth(width) if label.wordWrap() else label.sizeHint().height()
