"""How many conversations each view holds, and who is told: navigation, list, title, tray, taskbar.

UI thread only; counting itself is done by a reader.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from desktop_inbox.store import conversations, tags
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.store.lists import ViewCounts
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.throttle import Throttle

if TYPE_CHECKING:
    from desktop_inbox.domain.changes import Changes
    from desktop_inbox.ui.main_window import MainWindow

_PAUSE_MS = 250
_LONGEST_REST = 2.0  # seconds


class Counts(QObject):
    """Counts anew whenever something changed, never twice at a time."""

    def __init__(self, context: AppContext, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._context = context
        self._throttle = Throttle(self._start, pause_ms=_PAUSE_MS, parent=self)
        self._counting = False
        self._context.bridge.changed.connect(self._follow)
        self._throttle.ask()

    def _follow(self, changes: Changes) -> None:
        if changes.conversations or changes.drafts or changes.outbox or changes.tags:
            self._throttle.ask()

    def _start(self) -> None:
        if self._counting:
            self._throttle.ask()  # slower than the pause; the timer comes back to it
            return
        self._counting = True
        self._context.start(self._count())

    async def _count(self) -> None:
        began = time.monotonic()
        try:
            counts, tagged = await self._context.read(_counts_and_tags)
        finally:
            self._counting = False
            # A count that waited for others to read says little of what it costs.
            self._throttle.rest(min(4 * (time.monotonic() - began), _LONGEST_REST))
        self._show(counts, tagged)

    def _show(self, counts: ViewCounts, tagged: list[TagRow]) -> None:
        window = self._window
        window.navigation.show_counts(counts)
        window.navigation.show_tags(tagged)
        window.list.show_counts(counts)
        title = f"({counts.unread}) " if counts.unread else ""
        window.setWindowTitle(f"{title}Desktop Inbox")
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.setBadgeNumber(counts.unread)
        window.tray.show_count(counts.unread)


def _counts_and_tags(conn: Any) -> tuple[ViewCounts, list[TagRow]]:
    return conversations.counts(conn), tags.counted(conn)
