"""A list that people put in order: by dragging, or with Alt and the arrow keys. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidgetItem

from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.roomy import TellingList

_ID = Qt.ItemDataRole.UserRole
_LINE_HEIGHT = 46


class OrderedList(TellingList):
    """Entries of two lines, each known by a name that is never shown."""

    moved = Signal(str, int)  # the entry and its new place
    opened = Signal(str)
    removed = Signal(str)

    def __init__(self, theme: Theme, *, name: str) -> None:
        super().__init__(name=name)
        self._theme = theme
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.itemActivated.connect(lambda item: self.opened.emit(item.data(_ID)))

    def show_entries(self, entries: list[tuple[str, str, bool]]) -> None:
        """Show these: name, words in two lines, and whether it is in use. The choice stays."""
        chosen, place = self.chosen(), self.currentRow()
        self.clear()
        for uid, words, used in entries:
            item = QListWidgetItem(words)
            item.setData(_ID, uid)
            item.setSizeHint(QSize(0, self._theme.px(_LINE_HEIGHT)))
            if not used:
                item.setForeground(self._theme.colour("muted"))
            self.addItem(item)
        places = [uid for uid, _words, _used in entries]
        kept = places.index(chosen) if chosen in places else min(place, self.count() - 1)
        self.setCurrentRow(max(0, kept))

    def chosen(self) -> str:
        """The name of the entry that is chosen, '' for none."""
        row = self.currentRow()
        return str(self.item(row).data(_ID)) if row >= 0 else ""

    def move_chosen(self, steps: int) -> None:
        """Ask for the chosen entry to be so many places further down."""
        place = self.currentRow() + steps
        if self.chosen() and 0 <= place < self.count():
            self.moved.emit(self.chosen(), place)

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the chosen entry to stand where it is let go; whoever keeps them shows it."""
        here, place = self.currentRow(), self._gap_at(event.position().toPoint())
        place -= place > here
        event.setDropAction(Qt.DropAction.IgnoreAction)  # after a move Qt takes the line away
        event.accept()
        if self.chosen() and place != here:
            self.moved.emit(self.chosen(), place)

    def _gap_at(self, point: QPoint) -> int:
        """Return before which line a place is, the number of lines for the end."""
        row = self.indexAt(point).row()
        if row < 0:
            return self.count()
        return row + (point.y() > self.visualItemRect(self.item(row)).center().y())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_chosen(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() == Qt.Key.Key_Delete and self.chosen():
            self.removed.emit(self.chosen())
        else:
            super().keyPressEvent(event)
