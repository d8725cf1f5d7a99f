"""Keeps an account's calls apart: Meta takes two a second of its conversations. Engine loop."""

from __future__ import annotations

import asyncio

CALLS_APART_SECONDS = 0.5
_EASY = 20  # times as slow, where an allowance is nearly used up


class Pace:
    """Whose turn it is. Outlives connections: the vendor counts by account."""

    def __init__(self, seconds: float = CALLS_APART_SECONDS) -> None:
        self.seconds = seconds
        self.goes_easy = False
        self._next = 0.0

    async def turn(self) -> None:
        """Return when the next call may leave."""
        now = asyncio.get_running_loop().time()
        start = max(now, self._next)
        self._next = start + self.seconds * (_EASY if self.goes_easy else 1)
        if start > now:
            await asyncio.sleep(start - now)
