"""Paints the lines of the conversation list from kept pictures. UI thread only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QHelpEvent, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QToolTip

from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui import icons
from desktop_inbox.ui.mirrored import mirrored
from desktop_inbox.ui.models.paged import RowRole
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.tokens import SIZES
from desktop_inbox.ui.views.row_brush import RowBrush
from desktop_inbox.ui.views.row_pictures import RowPictures
from desktop_inbox.ui.views.row_words import RowWords, words_of

if TYPE_CHECKING:  # these know every style there is, which the first frame has no time for
    from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem

_BUTTON = 26
STAR = "conversation.star"
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_BELOW_POINTER = 56  # how far down Qt's tooltips of one line reach
_BESIDE_POINTER = 12

# What the buttons that show up under the pointer do, from the right: action id and icon.
HOVER_ACTIONS = (
    ("conversation.close", "circle-check"),
    ("conversation.snooze", "alarm-clock"),
    (STAR, "star"),
)
# What was put away can only be fetched back.
AWAY_ACTIONS = (("conversation.reopen", "rotate-ccw"),)


class Standing(NamedTuple):
    """How the list has a row stand out at the moment."""

    selected: bool = False
    hovered: bool = False  # the pointer is on it
    focused: bool = False  # keys move from here, in the window in front


class _Face(NamedTuple):
    """Everything that decides how a row looks, apart from its size: what its picture shows."""

    row: ConversationRow | None  # None: a placeholder, while it is being read
    words: RowWords | None
    selected: bool
    checked: bool  # one of several that are being chosen
    hovered: bool
    direction: Qt.LayoutDirection


class ConversationDelegate(QStyledItemDelegate):
    """Draws rows as in the mock-up; knows where its hover buttons are."""

    def __init__(
        self,
        theme: Theme,
        *,
        words_of_button: Callable[[int], str] = lambda _button: "",
        standing: Callable[[QModelIndex | QPersistentModelIndex], Standing] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`words_of_button` says what a button does, by its place in `actions`.

        `standing` says how a row stands out; without it none does.
        """
        super().__init__(parent)
        self._theme = theme
        self._words_of_button = words_of_button
        self._standing = standing or (lambda _index: Standing())
        self.marking = False  # several rows are being chosen: show it on the avatars
        self.hovered_button = -1
        self.actions: tuple[tuple[str, str], ...] = HOVER_ACTIONS
        self._pictures = RowPictures()
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        self._pictures.clear()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(self._theme.px(SIZES.list), self._theme.px(SIZES.row))

    def buttons(self, row: QRect) -> list[QRect]:
        """Return where the hover buttons of a row are, in the order of `actions`."""
        side = self._theme.px(_BUTTON)
        right, top = row.right() - self._theme.px(10), row.top() + self._theme.px(6)
        return [
            QRect(right - side * (place + 1) - 2 * place, top, side, side)
            for place in range(len(self.actions))
        ]

    def button_at(self, row: QRect, point: QPoint) -> int:
        """Return which hover button is under a point, -1 for none."""
        for place, rect in enumerate(self.buttons(row)):
            if rect.contains(point):
                return place
        return -1

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Say what a button does, and anywhere else when exactly the last message came."""
        if event.type() != QEvent.Type.ToolTip:
            return super().helpEvent(event, view, option, index)
        row: QRect = option.rect
        button = self.button_at(row, event.pos())
        said = self._words_of_button(button) if button >= 0 else index.data(_TOOLTIP) or ""
        # Qt shows it below the pointer: it must not cover the row that comes next.
        lowest = row.bottom() - self._theme.px(_BELOW_POINTER)
        lift = max(event.pos().y() - lowest, 0)
        aside = self._theme.px(_BESIDE_POINTER) if lift else 0
        QToolTip.showText(event.globalPos() + QPoint(aside, -lift), said, view)
        return True

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        rect: QRect = option.rect
        standing = self._standing(index)
        face = self._face(index.data(RowRole), standing, option.direction, now=utc_now())
        ground = self._ground(face)
        self._pictures.paint(
            painter,
            rect,
            shows=face,
            ground=ground,
            draw=lambda inner, inside: self._draw(inner, inside, face, ground),
        )
        painter.save()
        painter.setClipRect(rect)
        if standing.focused and (self.marking or not standing.selected):
            self._paint_focus(painter, rect)
        if face.hovered and face.row is not None:
            self._paint_buttons(painter, rect, starred=face.row.starred)
        painter.restore()

    def _face(
        self,
        row: object,
        standing: Standing,
        direction: Qt.LayoutDirection,
        *,
        now: datetime,
    ) -> _Face:
        known = row if isinstance(row, ConversationRow) else None
        return _Face(
            row=known,
            words=words_of(known, now=now) if known is not None else None,
            selected=standing.selected,
            checked=standing.selected and self.marking,
            hovered=standing.hovered,
            direction=direction,
        )

    def _ground(self, face: _Face) -> QColor:
        name = "selection" if face.selected else "hover" if face.hovered else "panel"
        return self._theme.colour(name)

    def _draw(self, painter: QPainter, rect: QRect, face: _Face, ground: QColor) -> None:
        """Draw a picture: all of a row but what comes and goes with pointer and focus."""
        theme = self._theme
        # Foreign words run as they are written, whichever way the window runs.
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        line = QRect(rect.left(), rect.bottom(), rect.width(), 1)
        _fill(painter, line, theme.colour("line"))
        if face.selected:
            bar = QRect(rect.left(), rect.top(), 3, rect.height())
            _fill(painter, mirrored(face.direction, rect, bar), theme.colour("accent"))
        brush = RowBrush(
            painter,
            theme,
            rect,
            direction=face.direction,
            background=ground,
            outlined=face.selected,
        )
        if face.row is None or face.words is None:
            brush.paint_placeholder()
            return
        width = theme.px(_BUTTON * len(self.actions) + 4) if face.hovered else 0
        brush.paint(
            face.row,
            face.words,
            checked=face.checked,
            buttons_width=width,
        )

    def _paint_focus(self, painter: QPainter, rect: QRect) -> None:
        painter.setPen(self._theme.colour("accent"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(4, 1, -2, -3), 6, 6)

    def _paint_buttons(self, painter: QPainter, rect: QRect, *, starred: bool) -> None:
        theme = self._theme
        for place, button in enumerate(self.buttons(rect)):
            action_id, icon = self.actions[place]
            lit = starred and action_id == STAR
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.colour("line"))
            active = place == self.hovered_button
            painter.setBrush(theme.colour("accent_bg" if active else "panel"))
            painter.drawRoundedRect(QRectF(button).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            inset = (button.width() - theme.px(15)) / 2
            icons.paint(
                painter,
                QRectF(button).adjusted(inset, inset, -inset, -inset),
                "star-filled" if lit else icon,
                theme.colour("accent" if active else "warn" if lit else "muted"),
            )


def _fill(painter: QPainter, rect: QRect, colour: QColor) -> None:
    # As QPainter.fillRect; but that one may also be given a gradient, and PySide then makes ready
    # all there are.
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRect(rect)
