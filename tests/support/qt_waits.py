"""Waiting inside async tests that run on Qt's event loop, for conditions, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

TIMEOUT_SECONDS = 5.0


async def until(
    condition: Callable[[], object], *, timeout_seconds: float = TIMEOUT_SECONDS
) -> None:
    """Let the loop run until `condition()` is true; fail with its source after the time-out."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {timeout_seconds:g} s: {condition!r}")
        await asyncio.sleep(0.005)
