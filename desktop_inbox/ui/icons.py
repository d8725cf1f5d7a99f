"""Icons drawn from the shipped SVG files in the colours of the theme, sharp at any scale.

Lives on the UI thread. An icon asks the theme when it is painted, so that a change of scheme
needs a repaint only.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from desktop_inbox.paths import resources
from desktop_inbox.ui.theme import Theme

# Account kind, or service of one -> its glyph and the colour of its badge.
CHANNELS: dict[str, tuple[str, str]] = {
    "email": ("mail", "#5B6CFF"),
    "telegram": ("send", "#229ED9"),
    "twilio": ("smartphone", "#7048E8"),
    "sms": ("smartphone", "#7048E8"),
    "rcs": ("smartphone", "#7048E8"),
    "whatsapp": ("message-circle", "#16A34A"),
    "messenger": ("message-circle", "#0866FF"),
    "instagram": ("camera", "#C13584"),
    "matrix": ("brackets", "#3F4756"),
    "xmpp": ("message-square-text", "#3B6FB6"),
    "phone": ("phone", "#047857"),
    "feed": ("rss", "#C2410C"),
    "mqtt": ("cpu", "#0F766E"),
}
BESIDE_WORDS = QSize(22, 16)  # the icon stands in the middle, so words keep their distance
_UNKNOWN_CHANNEL = ("message-square-text", "#667085")


def channel(kind: str) -> tuple[str, str]:
    """Return the glyph and the colour of a channel."""
    return CHANNELS.get(kind, _UNKNOWN_CHANNEL)


@cache
def _source(name: str) -> bytes:
    return (resources() / "icons" / f"{name}.svg").read_bytes()


def render(name: str, *, size: QSize, colour: QColor) -> QPixmap:
    """Return the icon in physical pixels."""
    key = f"inbox:{name}:{size.width()}x{size.height()}:{colour.rgba():x}"
    cached = QPixmap()
    if QPixmapCache.find(key, cached):
        return cached
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    coloured = _source(name).replace(b"currentColor", colour.name().encode())
    painter = QPainter(pixmap)
    painter.setOpacity(colour.alphaF())
    side = min(size.width(), size.height())
    target = QRectF((size.width() - side) / 2, (size.height() - side) / 2, side, side)
    QSvgRenderer(QByteArray(coloured)).render(painter, target)
    painter.end()
    QPixmapCache.insert(key, pixmap)
    return pixmap


def paint(painter: QPainter, rect: QRectF, name: str, colour: QColor) -> None:
    """Draw an icon inside `rect` on whatever the painter draws on."""
    ratio = painter.device().devicePixelRatio()
    size = QSize(round(rect.width() * ratio), round(rect.height() * ratio))
    pixmap = render(name, size=size, colour=colour)
    pixmap.setDevicePixelRatio(ratio)
    x, y = round(rect.x() * ratio) / ratio, round(rect.y() * ratio) / ratio
    painter.drawPixmap(QRectF(x, y, rect.width(), rect.height()), pixmap, QRectF(pixmap.rect()))


class _Engine(QIconEngine):
    def __init__(self, theme: Theme, name: str, colour: str, checked: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._colour = colour
        self._checked = checked

    def _current(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        token = self._checked if state == QIcon.State.On else self._colour
        colour = self._theme.colour(token)
        if mode == QIcon.Mode.Disabled:
            colour.setAlphaF(0.45)
        return colour

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint(painter, QRectF(rect), self._name, self._current(mode, state))  # type: ignore[call-overload]

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return render(self._name, size=size, colour=self._current(mode, state))

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        pixmap = self.pixmap(size * scale, mode, state)
        pixmap.setDevicePixelRatio(scale)
        return pixmap


def icon(theme: Theme, name: str, *, colour: str = "muted", checked: str = "accent") -> QIcon:
    """Return an icon in the colour of a token; `checked` colours the on-state."""
    return QIcon(_Engine(theme, name, colour, checked))
