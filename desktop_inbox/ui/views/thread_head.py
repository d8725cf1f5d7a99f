"""The head of the thread: subject, where it comes from, whose it is, its state, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import AccountRow, AgentRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.models.conversations import reminder_words, woke_words
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.avatar import ChannelBadge
from desktop_inbox.ui.views.channel_marks import mark, subject
from desktop_inbox.ui.views.chips import Chip, ChipStyle
from desktop_inbox.ui.views.composer_words import channel_name
from desktop_inbox.ui.views.controls import ElidedLabel, icon_button, tooltip
from desktop_inbox.ui.views.formats import moment
from desktop_inbox.ui.views.pill import Pill

_NARROW = 520  # below this the controls stand below the subject, which needs the room
_LEAST_CHANNEL = 110  # pixels that the channel's address keeps


class ThreadHead(QFrame):
    """Shows a conversation's state and asks for changes to it."""

    assign_wanted = Signal(object)  # agent id, None for nobody
    status_wanted = Signal(str)  # a Status
    snooze_wanted = Signal(object)  # the widget its menu belongs to
    discard_wanted = Signal()

    def __init__(
        self, theme: Theme, *, menu: Callable[[QMenu], None], parent: QWidget | None = None
    ) -> None:
        """`menu` fills what opens under "More"."""
        super().__init__(parent)
        self._theme = theme
        self._fill_more = menu
        self._row: ConversationRow | None = None
        self._agents: Sequence[AgentRow] = ()
        self._me: AgentRow | None = None
        self._chips: list[Chip] = []
        self._styles: list[ChipStyle] = []
        self.setProperty("kind", "panel")
        self.title = ElidedLabel(kind="title")
        self._badge = ChannelBadge("email", size=14)
        self._channel = ElidedLabel(kind="caption")
        self._assignee = Pill(theme, bordered=True, menu=self._assignee_menu)
        self._status = Pill(theme, bordered=True, menu=self._status_menu)
        self._snooze = icon_button(theme, "alarm-clock", _("Snooze"))
        self._snooze.clicked.connect(lambda: self.snooze_wanted.emit(self._snooze))
        self._close = icon_button(theme, "circle-check", _("Close"))
        self._close.clicked.connect(self._toggle_closed)
        self._more = icon_button(theme, "ellipsis", _("More"), clicked=self._open_more)
        self._controls: tuple[QWidget, ...] = (
            self._assignee,
            self._status,
            self._snooze,
            self._close,
            self._more,
        )
        self._arrange()

    def show_conversation(
        self,
        row: ConversationRow,
        *,
        account: AccountRow | None,
        agents: Sequence[AgentRow],
        me: AgentRow,
        now: datetime,
    ) -> None:
        """Show the state of a conversation."""
        self._row, self._agents, self._me = row, agents, me
        for control in self._controls:
            control.show()
        self.title.setText(subject(row))
        self._badge.show_channel(mark(row.channel, row.chat) or "email")
        self._badge.show()
        self._channel.setText(account.address if account else channel_name(row.channel))
        self._show_chips(row, now)
        mine = row.assignee_id == me.id
        name = _("Me") if mine else row.assignee_name or _("Unassigned")
        self._assignee.show_words(visible(name), icon="user")
        _name(self._assignee, _("Assignee: {name}").format(name=visible(name)))
        status = status_name(row.status)
        tone = "accent" if row.status is Status.OPEN else ""
        self._status.show_words(status, icon=_STATUS_ICONS[row.status], tone=tone)
        _name(self._status, _("Status: {name}").format(name=status))
        closed = row.status in _PUT_AWAY
        self._close.setIcon(icons.icon(self._theme, "rotate-ccw" if closed else "circle-check"))
        words = _("Reopen") if closed else _("Close")
        self._close.setToolTip(words)
        self._close.setAccessibleName(words)
        self._fit_chips()

    def show_new_message(self) -> None:
        """Head a message that begins a conversation."""
        self._row = None
        self.title.setText(_("New message"))
        self._channel.setText("")
        self._badge.hide()
        self._drop_chips()
        for control in self._controls:
            control.hide()

    # --- parts ---

    def _arrange(self) -> None:
        self._second = QHBoxLayout()
        self._second.setContentsMargins(0, 0, 0, 0)
        self._second.setSpacing(5)
        self._second.addWidget(self._badge)
        self._second.addWidget(self._channel)
        self._second.addStretch(1)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for control in self._controls:
            row.addWidget(control)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(16, 11, 12, 11)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(0, 1)
        self._grid.addLayout(self._second, 1, 0)
        self._narrow: bool | None = None
        self._stand(narrow=False)
        line = QFrame()
        line.setProperty("kind", "line")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._grid)
        column.addWidget(line)

    def _stand(self, *, narrow: bool) -> None:
        """Put the controls beside the subject, or below it where it would be cut off."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for part in (self.title, self._buttons):
            self._grid.removeWidget(part)
        self._grid.addWidget(self.title, 0, 0, 1, 2 if narrow else 1)
        self._grid.addWidget(self._buttons, 1 if narrow else 0, 1, 1 if narrow else 2, 1)

    def _show_chips(self, row: ConversationRow, now: datetime) -> None:
        """State first, then tags, as many as there is room for."""
        styles: list[ChipStyle] = []
        if row.status is Status.SNOOZED:
            until = moment(row.snoozed_until, now=now) if row.snoozed_until else _("a reply")
            words = _("Snoozed until {time}").format(time=until)
            styles.append(ChipStyle(text=words, icon="alarm-clock"))
        if row.starred:
            styles.append(ChipStyle(text=_("Starred"), icon="star"))
        if words := woke_words(row):
            styles.append(ChipStyle(text=words, icon="alarm-clock"))
        if words := reminder_words(row, now=now):
            styles.append(ChipStyle(text=words, icon="calendar-clock"))
        if row.priority in (Priority.HIGH, Priority.URGENT):
            tone = "bad" if row.priority is Priority.URGENT else "warn"
            styles.append(ChipStyle(text=priority_name(row.priority), tone=tone, icon="flame"))
        styles += [ChipStyle(text=visible(tag.name), hue=tag.hue) for tag in row.tags]
        if styles == self._styles:
            return
        self._drop_chips()
        self._styles = styles
        for style in styles:
            chip = Chip(self._theme, style)
            self._chips.append(chip)
            self._second.insertWidget(self._second.count() - 1, chip)
        self._fit_chips()

    def _drop_chips(self) -> None:
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = []
        self._styles = []

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_chips()

    def _fit_chips(self) -> None:
        """Hide the chips that would have to be cut off, and the pills' words where they crowd."""
        narrow = self.width() < self._theme.px(_NARROW)
        self._stand(narrow=narrow)
        subject = self.title.fontMetrics().horizontalAdvance(self.title.full_text())
        wanted = _LEAST_CHANNEL if narrow else max(subject + 4, _LEAST_CHANNEL)
        self._set_compact(compact=False)
        if self._room() < wanted:
            self._set_compact(compact=True)
        room = self._room() - _LEAST_CHANNEL
        for chip in self._chips:
            room -= chip.sizeHint().width() + 5
            chip.setMinimumWidth(chip.sizeHint().width())
            chip.setVisible(room >= 0)

    def _set_compact(self, *, compact: bool) -> None:
        self._assignee.set_compact(compact=compact)
        self._status.set_compact(compact=compact)

    def _room(self) -> int:
        """What the controls leave of the width."""
        taken = sum(c.sizeHint().width() + 6 for c in self._controls if not c.isHidden())
        return self.width() - taken - 16 - 12

    def _assignee_menu(self) -> QMenu:
        menu = _menu(self)
        if self._row is None or self._me is None:
            return menu
        for agent in self._agents:
            name = _("Me") if agent.id == self._me.id else visible(agent.name)
            action = menu.addAction(name, partial(self.assign_wanted.emit, agent.id))
            _check(action, checked=agent.id == self._row.assignee_id)
        nobody = menu.addAction(_("Nobody"), partial(self.assign_wanted.emit, None))
        _check(nobody, checked=self._row.assignee_id is None)
        return menu

    def _status_menu(self) -> QMenu:
        menu = _menu(self)
        if self._row is None:
            return menu
        for status in (Status.OPEN, Status.CLOSED, Status.SPAM, Status.TRASH):
            action = menu.addAction(
                status_name(status), partial(self.status_wanted.emit, status.value)
            )
            _check(action, checked=status is self._row.status)
        snooze = menu.addAction(_("Snooze…"), lambda: self.snooze_wanted.emit(self._status))
        _check(snooze, checked=self._row.status is Status.SNOOZED)
        return menu

    def _open_more(self) -> None:
        menu = _menu(self)
        self._fill_more(menu)
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height() + 2)))

    def _toggle_closed(self) -> None:
        if self._row is not None:
            closed = self._row.status in _PUT_AWAY
            self.status_wanted.emit(Status.OPEN.value if closed else Status.CLOSED.value)


def status_name(status: Status) -> str:
    """A status as a word of its own."""
    return {
        Status.OPEN: _("Open"),
        Status.SNOOZED: _("Snoozed"),
        Status.CLOSED: _("Closed"),
        Status.SPAM: _("Spam"),
        Status.TRASH: _("Trash"),
    }[status]


def priority_name(priority: Priority) -> str:
    """A priority as a word of its own."""
    return {
        Priority.LOW: _("Low priority"),
        Priority.NORMAL: _("Normal priority"),
        Priority.HIGH: _("High priority"),
        Priority.URGENT: _("Urgent"),
    }[priority]


_STATUS_ICONS = {
    Status.OPEN: "circle-dot",
    Status.SNOOZED: "alarm-clock",
    Status.CLOSED: "circle-check",
    Status.SPAM: "ban",
    Status.TRASH: "trash-2",
}
_PUT_AWAY = frozenset({Status.CLOSED, Status.SPAM, Status.TRASH})


def _menu(parent: QWidget) -> QMenu:
    """A menu that is built when it is opened and gone when it is closed."""
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _name(control: QWidget, text: str) -> None:
    control.setToolTip(tooltip(text))
    control.setAccessibleName(text)


def _check(action: QAction, *, checked: bool) -> None:
    action.setCheckable(True)
    action.setChecked(checked)
