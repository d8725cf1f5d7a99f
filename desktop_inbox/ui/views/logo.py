"""The mark of the program, painted from the theme. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme


class Logo(QWidget):
    """A square of `side` pixels with a tray in it."""

    def __init__(self, theme: Theme, *, side: int, corner: int, tray: int) -> None:
        super().__init__()
        self._theme = theme
        self._corner = corner
        edge = (side - tray) / 2
        self._tray = QRectF(edge, edge, tray, tray)
        self.setFixedSize(side, side)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        painter.drawRoundedRect(self.rect(), self._corner, self._corner)
        icons.paint(painter, self._tray, "inbox", self._theme.colour("on_accent"))
        painter.end()
