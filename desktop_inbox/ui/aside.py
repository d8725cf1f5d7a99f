"""Work of asyncio on a loop and a thread of its own, for what neither the window nor the engine's
loop should wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T], *, name: str) -> Future[T]:
    """Run a coroutine on a thread that never keeps the program open."""
    done: Future[T] = Future()

    def begin() -> None:
        if not done.set_running_or_notify_cancel():
            work.close()
            return
        try:
            result = asyncio.run(work)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            done.set_exception(error)
        else:
            done.set_result(result)

    threading.Thread(target=begin, name=name, daemon=True).start()
    return done
