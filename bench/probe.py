"""What a window reports of itself: run as a process of its own, prints one JSON object.

`empty` shows a bare Qt window, `start` our own until its rows are painted, `tick` our own until
its accounts are caught up, or for a few seconds where it has none.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel

from bench.program import resident_mb

TICK_MS = 5
IDLE_MS = 5000
SETTLED_MS = 2500  # after the first rows, before memory is looked at: all has been imported


def main(arguments: list[str]) -> int:
    """Do what the first argument says."""
    if arguments[0] == "empty":
        return empty()
    return window(Path(arguments[1]), {"start": _Painted, "tick": _Ticks}[arguments[0]])


def empty() -> int:
    """Show a window with nothing in it, as the anchor."""
    application = QApplication([])
    label = _Empty("nothing")
    label.resize(1440, 900)
    label.show()
    return application.exec()


class _Empty(QLabel):
    """Reports its first paint."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._painted = False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            _settle(_now(), QApplication.quit)


def window(data_dir: Path, watch: Callable[[Any], QObject]) -> int:
    """Run the program as it starts on a workspace, with something that watches its window."""
    from desktop_inbox import app
    from desktop_inbox.paths import places
    from desktop_inbox.ui import application
    from desktop_inbox.ui.main_window import MainWindow

    class Watched(MainWindow):
        def __init__(self, *parts: Any, **more: Any) -> None:
            super().__init__(*parts, **more)
            self.resize(1440, 900)
            self.watched_by: QObject | None = watch(self) if watch is _Painted else None

        async def complete(self) -> None:
            await super().complete()
            if watch is not _Painted:  # starting is one thing, working another
                self.watched_by = watch(self)

    application.MainWindow = Watched  # type: ignore[attr-defined]
    return app.window(places(data_dir))


class _Painted(QObject):
    """Reports when the list has painted rows, then what memory the window settles at."""

    def __init__(self, shown: Any) -> None:
        super().__init__(shown)
        self._window = shown
        self._done = False
        shown.list.table.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint and not self._done and self._has_rows():
            self._done = True
            # The filter runs before the paint it sees; the next turn of the loop comes after it.
            QTimer.singleShot(0, lambda: _settle(_now(), self._window.close))
        return False

    def _has_rows(self) -> bool:
        from desktop_inbox.ui.models.paged import RowRole

        model = self._window.list.table.model()
        return model.rowCount() > 0 and model.index(0, 0).data(RowRole) is not None


class _Ticks(QObject):
    """Counts how far apart the ticks of a fast timer are until the engine has caught up."""

    def __init__(self, shown: Any) -> None:
        super().__init__(shown)
        self._window = shown
        self._gaps: list[float] = []
        self._last = self._began = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)
        self._look = QTimer(self)
        self._look.timeout.connect(self._is_over)
        self._look.start(200)

    def _tick(self) -> None:
        now = time.perf_counter()
        self._gaps.append((now - self._last) * 1000)
        self._last = now

    def _is_over(self) -> None:
        from desktop_inbox.sync.status import State

        thread = self._window._context.engine
        if thread is None:
            return  # the workspace is being opened
        statuses = thread.engine.statuses.values()
        running = [one for one in statuses if one.state is not State.PAUSED]
        caught_up = bool(running) and all(one.state is State.ONLINE for one in running)
        idle = not running and (time.perf_counter() - self._began) * 1000 > IDLE_MS
        if caught_up or idle:
            self._timer.stop()
            self._look.stop()
            seconds = time.perf_counter() - self._began
            _say(gaps_ms=self._gaps, seconds=seconds, memory_mb=resident_mb(os.getpid()))
            self._window.close()


def _settle(painted_at: float, then: Callable[[], object]) -> None:
    def report() -> None:
        _say(painted_at=painted_at, memory_mb=resident_mb(os.getpid()))
        then()

    QTimer.singleShot(SETTLED_MS, report)


def _now() -> float:
    return time.clock_gettime(time.CLOCK_MONOTONIC) if os.name == "posix" else time.monotonic()


def _say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
