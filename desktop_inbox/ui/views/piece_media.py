"""Pictures, stickers and videos of a chat, drawn in their place. UI thread only.

A video is played by the system's program for it; the chip says how long it is.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPainterPath

from desktop_inbox.domain.pieces import Sticker
from desktop_inbox.store.rows import AttachmentRow, MessageRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.tokens import SIZES
from desktop_inbox.ui.views.attachments import AttachmentChip, AttachmentStrip
from desktop_inbox.ui.views.pictures import SHOWN_TYPES
from desktop_inbox.ui.views.played_chip import ChatChip, PlayedChip
from desktop_inbox.ui.views.sound_chip import SoundChip

PREVIEW = QSize(320, 280)
_ONE_OF_SEVERAL = QSize(168, 140)  # so that two stand beside each other
_STICKER = QSize(144, 144)
_SMALLEST = 40  # a picture may be a line; it can still be pressed
_VIDEO = QSize(240, 135)


def chip_of(
    row: AttachmentRow, *, theme: Theme, parent: AttachmentStrip, message: MessageRow
) -> AttachmentChip:
    """The chip that a file of a chat is shown by; `message` is the one it came with."""
    kind = row.media_type.partition("/")[0]
    if row.media_type in SHOWN_TYPES:
        sticker = any(isinstance(piece, Sticker) for piece in message.pieces)
        pictures = sum(file.media_type in SHOWN_TYPES for file in message.attachments)
        box = _STICKER if sticker else PREVIEW if pictures == 1 else _ONE_OF_SEVERAL
        return PictureChip(row, theme=theme, parent=parent, box=box, framed=not sticker)
    if kind == "audio":
        return SoundChip(row, theme=theme, parent=parent)
    if kind == "video":
        return VideoChip(row, theme=theme, parent=parent)
    return ChatChip(row, theme=theme, parent=parent)


class PictureChip(ChatChip):
    """A picture within a box, its proportions kept; a sticker is not `framed`."""

    def __init__(
        self,
        row: AttachmentRow,
        *,
        theme: Theme,
        parent: AttachmentStrip,
        box: QSize,
        framed: bool,
    ) -> None:
        self._box = QSize(theme.px(box.width()), theme.px(box.height()))
        self._framed = framed
        super().__init__(row, theme=theme, parent=parent)

    def sizeHint(self) -> QSize:
        return _within(self._picture, self._box) if self._picture else super().sizeHint()

    def _paint_picture(self, painter: QPainter, rect: QRectF) -> None:
        assert self._picture is not None
        size = QSize(self._picture.size()).scaled(
            rect.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio
        )
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(rect.center())
        frame = QPainterPath()
        frame.addRoundedRect(rect, SIZES.radius, SIZES.radius)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._framed:
            painter.setClipPath(frame)
        painter.drawImage(place, self._picture)
        painter.restore()
        if self._framed:
            painter.setPen(self._theme.colour("line"))
            painter.drawPath(frame)


class VideoChip(PlayedChip):
    """A video: where its picture would stand, a button to play it and how long it is."""

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(_VIDEO.width()), self._theme.px(_VIDEO.height()))

    def _paint_chip(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._theme
        painter.setPen(theme.colour("bad" if self._fault else "line"))
        painter.setBrush(_SCREEN)
        painter.drawRoundedRect(rect, SIZES.radius, SIZES.radius)
        ground = theme.colour("bad" if self.row.problem or self._fault else "accent")
        self._paint_play(painter, rect.center() - QPointF(0, 6), theme.px(44), ground)
        painter.setFont(theme.font(11.5))
        painter.setPen(_ON_SCREEN)
        told = " · ".join(filter(None, (self._name(), self._told())))
        room = rect.adjusted(10, 0, -10, -8)
        painter.drawText(
            room,
            Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading,
            QFontMetrics(painter.font()).elidedText(
                told, Qt.TextElideMode.ElideMiddle, round(room.width())
            ),
        )


_SCREEN = QColor("#20242E")  # a dark screen in either theme
_ON_SCREEN = QColor("#E7E9EE")


def _within(picture: QImage, box: QSize) -> QSize:
    """The size a picture takes: its own, or less where the box is smaller."""
    size = picture.size()
    if size.width() > box.width() or size.height() > box.height():
        size = size.scaled(box, Qt.AspectRatioMode.KeepAspectRatio)
    return size.expandedTo(QSize(_SMALLEST, _SMALLEST))
