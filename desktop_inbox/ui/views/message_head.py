"""The line above a bubble: channel, author, time, how far it has come, and its menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_inbox.domain.states import Direction
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views import outbox_words
from desktop_inbox.ui.views.avatar import ChannelBadge
from desktop_inbox.ui.views.bubble_style import BubbleStyle
from desktop_inbox.ui.views.controls import (
    IconMark,
    PlainLabel,
    icon_button,
    link_button,
    tooltip,
)
from desktop_inbox.ui.views.formats import absolute, moment
from desktop_inbox.ui.views.message_notices import fill

HISTORY = "history"  # what a person wants who presses "edited"


class MessageHead(QWidget):
    """Says whose message it is; a press folds it."""

    menu_requested = Signal(QPoint)
    acted = Signal(str)
    pressed = Signal()

    def __init__(self, message: MessageRow, *, style: BubbleStyle, parent: QWidget) -> None:
        super().__init__(parent)
        self._style = style
        theme = style.theme
        self._author = PlainLabel(kind="heading", parent=self)
        self._time = PlainLabel(kind="caption", parent=self)
        self._state_icon = PlainLabel(parent=self)
        self._state = PlainLabel(kind="caption", parent=self)
        self._edited = link_button(_("edited"), clicked=self._ask_history, parent=self)
        self._edited.setToolTip(_("Show what it said before"))
        self._actions = QWidget(self)
        self._action_row = QHBoxLayout(self._actions)
        self._action_row.setContentsMargins(0, 0, 0, 0)
        self._action_row.setSpacing(4)
        self._shown_actions: tuple[tuple[str, str], ...] = ()
        self._menu = icon_button(theme, "ellipsis", _("Message menu"), parent=self)
        self._menu.setStyleSheet("min-width: 20px; max-width: 20px; min-height: 18px;"
                                 " max-height: 18px;")  # fmt: skip
        policy = self._menu.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._menu.setSizePolicy(policy)
        self._menu.hide()
        self._menu.clicked.connect(
            lambda: self.menu_requested.emit(self._menu.mapToGlobal(QPoint(0, self._menu.height())))
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        if message.direction is Direction.NOTE:
            row.addWidget(IconMark(theme, "lock", colour="text", size=14, parent=self))
        else:
            badge = ChannelBadge(words.badge(message), size=15, parent=self)
            badge.setToolTip(tooltip(words.channel(message)))
            badge.setAccessibleName(words.channel(message))
            row.addWidget(badge)
        for part in (
            self._author,
            self._time,
            self._edited,
            self._state_icon,
            self._state,
            self._actions,
        ):
            row.addWidget(part)
        # On the inner side, so that what belongs to the bubble's edge stands at it.
        row.insertWidget(0 if message.direction is Direction.OUT else row.count(), self._menu)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_message(message)

    def show_message(self, message: MessageRow) -> None:
        theme, now = self._style.theme, self._style.now()
        self._author.setText(words.author(message, me=self._style.me))
        self._author.setToolTip(tooltip(words.people(message)))
        self._time.setText(moment(message.at, now=now))
        self._time.setToolTip(tooltip(absolute(message.at)))
        self._edited.setVisible(message.edited_at is not None)
        state = outbox_words.delivery(message, now=now)
        for part in (self._state, self._state_icon, self._actions):
            part.setVisible(state is not None)
        if state is None:
            return
        self._state.setText(state.text)
        self._state.setStyleSheet(f"color: {theme.colour(state.tone).name()};")
        self._state_icon.setPixmap(
            icons.icon(theme, state.icon, colour=state.tone).pixmap(
                QSize(14, 14), self.devicePixelRatioF()
            )
        )
        self._show_actions(() if state.detail else state.actions)

    def show_menu_button(self, *, shown: bool) -> None:
        self._menu.setVisible(shown)

    def _ask_history(self) -> None:
        self.acted.emit(HISTORY)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def _show_actions(self, actions: tuple[tuple[str, str], ...]) -> None:
        if actions == self._shown_actions:
            return
        self._shown_actions = actions
        fill(self._action_row, actions, self.acted)
        self._actions.setVisible(bool(actions))
        self.updateGeometry()
