"""Lets a widget take over something new in several turns of the loop, and shows only the end of it.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid


@contextmanager
def unpainted(widget: QWidget) -> Iterator[None]:
    """Leave on the screen what `widget` shows, whatever becomes of it until the end."""
    widget.setUpdatesEnabled(False)
    try:
        yield
    finally:
        if isValid(widget):  # its window may have been closed meanwhile
            widget.setUpdatesEnabled(True)
