"""Keeps Python's collector where Qt's objects may be destroyed.

Python collects in whichever thread happens to allocate, at whatever moment. Where that is the
engine, and a widget or a timer is among the garbage, Qt destroys it on the wrong thread; where it
is the destructor of another object, both want the same lock. The one ends in a crash, the other
in a window that stands still for good.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 200  # often, so that each pass is short
_SETTLED_AFTER_MS = 3000  # by then everything is imported that the window and its engine need


class Collector(QObject):
    """Collects from the event loop of the thread it was made on; nobody else does any more."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._start = QTimer(self)
        self._start.setSingleShot(True)
        self._start.setInterval(_SETTLED_AFTER_MS)
        self._start.timeout.connect(self._settle)
        self._start.start()

    def close(self) -> None:
        """Collect a last time. What becomes garbage until the process ends is left lying."""
        self._start.stop()
        self._timer.stop()
        gc.collect()
        gc.unfreeze()

    def collect(self) -> None:
        """Collect the oldest generation that is due, as Python itself would."""
        due = [
            count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)
        ]
        if True in due:
            gc.collect(len(due) - 1 - due[::-1].index(True))

    def _settle(self) -> None:
        # Modules and classes stay anyway. Looking through them once takes a tenth of a second, in
        # which the window would stand still.
        gc.freeze()
        self._timer.start()
