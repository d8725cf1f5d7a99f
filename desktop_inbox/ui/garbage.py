"""Keeps Python's collector on the UI thread, where Qt's objects may be destroyed.

Python collects in whichever thread happens to allocate. Where that is the engine or a reader, and
a widget or a timer is among the garbage, Qt destroys it on the wrong thread; that ends in a crash.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 1000
_OLDEST = 2


class Collector(QObject):
    """Collects on its own thread from when it is made until `close`; nobody else does meanwhile."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settled = False
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def close(self) -> None:
        """Let Python collect wherever it likes again. Idempotent."""
        self._timer.stop()
        gc.enable()

    def collect(self) -> None:
        """Collect the oldest generation that is due, as Python itself would."""
        due = [
            count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)
        ]
        if due[_OLDEST] and not self._settled:
            gc.collect()
            gc.freeze()  # modules and classes stay anyway: they need not be looked at again
            self._settled = True
        elif True in due:
            gc.collect(_OLDEST - due[::-1].index(True))
