"""What a list shows after its conversation was closed, or put away otherwise. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop_inbox.ui.context import AppContext

if TYPE_CHECKING:
    from desktop_inbox.ui.main_window import MainWindow

# The statuses that a conversation may have and still be in a view; saved views are read again.
_STAYS_IN = {
    **dict.fromkeys(("inbox", "mine", "unassigned"), ("open",)),
    "due": ("open", "snoozed"),
    **{view: (view,) for view in ("snoozed", "closed", "spam", "trash")},
}


class Turning(QObject):
    """Turns the list of one window to a neighbour of what leaves it."""

    def __init__(self, context: AppContext, window: MainWindow) -> None:
        super().__init__(window)
        self._list = window.list
        self._commands = window.commands
        self._settings = context.settings
        self._commands.leaving.connect(self._turn_to_neighbour)
        self._commands.settled.connect(self._list.model.stay)

    def close_and_turn(self, *, forward: bool) -> None:
        """Close, and show the neighbour on one side whatever the settings say."""
        ids = self._list.selected_ids()
        if not ids:
            return
        table = self._list.table
        table.choose(table.neighbour(set(ids), forward=forward), by_person=True)
        self._commands.close(ids)

    def _turn_to_neighbour(self, ids: Sequence[int], status: str) -> None:
        """Let what gets a status leave the list at once, and turn to what stands beside it."""
        stays = _STAYS_IN.get(self._list.choice.view)
        if stays is None or status in stays or self._list.search.text():
            return
        table = self._list.table
        if table.shown in ids:
            after = self._settings.after_close
            neighbour = None
            if after != "none":
                neighbour = table.neighbour(set(ids), forward=after == "next")
            table.choose(neighbour, by_person=True)
        self._list.model.leave(ids)
