"""Ways to a service, as its package makes them: what is common to letting go of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol


class Way(Protocol):
    """What speaks with a service and has connections to let go of."""

    async def close(self) -> None:
        """Let go of every connection."""


@asynccontextmanager
async def closed_on_failure(way: Way, *, unless: object) -> AsyncIterator[None]:
    """Let go of a way that turns out not to work, `unless` something is leaving through it."""
    try:
        yield
    except BaseException:
        if way is not unless:
            await way.close()
        raise
