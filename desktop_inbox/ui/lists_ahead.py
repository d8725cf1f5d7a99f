"""Asks for the lists that the navigation offers before somebody opens them.

To build and to compile what reads a list takes longer than to read it. In a quiet moment after the
start that is done for one after the other, so that each opens as fast the first time as any other.
On a reader thread; what is here lives on the UI thread.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

from desktop_inbox.store.lists import ListQuery
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.paged import FIRST_IDS
from desktop_inbox.ui.views.navigation import Navigation
from desktop_inbox.ui.views.view_choice import query_of

_CALM_MS = 4000  # after the start: by then the window is there, and its first list
_PAUSE_MS = 100  # between two of them, in which others have their turn


class ListsAhead(QObject):
    """Reads the beginning of every list once, and then nothing any more."""

    def __init__(self, context: AppContext, navigation: Navigation) -> None:
        super().__init__(navigation)
        self._context = context
        self._navigation = navigation
        self._asked: set[ListQuery] = set()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._ask_next)
        self._pause.start(_CALM_MS)

    def _ask_next(self) -> None:
        settings = self._context.settings
        offered = (query_of(settings, choice) for choice in self._navigation.offered())
        query = next((one for one in offered if one not in self._asked), None)
        if query is not None:
            self._asked.add(query)
            self._context.start(self._ask(query))

    async def _ask(self, query: ListQuery) -> None:
        await self._context.read(partial(_begin, query=query))
        if isValid(self):
            self._pause.start(_PAUSE_MS)


def _begin(conn: Any, *, query: ListQuery) -> None:
    from desktop_inbox.store import conversations

    conversations.ids(conn, query, limit=FIRST_IDS)
