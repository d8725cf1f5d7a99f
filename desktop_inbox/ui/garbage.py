"""Keeps Python's collector on the UI thread, where Qt's objects may be destroyed.

Python collects in whichever thread happens to allocate. Where that is the engine or a reader, and
a widget or a timer is among the garbage, Qt destroys it on the wrong thread; that ends in a crash.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 200  # often, so that each pass is short
_SETTLED_AFTER_MS = 3000  # by then everything is imported that the window and its engine need


class Collector(QObject):
    """Collects on its own thread from when it is made until `close`; nobody else does meanwhile."""

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
        """Let Python collect wherever it likes again. Idempotent."""
        self._start.stop()
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

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
