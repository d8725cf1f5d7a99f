"""Reports how far apart ticks come in our window, from inside."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer

from bench import reports
from bench.ticks import IDLE_MS, Ticks


class TickWatcher(QObject):
    """Counts ticks until the engine has caught up, or for a while where it has nothing to do."""

    def __init__(self, shown: Any) -> None:
        super().__init__(shown)
        self._window = shown
        self._ticks = Ticks(self)
        self._look = QTimer(self)
        self._look.timeout.connect(self._is_over)
        self._look.start(200)

    def _is_over(self) -> None:
        from desktop_inbox.sync.status import State

        thread = self._window._context.engine
        if thread is None:
            return  # the workspace is being opened
        statuses = thread.engine.statuses.values()
        running = [one for one in statuses if one.state is not State.PAUSED]
        caught_up = bool(running) and all(one.state is State.ONLINE for one in running)
        idle = not running and self._ticks.seconds * 1000 > IDLE_MS
        if caught_up or idle:
            self._ticks.stop()
            self._look.stop()
            reports.say(
                gaps_ms=self._ticks.gaps_ms,
                seconds=self._ticks.seconds,
                memory_mb=reports.memory_mb(),
            )
            self._window.close()
