"""The menu of the conversation that is shown: rows of the one table. UI thread only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from desktop_inbox.domain.conversations import Priority
from desktop_inbox.i18n import _
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.ui import action_menu
from desktop_inbox.ui.action_menu import LINE
from desktop_inbox.ui.conversation_commands import by_action, priority_action

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView

_TAG, _UNREAD, _COPY = "conversation.tag", "conversation.unread", "conversation.copy"
_FIRST = (_TAG, _UNREAD)
_LAST = ("conversation.rename", "conversation.merge", _COPY, LINE, "conversation.spam")
_PRIORITIES = {priority_action(priority): priority for priority in reversed(Priority)}


class ConversationMenu(QObject):
    """Offers what can be done with the conversation of one thread view, marked in the list or not.

    The palette and the keys run the same commands on what is selected.
    """

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context

    def fill(self, menu: QMenu) -> None:
        """Put into a menu what fits the conversation shown."""
        row = self._view.row
        if row is None:
            return
        run = partial(self._run, row.id, menu)
        first = [one for one in _FIRST if one != _UNREAD or row.unread == 0]
        action_menu.fill_about(menu, self._context, first, run)
        self._add_priorities(menu, row)
        action_menu.fill_about(menu, self._context, _LAST, run)

    def _add_priorities(self, menu: QMenu, row: ConversationRow) -> None:
        priorities = menu.addMenu(self._context.icon("flame"), _("Priority"))
        run = partial(self._run, row.id, menu)
        action_menu.fill_about(priorities, self._context, _PRIORITIES, run)
        for action in priorities.actions():
            action.setCheckable(True)
            action.setChecked(_PRIORITIES[action.objectName()] is row.priority)

    def _run(self, conversation_id: int, menu: QMenu, action_id: str) -> None:
        commands = self._view.commands
        does = by_action(commands) | {
            _TAG: partial(commands.offer_tags, at=menu.pos()),
            _COPY: lambda _ids: self._view.keys.copy_number(),
        }
        does[action_id]([conversation_id])
