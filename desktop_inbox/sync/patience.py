"""Waiting for news, but not for ever. On the engine loop."""

from __future__ import annotations

import asyncio
import contextlib


async def wait_for(news: asyncio.Event, *, seconds: float | None) -> None:
    """Return once there is news, or after so many seconds; None: however long it takes."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await news.wait()
