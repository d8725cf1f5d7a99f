"""What cards and dialogs have in common: Tab stays inside, Enter does what is meant. UI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QPushButton

from desktop_inbox.ui.follows_eye import FollowsEye


def is_enter(event: QKeyEvent) -> bool:
    """Tell whether a key is Enter, on whichever part of the keyboard."""
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def press_enter(default: QPushButton | None) -> None:
    """Press the button that has the focus, else the one that is meant."""
    focused = QApplication.focusWidget()
    pressed = focused if isinstance(focused, QAbstractButton) else default
    if pressed is not None and pressed.isVisible() and pressed.isEnabled():
        pressed.click()


class Dialog(FollowsEye, QDialog):
    """A window of its own over the main one. `default` is what Enter does: Qt would take any."""

    default: QPushButton | None = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_enter(event):
            press_enter(self.default)
        else:
            super().keyPressEvent(event)
