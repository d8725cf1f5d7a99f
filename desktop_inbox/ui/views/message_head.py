"""The line above a bubble: channel, author, time, how far it has come, and its menu."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpacerItem, QToolButton, QWidget

from desktop_inbox.domain.states import Direction
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views import outbox_words
from desktop_inbox.ui.views.avatar import ChannelBadge
from desktop_inbox.ui.views.bubble_style import BubbleStyle
from desktop_inbox.ui.views.controls import (
    ElidedLabel,
    IconMark,
    PlainLabel,
    icon_button,
    link_button,
    tooltip,
)
from desktop_inbox.ui.views.formats import absolute, moment
from desktop_inbox.ui.views.message_notices import fill
from desktop_inbox.ui.views.message_parts import Parts

_GAP = 6
_MENU = QSize(22, 20)  # the button of the menu with its edge
HISTORY = "history"  # what a person wants who presses "edited"


class MessageHead(QWidget):
    """Says whose message it is; a press folds it."""

    menu_requested = Signal(QPoint)
    acted = Signal(str)
    pressed = Signal()

    def __init__(self, message: MessageRow, *, style: BubbleStyle, parent: QWidget) -> None:
        super().__init__(parent)
        self._style = style
        self._row = _row(QHBoxLayout(self), spacing=_GAP)
        late = Parts(self._row).late  # from where a line begins
        late(partial(self._make_mark, message)).get()
        self._author = late(lambda: ElidedLabel(kind="heading", parent=self)).get()
        self._time = late(lambda: PlainLabel(kind="caption", parent=self)).get()
        self._edited = late(self._make_edited)
        self._state_icon = late(lambda: PlainLabel(parent=self))
        self._state = late(lambda: PlainLabel(kind="caption", parent=self))
        self._actions = late(self._make_actions)
        self._shown_actions: tuple[tuple[str, str], ...] = ()
        self._menu: QToolButton | None = None
        # On the inner side, so that what belongs to the bubble's edge stands at it.
        self._menu_room = QSpacerItem(_MENU.width() + _GAP, _MENU.height())
        at_start = message.direction is Direction.OUT
        self._row.insertItem(0 if at_start else self._row.count(), self._menu_room)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_message(message)

    def _make_mark(self, message: MessageRow) -> QWidget:
        if message.direction is Direction.NOTE:
            return IconMark(self._style.theme, "lock", colour="text", size=14, parent=self)
        badge = ChannelBadge(words.badge(message), size=15, parent=self)
        badge.setToolTip(tooltip(words.channel(message)))
        badge.setAccessibleName(words.channel(message))
        return badge

    def _make_edited(self) -> QPushButton:
        edited = link_button(_("edited"), clicked=self._ask_history, parent=self)
        edited.setToolTip(_("Show what it said before"))
        return edited

    def _make_actions(self) -> QWidget:
        actions = QWidget(self)
        _row(QHBoxLayout(actions), spacing=4)
        return actions

    def _make_menu(self) -> QToolButton:
        menu = icon_button(self._style.theme, "ellipsis", _("Message menu"), parent=self)
        menu.setStyleSheet("min-width: 20px; max-width: 20px; min-height: 18px;"
                           " max-height: 18px;")  # fmt: skip
        policy = menu.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        menu.setSizePolicy(policy)
        menu.clicked.connect(
            lambda: self.menu_requested.emit(menu.mapToGlobal(QPoint(0, menu.height())))
        )
        at_start = self._row.itemAt(0) is self._menu_room
        self._row.removeItem(self._menu_room)
        self._row.insertWidget(0 if at_start else self._row.count(), menu)
        return menu

    def show_message(self, message: MessageRow) -> None:
        now = self._style.now()
        self._author.setText(words.author(message, me=self._style.me))
        self._author.tell(words.people(message))
        self._time.setText(moment(message.at, now=now))
        self._time.setToolTip(tooltip(absolute(message.at)))
        if edited := self._edited.where(message.edited_at):
            edited.setVisible(message.edited_at is not None)
        self._show_state(outbox_words.delivery(message, now=now))

    def _show_state(self, state: outbox_words.DeliveryWords | None) -> None:
        icon, text = self._state_icon.where(state), self._state.where(state)
        if icon is None or text is None:
            return
        for part in (icon, text):
            part.setVisible(state is not None)
        self._show_actions(() if state is None or state.detail else state.actions)
        if state is None:
            return
        theme = self._style.theme
        text.setText(state.text)
        text.setStyleSheet(f"color: {theme.colour(state.tone).name()};")
        mark = icons.icon(theme, state.icon, colour=state.tone)
        icon.setPixmap(mark.pixmap(QSize(14, 14), self.devicePixelRatioF()))

    def show_menu_button(self, *, shown: bool) -> None:
        """Show the button of the menu, or only keep its place."""
        if shown and self._menu is None:
            self._menu = self._make_menu()
        if self._menu is not None:
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
        buttons = self._actions.get()
        row = buttons.layout()
        assert isinstance(row, QHBoxLayout)
        fill(row, actions, self.acted)
        buttons.setVisible(bool(actions))
        self.updateGeometry()


def _row(layout: QHBoxLayout, *, spacing: int) -> QHBoxLayout:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    return layout
