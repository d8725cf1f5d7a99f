"""Works in our window as a person does, from inside, and reports how long each thing took.

Opens the longest conversation again and again, moves through the list by key, and closes thousands
of conversations at once.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from bench import reports

OPENED, MOVED, CLOSED = 12, 40, 5_000
_CALM_SECONDS = 0.2  # between two moves, so that none is measured with what the last one began
_MOST_SECONDS = 20.0


class Work(QObject):
    """Does all of it once the list is whole, then closes the window."""

    def __init__(self, shown: Any) -> None:
        super().__init__(shown)
        self._window = shown
        self._whole = asyncio.Event()
        shown.list.model.refreshed.connect(self._look)
        shown._context.start(self._do())
        self._look()

    def _look(self) -> None:
        model = self._window.list.model
        if model.whole and model.rowCount() > CLOSED:
            self._whole.set()

    async def _do(self) -> None:
        try:
            await asyncio.wait_for(self._whole.wait(), _MOST_SECONDS)
            opened = await self._open()
            moved = await self._move()
            reports.say(opened_ms=opened, moved_ms=moved, closed_ms=await self._close())
        finally:
            self._window.close()

    async def _open(self) -> list[float]:
        """The conversation on top is the long one; in turns with the one below, which is first."""
        thread, times = self._window.thread_view, []
        for turn in range(2 * OPENED):
            table, row = self._window.list.table, (turn + 1) % 2
            wanted = self._window.list.model.ids[row]
            shown = asyncio.get_running_loop().create_future()

            def on_screen(key: object, there: Any = shown, wanted: int = wanted) -> None:
                if key == wanted and not there.done():
                    there.set_result(_painted(thread))  # watched from now on: it comes at once

            thread.shown.connect(on_screen)
            began = time.perf_counter()
            table.setFocus()
            table.setCurrentIndex(table.model().index(row, 0))
            self._window._context.select(wanted)
            painted = await asyncio.wait_for(shown, _MOST_SECONDS)
            painted_at = await asyncio.wait_for(painted, _MOST_SECONDS)
            if row == 0:
                times.append((painted_at - began) * 1000)
            thread.shown.disconnect(on_screen)
            await asyncio.sleep(_CALM_SECONDS)
        return times

    async def _move(self) -> list[float]:
        table, times = self._window.list.table, []
        table.setFocus()
        for _ in range(MOVED):
            painted = _painted(table.viewport())
            began = time.perf_counter()
            QTest.keyClick(table, Qt.Key.Key_Down)
            painted_at = await asyncio.wait_for(painted, _MOST_SECONDS)
            times.append((painted_at - began) * 1000)
            await asyncio.sleep(_CALM_SECONDS)
        return times

    async def _close(self) -> list[float]:
        """Until thousands have left the list, and what is left of it is on the screen."""
        pane, commands = self._window.list, self._window.commands
        painted = _painted(pane.table.viewport())
        began = time.perf_counter()
        commands.close(list(pane.model.ids[:CLOSED]))
        taken = (await asyncio.wait_for(painted, _MOST_SECONDS) - began) * 1000
        await commands.settle()
        return [taken]


def _painted(widget: QWidget) -> asyncio.Future[float]:
    """Return what tells the moment at which `widget`, or one in it, was painted next.

    That is the moment itself, not when somebody who waits for it has his turn in the loop: by then
    the window may have gone on to what comes after.
    """
    done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    watch = _NextPaint(widget, done)
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(watch)
    done.add_done_callback(lambda _done: application.removeEventFilter(watch))
    return done


class _NextPaint(QObject):
    def __init__(self, widget: QWidget, done: asyncio.Future[float]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._done = done
        self._seen = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint and not self._seen and self._is_ours(watched):
            self._seen = True
            # The filter runs before the paint it sees; the next turn of the loop comes after it.
            QTimer.singleShot(0, self._finish)
        return False

    def _is_ours(self, watched: QObject) -> bool:
        return isinstance(watched, QWidget) and (
            watched is self._widget or self._widget.isAncestorOf(watched)
        )

    def _finish(self) -> None:
        if not self._done.done():
            self._done.set_result(time.perf_counter())
