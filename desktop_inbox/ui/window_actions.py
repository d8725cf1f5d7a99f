"""What the actions of the one table do in the window, and the menus they stand in there.

Actions of the thread are bound by `ui.views.thread_keys`, those of cards by `ui.cards`, of help by
`ui.help_desk`, of the tray by `ui.tray`. UI thread only.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QMenu

from desktop_inbox.ui import action_menu
from desktop_inbox.ui.action_menu import LINE
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.conversation_commands import Command, by_action

if TYPE_CHECKING:
    from desktop_inbox.ui.main_window import MainWindow

_LIST_MENU = (
    "reply", "forward", LINE,
    "conversation.close", "conversation.reopen", "conversation.snooze", "conversation.follow_up",
    "conversation.star", "conversation.assign", "conversation.unassign", "conversation.tag",
    "conversation.rename", "conversation.merge", LINE,
    "conversation.read", "conversation.unread", "conversation.spam", "conversation.trash",
)  # fmt: skip
_VIEWS = (
    "inbox", "mine", "unassigned", "due", "snoozed",
    "drafts", "outbox", "closed", "spam", "trash",
)  # fmt: skip
_WRITING = ("compose.new", "reply", "reply_all", "forward", "note")


class WindowActions(QObject):
    """Binds the actions of one window that is complete."""

    def __init__(self, context: AppContext, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._context = context
        self._actions = context.actions
        self._commands = by_action(window.commands)
        self._bind_conversations()
        self._bind_list()
        self._bind_window()
        for action_id in _WRITING:  # the thread binds them
            self._actions[action_id].triggered.connect(window.show_thread)
        window.list.action_requested.connect(self._run_on)
        window.list.menu_requested.connect(self._show_list_menu)

    def _bind_conversations(self) -> None:
        commands, turning = self._window.commands, self._window.turning
        for action_id, command in (
            *self._commands.items(),
            ("conversation.tag", lambda ids: commands.offer_tags(ids, self._menu_place())),
            ("conversation.move", lambda ids: commands.offer_move(ids, self._menu_place())),
        ):
            self._actions.on(action_id, partial(self._on_selection, command))
        for action_id, slot in (
            ("conversation.close_next", partial(turning.close_and_turn, forward=True)),
            ("conversation.close_previous", partial(turning.close_and_turn, forward=False)),
            ("undo", self._undo),
        ):
            self._actions.on(action_id, slot)

    def _bind_list(self) -> None:
        listed = self._window.list
        for action_id, slot in (
            ("list.next", partial(listed.step, 1)),
            ("list.previous", partial(listed.step, -1)),
            ("list.open", listed.open_current),
            ("list.back", self._window.leave_thread),
            ("list.select", listed.table.toggle_mark),
            ("list.select_all", listed.table.mark_all),
            ("list.select_none", listed.table.unmark),
            ("list.select_read", partial(listed.select_where, unread=False)),
            ("list.select_unread", partial(listed.select_where, unread=True)),
        ):
            self._actions.on(action_id, slot)

    def _bind_window(self) -> None:
        window = self._window
        for view in _VIEWS:
            self._actions.on(f"go.{view}", partial(self._go, view))
        for pane in ("navigation", "list", "sidebar"):
            self._actions.on(f"fold.{pane}", partial(window.fold, pane))
        for action_id, slot in (
            ("search", window.start_search),
            ("palette", window.palette_overlay.open),
            ("help", window.shortcuts.open),
            ("pane.next", partial(window.cycle, 1)),
            ("pane.previous", partial(window.cycle, -1)),
            ("account.add", window.pages.add_account),
            ("tags.manage", window.commands.manage_tags),
            ("sync", self._sync_now),
            ("quit", window.quit),
        ):
            self._actions.on(action_id, slot)

    # --- what they do ---

    def _on_selection(self, command: Command) -> None:
        if ids := self._window.list.selected_ids():
            command(ids)

    def _run_on(self, action_id: str, ids: list[int]) -> None:
        """Run a command on rows that need not be selected: a button under the pointer."""
        self._commands[action_id](ids)

    def _undo(self) -> None:
        if not self._window.toast.undo():
            self._window.commands.undo()

    def _go(self, view: str) -> None:
        self._window.navigation.choose_view(view)
        self._window.list.focus_list()

    def _sync_now(self) -> None:
        if self._context.engine is not None:
            self._context.engine.kick()

    # --- menus ---

    def _show_list_menu(self, at: QPoint) -> None:
        menu = QMenu(self._window)
        action_menu.fill(menu, self._context, _LIST_MENU)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def _menu_place(self) -> QPoint:
        """Where a menu belongs: at the pointer if it was a click, else at the selected row."""
        window, table = self._window, self._window.list.table
        pressed = QApplication.widgetAt(QCursor.pos())
        if pressed is not None and window.isAncestorOf(pressed) and not table.hasFocus():
            return QCursor.pos()
        rect = table.visualRect(table.currentIndex())
        inside = rect.intersected(table.viewport().rect())
        if inside.isEmpty():
            return window.thread_view.mapToGlobal(QPoint(24, 48))
        return table.viewport().mapToGlobal(inside.bottomLeft() + QPoint(64, -20))
