"""The one QApplication, and what a desktop asks of it as a whole. UI thread only.

A Mac hands links over while the program runs, and knows it by its icon in the Dock; every system
may ask it to end. Only events for the application itself pass here, not those of its widgets.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

_LINK = "mailto:"

Follower = Callable[[str], None]
"""Told of a link to write to, or '' to come forward."""


class SystemApplication(QApplication):
    """Passes on what the system asks for; links that come before somebody follows are kept."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        self._waiting: list[str] = []
        self._follower: Follower | None = None
        self._leave: Callable[[], None] | None = None

    def follow(self, follower: Follower, *, leave: Callable[[], None]) -> None:
        """Have `follower` told of links, those that came before included.

        `leave` is called where the program is to end; it ends when it is ready, not before.
        """
        self._follower, self._leave = follower, leave
        waiting, self._waiting = self._waiting, []
        for link in waiting:
            follower(link)

    def let_go(self) -> None:
        """Tell nobody any more."""
        self._follower = self._leave = None

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            link = bytes(event.url().toEncoded().data()).decode("ascii")
            if link[: len(_LINK)].lower() == _LINK:
                self._tell(link)
            return True
        if kind == QEvent.Type.Quit and self._leave is not None:
            event.ignore()  # at once would be in the middle of what is being written
            self._leave()
            return True
        if kind == QEvent.Type.ApplicationActivate and sys.platform == "darwin":
            self._come_out()
        return super().event(event)

    def _come_out(self) -> None:
        """A click on the icon in the Dock brings back a window that was hidden."""
        if self._follower is not None and not any(w.isVisible() for w in self.topLevelWidgets()):
            self._tell("")

    def _tell(self, link: str) -> None:
        if self._follower is None:
            self._waiting.append(link)
        else:
            self._follower(link)
