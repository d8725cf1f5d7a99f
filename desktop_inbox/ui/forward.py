"""Brings a window before a person's eyes, as far as the desktop lets a program do that."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

# Wayland lets nobody come forward but whom a click has given a token; Qt looks for it here.
TOKEN = "XDG_ACTIVATION_TOKEN"  # noqa: S105 - no secret: it says that a person clicked


def come_forward(window: QWidget, *, token: str = "") -> None:
    """Show a window over the others, from a tray or a taskbar too."""
    if token:
        os.environ[TOKEN] = token
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    os.environ.pop(TOKEN, None)  # it is worth nothing a second time, to us or what we start
