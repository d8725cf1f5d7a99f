"""Small rounded labels: tags, states and times. Painted by delegates, or used as widgets."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Face, Theme
from desktop_inbox.ui.tokens import SIZES

HEIGHT = 18
_PADDING = 6
_GAP = 4
_ICON = 12
OUTLINE_ALPHA = 0.8
_ONE_LINE = (
    Qt.AlignmentFlag.AlignVCenter
    | Qt.AlignmentFlag.AlignLeft
    | Qt.AlignmentFlag.AlignAbsolute
    | Qt.TextFlag.TextSingleLine
)


class ChipStyle(NamedTuple):
    """What a chip looks like: a hue for tags, else a tone: ok, warn, bad, accent or plain."""

    text: str
    tone: str = "ok"
    hue: int | None = None
    icon: str = ""


def chip_width(theme: Theme, style: ChipStyle) -> float:
    """Return the room the chip takes, in device-independent pixels."""
    width = _face(theme, style).exact.horizontalAdvance(style.text) + 2 * theme.px(_PADDING)
    if style.icon:
        width += theme.px(_ICON) + theme.px(_GAP)
    if style.tone == "plain" and style.hue is None:
        width -= theme.px(_PADDING)
    return width


def paint_chip(
    painter: QPainter,
    at: QPointF,
    *,
    theme: Theme,
    style: ChipStyle,
    max_width: float = 1e6,
    outlined: bool = False,
) -> float:
    """Draw a chip with its top left corner at `at`; return its width.

    One that is `outlined` keeps its shape on a ground as pale as its own.
    """
    width = min(chip_width(theme, style), max_width)
    rect = QRectF(at.x(), at.y(), width, theme.px(HEIGHT))
    background, foreground = _colours(theme, style)
    painter.save()
    left = rect.left()
    if background is not None:
        paint_ground(painter, rect, background, line=foreground if outlined else None)
        left += theme.px(_PADDING)
    if style.icon:
        side = theme.px(_ICON)
        icons.paint(
            painter, QRectF(left, rect.center().y() - side / 2, side, side), style.icon, foreground
        )
        left += side + theme.px(_GAP)
    face = _face(theme, style)
    painter.setFont(face.font)
    painter.setPen(foreground)
    room = rect.right() - theme.px(_PADDING) - left
    text = face.exact.elidedText(style.text, Qt.TextElideMode.ElideRight, room + 1)
    painter.drawText(
        QRectF(left, rect.top(), room + theme.px(_PADDING), rect.height()),
        _ONE_LINE,
        text,
    )
    painter.restore()
    return width


def paint_ground(painter: QPainter, rect: QRectF, colour: QColor, *, line: QColor | None) -> None:
    """Draw what lies below the words of a chip, with a line around it where one is given."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if line is not None:
        pale = QColor(line)
        pale.setAlphaF(OUTLINE_ALPHA)
        painter.setPen(pale)
        rect.adjust(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(rect, SIZES.radius_small, SIZES.radius_small)


def _face(theme: Theme, style: ChipStyle) -> Face:
    return theme.face(11, 600 if style.tone in ("warn", "bad") else 400, tabular=True)


def _colours(theme: Theme, style: ChipStyle) -> tuple[QColor | None, QColor]:
    if style.hue is not None:
        return theme.tag_background(style.hue), theme.tag_text(style.hue)
    if style.tone == "plain":
        return None, theme.colour("muted")
    return theme.colour(f"{style.tone}_bg"), theme.colour(style.tone)


class Chip(QWidget):
    """A chip as a widget."""

    def __init__(self, theme: Theme, style: ChipStyle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._style = style
        self.setSizePolicy(self.sizePolicy().Policy.Maximum, self.sizePolicy().Policy.Fixed)
        self.setAccessibleName(style.text)
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(chip_width(self._theme, self._style) + 0.5), self._theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(28), self._theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_chip(
            painter,
            QPointF(0, 0),
            theme=self._theme,
            style=self._style,
            max_width=self.width(),
        )
        painter.end()
