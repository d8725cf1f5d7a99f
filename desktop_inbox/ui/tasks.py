"""Starts coroutines from Qt slots, keeps them alive and reports what they raise. UI thread only.

asyncio is imported with the loop, which begins after the first frame of the window: it takes a
third as long to import as all of Qt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Tasks:
    """The running coroutines of the window; whatever one raises reaches `report`."""

    def __init__(self, report: Callable[[BaseException], None]) -> None:
        self._report = report
        self._running: set[asyncio.Task[Any]] = set()
        self._stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._held: list[tuple[Coroutine[Any, Any, Any], str]] | None = None

    def hold(self) -> None:
        """Keep what is started until `go`: no loop runs yet."""
        self._held = []

    def go(self) -> None:
        """Start what was held. On the loop."""
        held, self._held = self._held or [], None
        for coroutine, name in held:
            self.start(coroutine, name=name)

    def start(self, coroutine: Coroutine[Any, Any, Any], *, name: str = "") -> None:
        """Run `coroutine` on the window's loop. Once the window is going, nothing new starts."""
        if self._stopped:
            coroutine.close()
            return
        if self._held is not None:
            self._held.append((coroutine, name))
            return
        title = name or getattr(coroutine, "__qualname__", "task")
        task = self.loop.create_task(coroutine, name=title)
        self._running.add(task)
        task.add_done_callback(self._finished)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The window's loop; known from its first use on, also inside a nested Qt event loop."""
        if self._loop is None:
            from asyncio import get_running_loop

            self._loop = get_running_loop()
        return self._loop

    async def result(self, future: Future[T], *, to_the_end: bool = False) -> T:
        """Return what another thread works out.

        With `to_the_end` it goes on even where nobody waits for it any more; what it raises then
        reaches `report`.
        """
        from asyncio import CancelledError, shield, wrap_future

        if future.done():
            return future.result()
        waiting = wrap_future(future, loop=self.loop)
        if not to_the_end:
            return await waiting
        try:
            return await shield(waiting)
        except CancelledError:
            waiting.add_done_callback(self._ended_unheard)
            raise

    async def aside(self, call: Callable[[], T]) -> T:
        """Return what a blocking call returns, made on a thread; also in a nested Qt event loop."""
        return await self.loop.run_in_executor(None, call)

    def forget(self) -> None:
        """Start nothing any more, also nothing of what was held. Idempotent."""
        self._stopped = True
        self.go()  # closes it

    async def stop(self) -> None:
        """Cancel what still runs and wait for it. Idempotent."""
        from asyncio import gather

        self.forget()
        running = list(self._running)
        for task in running:
            task.cancel()
        await gather(*running, return_exceptions=True)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(error)

    def _ended_unheard(self, done: asyncio.Future[Any]) -> None:
        """Tell of a failure that nobody waits for: a page was left while it was saved."""
        if done.cancelled() or (error := done.exception()) is None:
            return
        logger.info("what was to be written was refused: %s", type(error).__name__)
        if not self._stopped:  # else there is no window that could say it
            self._report(error)
