"""Lists and areas that take the room there is: as tall as wished, lower where a window is small.

UI thread only.
"""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QListWidget, QScrollArea, QToolTip, QWidget

from desktop_inbox.ui.views.controls import tooltip

_AIR = 10  # beside the words of a line


class TallArea(QScrollArea):
    """Scrolls what is on it; wishes to be so tall, and gives way where there is no room."""

    def __init__(self, height: int, inside: QWidget | None = None) -> None:
        super().__init__()
        self._wished = height
        self.setWidgetResizable(True)
        self.viewport().setAutoFillBackground(False)
        if inside is not None:
            self.setWidget(inside)
            inside.setAutoFillBackground(False)

    def wish(self, height: int) -> None:
        """Be so tall from now on."""
        self._wished = height
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._wished)


class TellingList(QListWidget):
    """A list whose lines end in … where they are cut, and whose tooltip says the rest."""

    def __init__(self, *, name: str, height: int | None = None) -> None:
        super().__init__()
        self._wished = height
        self.setProperty("kind", "lines")
        self.setAccessibleName(name)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return hint if self._wished is None else QSize(hint.width(), self._wished)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            asked = cast("QHelpEvent", event)
            QToolTip.showText(asked.globalPos(), self._rest_at(asked), self.viewport())
            return True
        return super().viewportEvent(event)

    def _rest_at(self, event: QHelpEvent) -> str:
        """What the line under the pointer says, '' where all of it is seen."""
        item = self.itemAt(event.pos())
        if item is None:
            return ""
        room = self.visualItemRect(item).width() - 2 * _AIR
        wide = max(map(self.fontMetrics().horizontalAdvance, item.text().split("\n")))
        return tooltip(item.text()) if wide > room else ""
