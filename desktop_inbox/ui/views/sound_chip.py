"""A recording of a chat: played in its place, with its shape to click and drag in. UI thread only.

Only shows and asks; `sound_desk` takes it apart and plays it. A kind that cannot be played here is
a button that opens the system's player.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QLocale, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.tokens import SIZES
from desktop_inbox.ui.views.announce import announce
from desktop_inbox.ui.views.attachments import AttachmentStrip, Wish
from desktop_inbox.ui.views.controls import tooltip
from desktop_inbox.ui.views.piece_words import media_state, play_length
from desktop_inbox.ui.views.played_chip import PlayedChip

LARGEST_PLAYED = 32 * 2**20  # bytes
_PLAYED_TYPES = frozenset(
    {
        "audio/flac", "audio/mp3", "audio/mpeg", "audio/ogg", "audio/opus", "audio/vnd.wave",
        "audio/vorbis", "audio/wav", "audio/wave", "audio/x-flac", "audio/x-wav",
    }
)  # fmt: skip
_VOICE_TYPES = ("audio/ogg", "audio/opus", "audio/amr")
_BUTTON = QSize(250, 48)
_PLAYED = QSize(300, 58)
_DISC = 36
_EDGE = 10  # beside the disc
_SHAPE_TOP, _SHAPE_HEIGHT = 8, 24
_WORDS_HEIGHT = 20
_BAR_SHARE = 0.6  # of the room that a bar has is drawn
_FLAT = bytes(60)  # while the shape is not known
_STEP_SECONDS = 5.0
_FAINT = 0.55


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How far a recording is heard, and whether it goes on."""

    state: str = ""  # "waiting" until it can be played, "playing", "paused"; '' before
    at: float = 0.0  # seconds
    speed: float = 1.0


class SoundChip(PlayedChip):
    """A voice note or another recording: a button to play it, its shape, and how long it is."""

    def __init__(self, row: AttachmentRow, *, theme: Theme, parent: AttachmentStrip) -> None:
        self._outside = False
        self._bars = b""
        self._asked = False
        self._heard = Heard()
        self._dragged: float | None = None  # seconds, where the pointer holds it
        self.wanted = 0.0  # seconds: where a SEEK goes
        super().__init__(row, theme=theme, parent=parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.speed = SpeedButton(theme, parent=self)
        self.speed.clicked.connect(lambda: self.wished.emit(Wish.SPEED))

    # --- what it shows ---

    @property
    def in_place(self) -> bool:
        """Whether it is played here."""
        known = self.row.media_type.partition(";")[0].strip().lower() in _PLAYED_TYPES
        return known and not self._outside and self.row.size <= LARGEST_PLAYED

    @property
    def heard(self) -> Heard:
        return self._heard

    @property
    def bars(self) -> bytes:
        return self._bars

    def set_outside(self) -> None:
        """It cannot be played here after all."""
        if self._outside:
            return
        self._outside = True
        self._heard = Heard()
        self.speed.hide()
        self._describe()
        self.updateGeometry()
        self.update()

    def set_shape(self, bars: bytes, seconds: float) -> None:
        """Show how loud it is along its way."""
        if bars != self._bars:
            self._bars, self._asked = bars, True
            self.set_length(seconds)

    def set_heard(self, heard: Heard) -> None:
        """Show how far it is heard."""
        before, self._heard = self._heard, heard
        self.speed.set_speed(heard.speed)
        self.speed.setVisible(heard.state in ("playing", "paused") and self.in_place)
        if heard.state != before.state or heard.state == "paused":
            self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        size = _PLAYED if self.in_place else _BUTTON
        return QSize(self._theme.px(size.width()), self._theme.px(size.height()))

    # --- what a person does ---

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and self._moves(event) is not None
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        target = self._moves(event)
        if target is None:
            super().keyPressEvent(event)
            return
        self._seek(target)
        announce(self, self._place(target))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._is_in_shape(event.position()):
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._drag_to(event.position())
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is None:
            super().mouseMoveEvent(event)
            return
        self._drag_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragged is None:
            super().mouseReleaseEvent(event)
            return
        target, self._dragged = self._dragged, None
        self._seek(target)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_speed()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._place_speed()

    def _place_speed(self) -> None:
        size = self.speed.sizeHint()
        room = self._beside_disc()
        left = room.left() if self._mirrored() else room.right() - size.width()
        self.speed.setGeometry(
            round(left), round(self._words_top()), size.width(), self._theme.px(_WORDS_HEIGHT)
        )

    def _pressing(self) -> Wish:
        return Wish.PLAY if self.in_place else Wish.OPEN

    def _moves(self, event: QKeyEvent) -> float | None:
        """Where a key goes; None where it is none of those that move in the recording."""
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or not self._can_seek():
            return None
        match event.key():
            case Qt.Key.Key_Left:
                return max(self._heard.at - _STEP_SECONDS, 0.0)
            case Qt.Key.Key_Right:
                return min(self._heard.at + _STEP_SECONDS, self._seconds or 0.0)
            case Qt.Key.Key_Home:
                return 0.0
            case _:
                return None

    def _can_seek(self) -> bool:
        return self.in_place and bool(self._seconds) and not self.on_server

    def _seek(self, seconds: float) -> None:
        self.wanted = seconds
        self.wished.emit(Wish.SEEK)

    def _is_in_shape(self, point: QPointF) -> bool:
        room = self._beside_disc()
        return self._can_seek() and room.contains(point) and point.y() < self._words_top()

    def _drag_to(self, point: QPointF) -> None:
        room = self._shape_room()
        share = (point.x() - room.left()) / max(room.width(), 1.0)
        self._dragged = min(max(share, 0.0), 1.0) * (self._seconds or 0.0)
        self.update()

    # --- words ---

    def _title(self) -> str:
        if self._is_voice():
            return _("Voice message")
        return visible(self.row.name) or self.row.safe_name

    def _is_voice(self) -> bool:
        return self.row.inline or self.row.media_type in _VOICE_TYPES

    def _at(self) -> float:
        return self._heard.at if self._dragged is None else self._dragged

    def _told(self) -> str:
        if self._heard.state in ("playing", "paused"):
            # Held together, else it would be turned round within a line from right to left.
            return f"\u2066{play_length(self._at())} / {self.length}\u2069"
        return super()._told()

    def _place(self, seconds: float) -> str:
        return _("{time} of {length}").format(time=play_length(seconds), length=self.length)

    def _describe(self) -> None:
        super()._describe()
        if media_state(self.row) or self._fault or not self.in_place:
            return
        match self._heard.state:
            case "playing":
                told, hint = _("playing"), _("A press pauses it; arrow keys move in it")
            case "paused":
                told = _("paused, {place}").format(place=self._place(self._heard.at))
                hint = _("A press goes on; arrow keys move in it")
            case "waiting":
                told, hint = _("loading…"), ""
            case _:
                told, hint = self._told(), _("Plays here")
        said = "\n".join(filter(None, (f"{self._title()}, {told}", hint)))
        self.setAccessibleName(said)
        self.setToolTip(tooltip(said))

    # --- drawing ---

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._asked and self.in_place and not self.on_server:
            self._asked = True  # only what comes onto the screen is looked into
            QTimer.singleShot(0, self, lambda: self.wished.emit(Wish.SHAPE))
        super().paintEvent(event)

    def _mirrored(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _side(self) -> float:
        return self._theme.px(_DISC if self.in_place else _DISC - 4)

    def _beside_disc(self) -> QRectF:
        taken = self._side() + 2 * _EDGE
        rect = QRectF(self.rect())
        if self._mirrored():
            return rect.adjusted(_EDGE + 2, 0, -taken, 0)
        return rect.adjusted(taken, 0, -_EDGE - 2, 0)

    def _shape_room(self) -> QRectF:
        room = self._beside_disc()
        px = self._theme.px
        return QRectF(room.left(), px(_SHAPE_TOP), room.width(), px(_SHAPE_HEIGHT))

    def _words_top(self) -> float:
        return self._theme.px(_SHAPE_TOP + _SHAPE_HEIGHT + 2)

    def _paint_chip(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._theme
        painter.setPen(theme.colour("bad" if self._fault else "line"))
        painter.setBrush(theme.colour("hover" if self.underMouse() else "panel"))
        painter.drawRoundedRect(rect, SIZES.radius, SIZES.radius)
        side = self._side()
        inset = _EDGE + side / 2
        across = rect.right() - inset if self._mirrored() else rect.left() + inset
        centre = QPointF(across, rect.center().y())
        sign = {"playing": "pause", "waiting": "loader-circle"}.get(self._heard.state, "play")
        self._paint_play(painter, centre, side, theme.colour(self._tone()), sign=sign)
        if self.in_place:
            self._paint_shape(painter)
            self._paint_words(painter)
        else:
            self._paint_button(painter)

    def _paint_shape(self, painter: QPainter) -> None:
        room, bars = self._shape_room(), self._bars or _FLAT
        step = room.width() / len(bars)
        width = max(step * _BAR_SHARE, 1.0)
        share = self._at() / self._seconds if self._seconds else 0.0
        reached = room.left() + share * room.width()
        played = self._theme.colour("accent")
        coming = self._theme.colour("muted")
        coming.setAlphaF(_FAINT)
        painter.setPen(Qt.PenStyle.NoPen)
        for place, loud in enumerate(bars):
            left = room.left() + place * step
            height = max(room.height() * loud / 255, width)
            painter.setBrush(played if left + width / 2 <= reached else coming)
            bar = QRectF(left, room.center().y() - height / 2, width, height)
            painter.drawRoundedRect(bar, width / 2, width / 2)
        if self._heard.state in ("playing", "paused") or self._dragged is not None:
            painter.setBrush(played)
            painter.drawEllipse(QPointF(reached, room.center().y()), 4.5, 4.5)

    def _paint_words(self, painter: QPainter) -> None:
        room = self._beside_disc()
        if self.speed.isVisible():
            taken = self.speed.width() + 6
            room.adjust(taken if self._mirrored() else 0, 0, 0 if self._mirrored() else -taken, 0)
        told = self._told()
        if not self._is_voice():
            told = f"{told} · {self._title()}"
        face = self._theme.face(11.5, tabular=True)
        place = QRectF(room.left(), self._words_top(), room.width(), self._theme.px(_WORDS_HEIGHT))
        painter.setFont(face.font)
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(
            place,
            Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter,
            face.metrics.elidedText(told, Qt.TextElideMode.ElideRight, round(room.width())),
        )

    def _paint_button(self, painter: QPainter) -> None:
        theme, room = self._theme, self._beside_disc()
        title, told = theme.font(12.5, 600), theme.font(11.5)
        heights = QFontMetrics(title).height(), QFontMetrics(told).height()
        top = room.center().y() - sum(heights) / 2
        start = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        for font, height, text, colour in (
            (title, heights[0], self._title(), "text"),
            (told, heights[1], self._told(), "muted"),
        ):
            painter.setFont(font)
            painter.setPen(theme.colour(colour))
            fitting = QFontMetrics(font).elidedText(
                text, Qt.TextElideMode.ElideRight, round(room.width())
            )
            painter.drawText(QRectF(room.left(), top, room.width(), height), start, fitting)
            top += height

    def _tone(self) -> str:
        if self._fault or self.row.problem:
            return "bad"
        return "accent" if self.row.state != "server" else "muted"


class SpeedButton(QAbstractButton):
    """How fast a recording is played; a press takes the next speed."""

    def __init__(self, theme: Theme, *, parent: SoundChip) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_speed(1.0)
        self.hide()

    def set_speed(self, speed: float) -> None:
        text = QLocale().toString(speed, "g", 2) + "×"
        if text != self.text():
            self.setText(text)
            told = _("Speed: {speed}").format(speed=text)
            self.setAccessibleName(told)
            self.setToolTip(tooltip(told))

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(40), self._theme.px(_WORDS_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.colour("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent_bg"))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.setFont(theme.font(11, 600))
        painter.setPen(theme.colour("accent"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()
