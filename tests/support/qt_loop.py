"""Qt's event loop for async tests, where Qt's events are also handled between two runs of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop


class PatientLoop(QEventLoop):  # type: ignore[misc]  # qasync has no types
    """Runs callbacks as asyncio promises, with a running loop, whoever handles Qt's events.

    pytest-qt handles events before, after and between the runs of a test and its fixtures. A
    task that goes on there would meet "no running event loop", which the program, whose loop
    runs from its start to its end, never does.
    """

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call `callback(*args)` in `delay` seconds; every other way to call goes through here."""
        handle: asyncio.TimerHandle = super().call_later(
            delay, self._call, callback, *args, context=context
        )
        return handle

    def _call(self, callback: Callable[..., object], *args: Any) -> None:
        if asyncio._get_running_loop() is not None:
            callback(*args)
            return
        asyncio._set_running_loop(self)
        try:
            callback(*args)
        finally:
            asyncio._set_running_loop(None)


def qt_loop() -> asyncio.AbstractEventLoop:
    """Return a new loop on the application of the tests."""
    app = QApplication.instance() or QApplication(["desktop-inbox-tests"])
    loop: asyncio.AbstractEventLoop = PatientLoop(app)
    return loop
