"""One line of the navigation: a mark, words that give way, a count. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop_inbox.ui import icons
from desktop_inbox.ui.mirrored import mirrored
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.avatar import paint_badge
from desktop_inbox.ui.views.controls import tooltip

_BY_KEY = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
    }
)


class NavigationItem(QAbstractButton):
    """One line: a mark, words that give way, a count."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        icon: str = "",
        channel: str = "",
        hue: int | None = None,
        urgent: bool = False,  # its count is a warning
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon
        self._channel = channel
        self._hue = hue
        self._urgent = urgent
        self.number = 0  # what it counts
        self._count = ""
        self._mark = ""
        self._hint = ""  # what the mark means
        self._ring = False  # the focus came by key, so it has to be seen
        self.setText(text)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()
        theme.changed.connect(self.updateGeometry)

    @property
    def count(self) -> str:
        return self._count

    def show_count(self, count: int) -> None:
        self.number = count
        shown = QLocale().toString(count) if count else ""
        if shown != self._count:
            self._count = shown
            self._name()
            self.update()

    def show_mark(self, icon: str, *, words: str) -> None:
        """Show a warning in place of the count; `words` say what it means."""
        if words != self._hint:
            self._hint = words
            self.setToolTip(tooltip(words))
            self._name()
        if icon != self._mark:
            self._mark = icon
            self.update()

    def _name(self) -> None:
        self.setAccessibleName(", ".join(filter(None, (self.text(), self._count, self._hint))))

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self._theme.px(30))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(60), self._theme.px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self._paint_background(painter)
        end = self._paint_end(painter)
        self._paint_symbol(painter)
        self._paint_words(painter, end)
        painter.end()

    def _paint_end(self, painter: QPainter) -> int:
        """Paint the mark or the count, and return where what stands before it has to end."""
        theme, selected = self._theme, self.isChecked()
        px = theme.px
        right = self.width() - px(10)
        if self._mark:
            side = px(15)
            place = QRect(right - side, (self.height() - side) // 2, side, side)
            icons.paint(painter, QRectF(self._mirrored(place)), self._mark, theme.colour("warn"))
            right -= side + px(8)
        elif self._count:
            figures = theme.tabular(12, 600 if selected or self._urgent else 400)
            tone = "warn" if self._urgent else "accent" if selected else "muted"
            width = QFontMetrics(figures).horizontalAdvance(self._count) + 1
            painter.setFont(figures)
            painter.setPen(theme.colour(tone))
            painter.drawText(
                self._mirrored(QRect(right - width, 0, width, self.height())),
                Qt.AlignmentFlag.AlignCenter,
                self._count,
            )
            right -= width + px(8)
        return right

    def _paint_words(self, painter: QPainter, end: int) -> None:
        theme, selected = self._theme, self.isChecked()
        font = theme.font(13, 600 if selected else 400)
        painter.setFont(font)
        painter.setPen(theme.colour("accent" if selected else "text"))
        left = theme.px(36)
        rect = QRect(left, 0, end - left, self.height())
        text = QFontMetrics(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, rect.width())
        side_flag = (
            Qt.AlignmentFlag.AlignRight
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            else Qt.AlignmentFlag.AlignLeft
        )
        painter.drawText(
            self._mirrored(rect),
            side_flag | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter,
            text,
        )

    def _paint_background(self, painter: QPainter) -> None:
        theme = self._theme
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.colour("accent") if self._ring else Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(theme.colour("accent_bg"))
        elif self.underMouse():
            painter.setBrush(theme.colour("hover"))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, 7, 7)

    def _paint_symbol(self, painter: QPainter) -> None:
        theme = self._theme
        side = theme.px(16)
        place = self._mirrored(QRect(theme.px(10), (self.height() - side) // 2, side, side))
        if self._channel:
            paint_badge(painter, QRectF(place), channel=self._channel)
        elif self._hue is not None:
            dot = theme.px(9)
            centre = place.center()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.tag_dot(self._hue))
            painter.drawRoundedRect(
                QRectF(centre.x() - dot / 2 + 0.5, centre.y() - dot / 2 + 0.5, dot, dot), 3, 3
            )
        elif self._icon_name:
            colour = theme.colour("accent" if self.isChecked() else "text")
            icons.paint(painter, QRectF(place), self._icon_name, colour)

    def _mirrored(self, rect: QRect) -> QRect:
        return mirrored(self.layoutDirection(), self.rect(), rect)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = event.reason() in _BY_KEY
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ring = False
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
