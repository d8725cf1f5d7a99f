"""The engine beside a window: a loop and a thread of its own, started and stopped from another."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from desktop_inbox.sync.account_work import FINISH_SECONDS
from desktop_inbox.sync.engine import Engine
from desktop_inbox.sync.status import AccountStatus

log = logging.getLogger(__name__)

T = TypeVar("T")

SWITCH_INTERVAL_SECONDS = 0.0005  # a window beside a busy engine stays smooth


class EngineThread:
    """An engine with a loop and a thread of its own, beside a window."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: BaseException | None = None
        self._ready = threading.Event()

    def start(self, *, timeout_seconds: float = 10.0) -> None:
        """Start and return once accounts are being followed.

        Raises:
            EngineBusy: another process runs this workspace's engine.
            TimeoutError: it did not start in time.
        """
        sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._thread.start()
        if not self._ready.wait(timeout_seconds):
            raise TimeoutError("the engine did not start")
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self, *, timeout_seconds: float = FINISH_SECONDS + 10.0) -> None:
        """Settle what is on the wire and end the thread. Idempotent."""
        if self._thread is not None:
            self.engine.stop()
            self._thread.join(timeout_seconds)
            if self._thread.is_alive():
                log.warning("the engine did not stop in time")
            self._thread = None

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the engine's loop. Any thread.

        Raises:
            RuntimeError: the engine does not run.
        """
        if self._loop is None or not self.running:
            coroutine.close()
            raise RuntimeError("the engine does not run")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def subscribe(self, listener: Callable[[AccountStatus], None]) -> Callable[[], None]:
        """See `Engine.subscribe`."""
        return self.engine.subscribe(listener)

    def kick(self, account_id: int | None = None) -> None:
        """See `Engine.kick`."""
        self.engine.kick(account_id)

    @property
    def running(self) -> bool:
        """Whether the engine works."""
        return self._thread is not None and self._thread.is_alive()

    def _main(self) -> None:
        try:
            asyncio.run(self._run())
        except Exception as error:
            self._failure = error
            if self._ready.is_set():
                log.exception("the engine ended by a bug")
        finally:
            self._ready.set()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self.engine.run(on_started=self._ready.set)
