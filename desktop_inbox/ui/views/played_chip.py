"""Chips of a chat's files: what their states are called, and the button of what is played.

UI thread only. What plays nowhere in the window is opened by the system's program for it.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.attachments import AttachmentChip, AttachmentStrip
from desktop_inbox.ui.views.controls import tooltip
from desktop_inbox.ui.views.formats import file_size
from desktop_inbox.ui.views.piece_words import media_state, play_length


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

    def _paint_play(
        self,
        painter: QPainter,
        centre: QPointF,
        side: float,
        ground: QColor,
        *,
        sign: str = "play",
    ) -> None:
        """A sign on a disc: "play" or "pause", or what keeps it from playing."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawEllipse(centre, side / 2, side / 2)
        colour = self._theme.colour("on_accent")
        if self.row.state == "server":
            sign = "circle-alert" if self.row.problem else "loader-circle"
        painter.setBrush(colour)
        reach = side * 0.2
        match sign:
            case "play":
                back, tip = centre - QPointF(reach * 0.75, 0), centre + QPointF(reach * 1.15, 0)
                up = QPointF(0, reach)
                painter.drawPolygon(QPolygonF([back - up, back + up, tip]))
            case "pause":
                for across in (-reach, reach * 0.3):
                    painter.drawRect(
                        QRectF(centre.x() + across, centre.y() - reach, reach * 0.7, reach * 2)
                    )
            case _:
                inner = side * 0.5
                place = QRectF(centre.x() - inner / 2, centre.y() - inner / 2, inner, inner)
                icons.paint(painter, place, sign, colour)
