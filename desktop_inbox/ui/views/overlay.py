"""A card over the window that goes away when somebody presses Escape or clicks beside it.

UI thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.ui import focus_order
from desktop_inbox.ui.action_table import CARD, SCOPE
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.follows_eye import FollowsEye
from desktop_inbox.ui.views.dialog import is_enter, press_enter


class Overlay(FollowsEye, QWidget):
    """Covers its parent; what belongs on the card goes into `card_layout`. Starts hidden."""

    closed = Signal()
    default: QPushButton | None = None  # what Enter presses

    def __init__(
        self, context: AppContext, parent: QWidget, *, width: int, top: int | None = None
    ) -> None:
        """`top` is where the card begins; None puts it in the middle."""
        super().__init__(parent)
        self._context = context
        self._over = parent
        self._width = width
        self._top = top
        self._came_from: QWidget | None = None
        self.setProperty(SCOPE, CARD)  # what lies under it does not answer to keys meanwhile
        self.card = QFrame(self)
        self.card.setObjectName("overlay")
        self.card_layout = QVBoxLayout(self.card)
        self.card_layout.setContentsMargins(0, 0, 0, 0)
        self.card_layout.setSpacing(0)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(40)
        shadow.setOffset(0, 12)
        shadow.setColor(context.theme.colour("shadow"))
        self.card.setGraphicsEffect(shadow)
        parent.installEventFilter(self)
        self.card.installEventFilter(self)  # it grows with what is on it
        self.hide()

    def present(self) -> None:
        """Show the card in front of the window."""
        self._came_from = QApplication.focusWidget()
        self.show()
        self.raise_()
        self._place()
        if self._came_from is None or not self.isAncestorOf(self._came_from):
            found = focus_order.controls(self.card)
            if found:
                found[0].setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Take the card away and put the focus where it was."""
        if not self.isVisible():
            return
        self.hide()
        if self._came_from is not None and self._came_from.isVisible():
            self._came_from.setFocus(Qt.FocusReason.PopupFocusReason)
        self._came_from = None
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        moved = watched is self._over and event.type() == QEvent.Type.Resize
        grown = watched is self.card and event.type() == QEvent.Type.LayoutRequest
        if (moved or grown) and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        elif is_enter(event):
            press_enter(self.default)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.dismiss()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 110 if self._context.theme.dark else 46))
        painter.end()

    def _place(self) -> None:
        parent = self._over
        self.setGeometry(parent.rect())
        width = min(self._context.theme.px(self._width), parent.width() - 32)
        self.card.setFixedWidth(width)
        wanted = max(self.card.sizeHint().height(), self.card.minimumSizeHint().height())
        room = parent.height() - 32
        height = min(wanted, room)
        left = (parent.width() - width) // 2
        top = (parent.height() - height) // 2 if self._top is None else self._top
        self.card.setGeometry(left, max(16, min(top, parent.height() - height - 16)), width, height)
