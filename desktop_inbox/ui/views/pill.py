"""A button with a picture, a word and an arrow, painted from the theme: pills and tabs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.avatar import paint_badge

_HEIGHT = 30
_PAD = 9
_GAP = 6
_ICON = 15
_ARROW = 13


class Pill(QAbstractButton):
    """With a `menu` it opens that and shows an arrow; `bordered` pills stand in the head."""

    def __init__(
        self,
        theme: Theme,
        *,
        bordered: bool = False,
        menu: Callable[[], QMenu] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bordered = bordered
        self._menu = menu
        self._icon = ""
        self._channel = ""
        self._tone = ""
        self._on = False
        self._compact = False
        self._arrow = menu is not None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._open)
        theme.changed.connect(self.update)

    def show_words(
        self,
        text: str,
        *,
        icon: str = "",
        channel: str = "",
        tone: str = "",
        on: bool = False,
        arrow: bool = True,
    ) -> None:
        """Say something, with an icon or a channel's badge before it."""
        self._icon, self._channel, self._tone, self._on = icon, channel, tone, on
        self._arrow = arrow and self._menu is not None
        self.setText(text)
        self.updateGeometry()
        self.update()

    def set_compact(self, *, compact: bool) -> None:
        """Leave the word to the tooltip where there is no room."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        text = 0 if self._compact else self._text_width()
        return QSize(self._fixed() + text, self._theme.px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        least = 0 if self._compact else self._theme.px(24)
        return QSize(self._fixed() + least, self._theme.px(_HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        self._paint_ground(painter, rect)
        ink = theme.colour(self._tone or ("text" if self._bordered or self._on else "muted"))
        side = px(_ICON)
        left = float(px(_PAD))
        if self._icon or self._channel:
            place = self._mirrored(QRectF(left, (self.height() - side) / 2, side, side))
            if self._channel:
                paint_badge(painter, place, channel=self._channel)
            else:
                icons.paint(painter, place, self._icon, ink)
            left += side + px(_GAP)
        room = self.width() - left - px(_PAD) - (px(_ARROW + _GAP) if self._arrow else 0)
        painter.setFont(self._font())
        painter.setPen(ink)
        painter.drawText(
            self._mirrored(QRectF(left, 0, room + 1, self.height())),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading,
            QFontMetrics(self._font()).elidedText(
                "" if self._compact else self.text(), Qt.TextElideMode.ElideRight, round(room) + 1
            ),
        )
        if self._arrow:
            arrow = px(_ARROW)
            place = QRectF(self.width() - px(_PAD) - arrow, (self.height() - arrow) / 2, 0, 0)
            place.setSize(QSize(arrow, arrow).toSizeF())
            muted = ink if self._tone else theme.colour("muted")
            icons.paint(painter, self._mirrored(place), "chevron-down", muted)
        painter.end()

    def _paint_ground(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._theme
        border = None
        if self.hasFocus() or self._tone:
            border = theme.colour("accent")
        elif self._bordered:
            border = theme.colour("line")
        fill = None
        if self._on or self.underMouse():
            fill = theme.colour("hover")
        elif self._bordered:
            fill = theme.colour("panel")
        painter.setPen(border if border is not None else Qt.PenStyle.NoPen)
        painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, 7, 7)

    def _open(self) -> None:
        if self._menu is not None and self._arrow:
            self._menu().popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _mirrored(self, rect: QRectF) -> QRectF:
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            rect.moveRight(self.width() - rect.left())
        return rect

    def _fixed(self) -> int:
        px = self._theme.px
        width = 2 * px(_PAD)
        if self._icon or self._channel:
            width += px(_ICON) + (0 if self._compact else px(_GAP))
        return width + (px(_ARROW) + px(_GAP) if self._arrow else 0)

    def _text_width(self) -> int:
        return QFontMetrics(self._font()).horizontalAdvance(self.text()) + 2

    def _font(self) -> QFont:
        return self._theme.font(13, 600 if self._on else 400)
