"""Starts coroutines from Qt slots, keeps them alive and reports what they raise. UI thread only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

logger = logging.getLogger(__name__)


class Tasks:
    """The running coroutines of the window; whatever one raises reaches `report`."""

    def __init__(self, report: Callable[[BaseException], None]) -> None:
        self._report = report
        self._running: set[asyncio.Task[Any]] = set()
        self._stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, coroutine: Coroutine[Any, Any, Any], *, name: str = "") -> None:
        """Run `coroutine` on the window's loop. Once the window is going, nothing new starts."""
        if self._stopped:
            coroutine.close()
            return
        title = name or getattr(coroutine, "__qualname__", "task")
        task = self.loop.create_task(coroutine, name=title)
        self._running.add(task)
        task.add_done_callback(self._finished)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The window's loop; known from its first use on, also inside a nested Qt event loop."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    async def stop(self) -> None:
        """Cancel what still runs and wait for it. Idempotent."""
        self._stopped = True
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(error)
