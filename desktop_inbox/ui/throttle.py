"""Something that is asked for too often and costs something. UI thread only."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

_GROWTH = 4


class Throttle(QObject):
    """Does it at once, then not again for a while; what was asked meanwhile is done once after.

    The first call is never late and the last is never lost, so that a person who acts sees the
    answer at once. While it is asked for in every pause, the pauses grow to `_GROWTH` times the
    first, so that mail that pours in for minutes costs about one refresh a second.
    """

    def __init__(self, do: Callable[[], object], *, pause_ms: int, parent: QObject) -> None:
        super().__init__(parent)
        self._do = do
        self._shortest = self._pause_seconds = pause_ms / 1000
        self._rests_until = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)  # a coarse one may come too early
        self._timer.timeout.connect(self._go_again)

    @property
    def waiting(self) -> bool:
        """Whether it was asked for and is still to be done."""
        return self._timer.isActive()

    def ask(self) -> None:
        """Have it done, now or as soon as the pause is over."""
        if self._timer.isActive():
            return
        left = self._rests_until - time.monotonic()
        if left > 0:
            self._timer.start(round(left * 1000) + 1)
        else:
            self._pause_seconds = self._shortest
            self._go()

    def rest(self, seconds: float) -> None:
        """Do nothing for at least so long from now, as after something that cost much."""
        self._rests_until = max(self._rests_until, time.monotonic() + seconds)

    def _go_again(self) -> None:
        self._pause_seconds = min(self._pause_seconds * 1.5, self._shortest * _GROWTH)
        self._go()

    def _go(self) -> None:
        self._rests_until = time.monotonic() + self._pause_seconds
        self._do()
