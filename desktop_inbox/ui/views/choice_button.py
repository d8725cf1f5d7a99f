"""A button that says what was chosen of several, and opens a list to tick. UI thread only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _

_MOST_NAMED = 3


class ChoiceButton(QPushButton):
    """Any number of things may be chosen; none means that it does not matter."""

    edited = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "secondary")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._menu = _StayingMenu(self)
        self._entries: dict[str, QAction] = {}
        self.setMenu(self._menu)
        self._say()

    def offer(self, choices: Sequence[tuple[str, str]], *, chosen: Iterable[str]) -> None:
        """Show these values with their words; what is chosen but unknown stays, by its name."""
        wanted = set(chosen)
        known = dict(choices)
        self._menu.clear()
        self._entries = {}
        for value, words in (*choices, *((one, _("Removed")) for one in wanted - known.keys())):
            action = self._menu.addAction(visible(words).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(value in wanted)
            action.toggled.connect(self._on_toggled)
            self._entries[value] = action
        self._say()

    def chosen(self) -> frozenset[str]:
        """The values that are ticked."""
        return frozenset(value for value, action in self._entries.items() if action.isChecked())

    def _on_toggled(self) -> None:
        self._say()
        self.edited.emit()

    def _say(self) -> None:
        names = [action.text() for action in self._entries.values() if action.isChecked()]
        shown = ", ".join(names[:_MOST_NAMED])
        if len(names) > _MOST_NAMED:
            shown = _("{names} and {count} more").format(
                names=shown, count=len(names) - _MOST_NAMED
            )
        self.setText(shown or _("Any"))


class _StayingMenu(QMenu):
    """Stays open while things are ticked in it."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        pressed = [one for one in self.actions() if self.actionGeometry(one).contains(at)]
        for action in pressed:
            action.toggle()
        if not pressed:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        for action in self.actions():
            if action is self.activeAction():
                action.toggle()
