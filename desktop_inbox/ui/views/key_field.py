"""Shows the keys of one action, and takes others by having them pressed. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.actions import key_text
from desktop_inbox.ui.key_events import chords, is_command, portable

_PAUSE_MS = 900  # after that no second key belongs to the first
_MOST_CHORDS = 2


class KeyField(QPushButton):
    """Press it, then the keys. Escape leaves them as they are, Backspace takes them away."""

    pressed_keys = Signal(str)  # as they stand in a table; '' for none

    def __init__(self, action_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picking = False  # whether it takes every key, as ui.keyboard wants to know
        self._name = action_name
        self._keys: tuple[str, ...] = ()
        self._chords: tuple[int, ...] = ()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._finish)
        self.setProperty("kind", "pill")
        self.clicked.connect(self._begin)

    def show_keys(self, keys: tuple[str, ...]) -> None:
        """Show the keys that are in force."""
        self._keys = keys
        self._label()

    def _label(self) -> None:
        words = _(" or ").join(key_text(keys) for keys in self._keys) or _("No key")
        self.setText(words.replace("&", "&&"))
        self.setAccessibleName(_("{action}: {keys}").format(action=self._name, keys=words))
        self.setToolTip(_("Press to change; Backspace takes the key away"))

    def _begin(self) -> None:
        self.picking, self._chords = True, ()
        self.setText(_("Press the keys…"))
        self.setAccessibleName(_("{action}: press the keys").format(action=self._name))

    def _end(self) -> None:
        self._pause.stop()
        self.picking, self._chords = False, ()
        self._label()

    def _finish(self) -> None:
        keys = portable(self._chords)
        self._end()
        self.pressed_keys.emit(keys)

    def event(self, event: QEvent) -> bool:
        if self.picking and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.picking:
            if event.key() == Qt.Key.Key_Return:
                self.click()
            else:
                super().keyPressEvent(event)
            return
        if event.key() == Qt.Key.Key_Escape:
            self._end()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) and not self._chords:
            self._end()
            self.pressed_keys.emit("")
        else:
            self._take(event)

    def _take(self, event: QKeyEvent) -> None:
        found = chords(event)
        if not found:  # a modifier alone
            return
        # The last of what it may stand for is the sign on an American keyboard: that of the table.
        self._chords += (found[-1],)
        self.setText(key_text(portable(self._chords)).replace("&", "&&") + " …")
        if is_command(self._chords[0]) or len(self._chords) == _MOST_CHORDS:
            self._finish()
        else:
            self._pause.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self.picking:
            self._end()
        super().focusOutEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return not self.picking and super().focusNextPrevChild(forward)
