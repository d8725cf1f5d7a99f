"""What stands in a timeline where a day begins. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_inbox.ui.theme import Theme

LABEL_HEIGHT = 20


class DayMark(QWidget):
    """The day, in a rounded mark in the middle of its row."""

    def __init__(self, text: str, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = text
        self._theme = theme
        self.setAccessibleName(text)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(120, self._theme.px(LABEL_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.font(11)
        width = QFontMetrics(font).horizontalAdvance(self._text) + theme.px(20)
        mark = QRectF((self.width() - width) / 2, 0, width, self.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("ok_bg"))
        painter.drawRoundedRect(mark, self.height() / 2, self.height() / 2)
        painter.setPen(theme.colour("muted"))
        painter.setFont(font)
        painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()
