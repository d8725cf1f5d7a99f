"""Pictures, stickers, recordings and videos of a chat, drawn in their place. UI thread only.

What moves or sounds is played by the system's program for it; the chip says how long it is.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPainterPath, QPolygonF

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.pieces import Sticker
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AttachmentRow, MessageRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import SIZES, Theme
from desktop_inbox.ui.views.attachments import AttachmentChip, AttachmentStrip
from desktop_inbox.ui.views.controls import tooltip
from desktop_inbox.ui.views.formats import file_size
from desktop_inbox.ui.views.pictures import SHOWN_TYPES
from desktop_inbox.ui.views.piece_words import media_state, play_length

PREVIEW = QSize(320, 280)
_ONE_OF_SEVERAL = QSize(168, 140)  # so that two stand beside each other
_STICKER = QSize(144, 144)
_SMALLEST = 40  # a picture may be a line; it can still be pressed
_SOUND = QSize(250, 48)
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


class ChatChip(AttachmentChip):
    """Any file of a chat: it is fetched by itself, and says how that goes."""

    def _second(self) -> str:
        state = media_state(self.row)
        return state if state and self._progress is None else super()._second()

    def _describe(self) -> None:
        super()._describe()
        if state := media_state(self.row):
            told = "\n".join(filter(None, (f"{self._name()}, {state}", self._fault)))
            self.setAccessibleName(told)
            self.setToolTip(tooltip(told))


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


class PlayedChip(ChatChip):
    """Something that is played: by the system's program, which a press opens."""

    def __init__(self, row: AttachmentRow, *, theme: Theme, parent: AttachmentStrip) -> None:
        self._seconds: float | None = None
        super().__init__(row, theme=theme, parent=parent)

    @property
    def measured(self) -> bool:
        """Whether its length is known."""
        return self._seconds is not None

    @property
    def length(self) -> str:
        """How long it is; '' where that is not known."""
        return play_length(self._seconds) if self._seconds else ""

    def set_length(self, seconds: float | None) -> None:
        """Say how long it is; None where that cannot be told."""
        self._seconds = seconds or 0.0
        self._describe()
        self.update()

    def _told(self) -> str:
        """Length and size, or why it cannot be played."""
        if self._progress is not None or media_state(self.row):
            return self._second()
        return " · ".join(filter(None, (self.length, file_size(self.row.size))))

    def _describe(self) -> None:
        super()._describe()
        if not media_state(self.row) and not self._fault:
            told = f"{self._title()}, {self._told()}\n" + _("Opens in your player")
            self.setAccessibleName(told)
            self.setToolTip(tooltip(told))

    def _title(self) -> str:
        return self._name()

    def _paint_play(self, painter: QPainter, centre: QPointF, side: float, ground: QColor) -> None:
        """A triangle on a disc, or what keeps it from playing."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawEllipse(centre, side / 2, side / 2)
        colour = self._theme.colour("on_accent")
        if self.row.state == "server":
            name = "circle-alert" if self.row.problem else "loader-circle"
            inner = side * 0.5
            place = QRectF(centre.x() - inner / 2, centre.y() - inner / 2, inner, inner)
            icons.paint(painter, place, name, colour)
            return
        reach = side * 0.2
        painter.setBrush(colour)
        painter.drawPolygon(
            QPolygonF(
                [
                    centre + QPointF(-reach * 0.75, -reach),
                    centre + QPointF(-reach * 0.75, reach),
                    centre + QPointF(reach * 1.15, 0),
                ]
            )
        )


class SoundChip(PlayedChip):
    """A voice note or another recording: a button to play it, what it is and how long."""

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(_SOUND.width()), self._theme.px(_SOUND.height()))

    def _title(self) -> str:
        kind = self.row.media_type
        voice = self.row.inline or kind in ("audio/ogg", "audio/opus", "audio/amr")
        return _("Voice message") if voice else visible(self.row.name) or self.row.safe_name

    def _paint_chip(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._theme
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        painter.setPen(theme.colour("bad" if self._fault else "line"))
        painter.setBrush(theme.colour("hover" if self.underMouse() else "panel"))
        painter.drawRoundedRect(rect, SIZES.radius, SIZES.radius)
        side = theme.px(32)
        inset = 8 + side / 2
        across = rect.right() - inset if mirrored else rect.left() + inset
        self._paint_play(
            painter, QPointF(across, rect.center().y()), side, theme.colour(self._tone())
        )
        left = rect.left() + (10 if mirrored else 18 + side)
        words = QRectF(left, rect.top(), rect.width() - 28 - side, rect.height())
        title, told = theme.font(12.5, 600), theme.font(11.5)
        heights = QFontMetrics(title).height(), QFontMetrics(told).height()
        top = rect.center().y() - sum(heights) / 2
        start = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        for font, height, text, colour in (
            (title, heights[0], self._title(), "text"),
            (told, heights[1], self._told(), "muted"),
        ):
            painter.setFont(font)
            painter.setPen(theme.colour(colour))
            fitting = QFontMetrics(font).elidedText(
                text, Qt.TextElideMode.ElideRight, round(words.width())
            )
            painter.drawText(QRectF(words.left(), top, words.width(), height), start, fitting)
            top += height

    def _tone(self) -> str:
        if self._fault or self.row.problem:
            return "bad"
        return "accent" if self.row.state != "server" else "muted"


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
