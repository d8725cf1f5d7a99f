"""The send button: what it does, its key, and a menu of other ways to send."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui import icons
from desktop_inbox.ui.actions import Actions
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.tokens import SIZES
from desktop_inbox.ui.views.key_cap import follow_key, with_key

KEY_ALPHA = 0.85  # of its ink: still 4.5:1 on the accent colour


class SendButton(QAbstractButton):
    """Send, with its key, and a menu of other ways to send behind the arrow."""

    def __init__(
        self, theme: Theme, *, actions: Actions, menu: Callable[[], QMenu], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._actions = actions
        self._menu = menu
        self._compact = False
        self.has_menu = True
        self.setText(_("Send"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        follow_key(actions, "send", self, lambda _key: self._tell_key())
        theme.changed.connect(self.update)

    def set_words(self, text: str, *, has_menu: bool) -> None:
        """Say what pressing it does."""
        self.has_menu = has_menu
        self.setText(text)
        self.setAccessibleName(text)
        self._tell_key()

    def _tell_key(self) -> None:
        self.setToolTip(with_key(self.text(), self._actions.key_text("send")))
        self.updateGeometry()
        self.update()

    def set_compact(self, *, compact: bool) -> None:
        """Leave the key out where there is no room for it."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        px = self._theme.px
        width = px(14) + self._text_width() + px(12)
        if self._shows_key:
            width += px(8) + self._key_width()
        return QSize(width + (self._arrow() if self.has_menu else 0), px(31))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def open_menu(self) -> None:
        """Show the other ways to send."""
        menu = self._menu()
        corner = self.mapToGlobal(QPoint(self.width(), -4))
        size = menu.sizeHint()
        menu.popup(corner - QPoint(size.width(), size.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        in_arrow = self.has_menu and self._arrow_rect().contains(event.position().toPoint())
        if in_arrow and event.button() == Qt.MouseButton.LeftButton and self.isEnabled():
            self.open_menu()
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.has_menu:
            self.open_menu()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        path = QPainterPath()
        path.addRoundedRect(rect, SIZES.radius, SIZES.radius)
        fill = theme.colour("accent" if self.isEnabled() else "ok_bg")
        if self.underMouse() and self.isEnabled():
            fill = fill.lighter(108) if theme.dark else fill.darker(110)
        painter.fillPath(path, fill)
        ink = theme.colour("on_accent" if self.isEnabled() else "muted")
        painter.setPen(ink)
        painter.setFont(theme.font(13, 600))
        left = px(14)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        text = QRectF(left, 0, self._text_width() + 2, rect.height())
        painter.drawText(self._mirrored(text), middle, self.text())
        left += self._text_width() + px(8)
        if self._shows_key:
            self._paint_key(painter, left)
        if self.has_menu:
            arrow = QRectF(self._arrow_rect())
            side = px(14)
            icons.paint(
                painter,
                QRectF(arrow.center().x() - side / 2, arrow.center().y() - side / 2, side, side),
                "chevron-down",
                ink,
            )
        if self.hasFocus():
            painter.setPen(theme.colour("text"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()

    def _paint_key(self, painter: QPainter, left: float) -> None:
        px = self._theme.px
        ink = painter.pen().color()
        ink.setAlphaF(KEY_ALPHA)
        box = self._mirrored(QRectF(left, (self.height() - px(17)) / 2, self._key_width(), px(17)))
        frame = painter.pen().color()
        frame.setAlphaF(0.35)
        painter.setPen(frame)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(ink)
        painter.setFont(self._theme.font(11))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._key())

    def _mirrored(self, rect: QRectF) -> QRectF:
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            rect.moveRight(self.width() - rect.left())
        return rect

    def _arrow(self) -> int:
        return self._theme.px(26)

    def _arrow_rect(self) -> QRect:
        left = self.width() - self._arrow()
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = 0
        return QRect(left, 0, self._arrow(), self.height())

    def _text_width(self) -> int:
        return QFontMetrics(self._theme.font(13, 600)).horizontalAdvance(self.text())

    def _key_width(self) -> int:
        return QFontMetrics(self._theme.font(11)).horizontalAdvance(self._key()) + self._theme.px(
            11
        )

    @property
    def _shows_key(self) -> bool:
        return not self._compact and bool(self._key())

    def _key(self) -> str:
        return self._actions.key_text("send").replace("+", " ")
