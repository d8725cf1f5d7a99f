"""The round picture of a customer: initials on a colour of their own, with the channel's badge."""

from __future__ import annotations

import zlib

from PySide6.QtCore import QLocale, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.tokens import SIZES


def initials(name: str) -> str:
    """Return one or two capital letters that stand for a name or an address."""
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word]
    letters = [next((c for c in word if c.isalnum()), "") for word in words]
    letters = [letter for letter in letters if letter]
    if not letters:
        return "?"
    chosen = letters[0] if len(letters) == 1 or "@" in name else letters[0] + letters[-1]
    return QLocale().toUpper(chosen)


def hue_of(key: str) -> int:
    """Return a hue that stays the same for the same customer on every device."""
    return zlib.crc32(key.casefold().encode()) % 360


def paint_avatar(
    painter: QPainter,
    rect: QRectF,
    *,
    theme: Theme,
    name: str,
    channel: str = "",
    ring: QColor | None = None,
) -> None:
    """Draw the avatar inside `rect`; `ring` is the background that parts it from its badge."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    hue = hue_of(name)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.avatar_background(hue))
    painter.drawEllipse(rect)
    painter.setPen(theme.avatar_text(hue))
    # Half of 13 px text in a 36 px circle, and the same proportion in larger ones.
    painter.setFont(theme.face(rect.width() * 13 / 36 / theme.scale, 600).font)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, initials(name))
    if channel:
        side = theme.px(SIZES.badge)
        corner = QPointF(rect.right() + theme.px(4) - side, rect.bottom() + theme.px(3) - side)
        badge = QRectF(corner.x(), corner.y(), side, side)
        if ring is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ring)
            painter.drawRoundedRect(badge.adjusted(-2, -2, 2, 2), 6, 6)
        paint_badge(painter, badge, channel=channel)
    painter.restore()


def paint_badge(painter: QPainter, rect: QRectF, *, channel: str) -> None:
    """Draw a channel's mark, white on its colour."""
    glyph, colour = icons.channel(channel)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    radius = rect.width() / 3
    painter.drawRoundedRect(rect, radius, radius)
    inset = rect.width() * 0.19
    icons.paint(
        painter, rect.adjusted(inset, inset, -inset, -inset), glyph, QColor(Qt.GlobalColor.white)
    )
    painter.restore()


class Avatar(QWidget):
    """An avatar as a widget."""

    def __init__(
        self, theme: Theme, *, size: int = SIZES.avatar, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._size = size
        self._name = ""
        self._channel = ""
        theme.changed.connect(self.update)
        self.setSizePolicy(self.sizePolicy().Policy.Fixed, self.sizePolicy().Policy.Fixed)

    def show_customer(self, name: str, *, channel: str = "") -> None:
        self._name = name
        self._channel = channel
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        side = self._theme.px(self._size)
        return QSize(side + self._theme.px(5), side + self._theme.px(4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = self._theme.px(self._size)
        left = (self.width() - side) / 2 if not self._channel else 0
        paint_avatar(
            painter,
            QRectF(left, 0, side, side),
            theme=self._theme,
            name=self._name,
            channel=self._channel,
            ring=self._theme.colour("panel"),
        )
        painter.end()


class ChannelBadge(QWidget):
    """A channel's mark as a widget."""

    def __init__(self, channel: str, *, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self.setFixedSize(size, size)

    def show_channel(self, channel: str) -> None:
        self._channel = channel
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_badge(painter, QRectF(self.rect()), channel=self._channel)
        painter.end()
