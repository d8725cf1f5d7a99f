"""Parse workers side by side, so that a first sync uses the processors there are.

Lives on the engine loop. The second worker is started only when a backlog makes it worth it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Protocol

from desktop_inbox.connectors.contract import RawMail
from desktop_inbox.store.files import Files
from desktop_inbox.sync.parsing import Parsed, ParseWorker

_WORKERS = 2 if (os.cpu_count() or 1) > 1 else 1
_WORTH_ANOTHER = 16  # messages at once; starting a process takes as long as parsing some hundred


class Parser(Protocol):
    """Whatever takes mails apart: a pool, or one worker."""

    async def parse(self, mails: Sequence[RawMail]) -> list[Parsed]:
        """Return what each mail holds, in order."""
        ...


class ParsePool:
    """The parse workers of an engine; used like a single one."""

    def __init__(self, files: Files, *, workers: int = _WORKERS) -> None:
        self._workers = tuple(ParseWorker(files) for _ in range(workers))

    async def parse(self, mails: Sequence[RawMail]) -> list[Parsed]:
        """Return what each mail holds, in order.

        Raises:
            ParserUnavailable, StoreError: as `ParseWorker.parse`.
        """
        busy = self._workers[: 1 + len(mails) // _WORTH_ANOTHER]
        shares = await asyncio.gather(
            *(worker.parse(mails[at :: len(busy)]) for at, worker in enumerate(busy))
        )
        return [shares[at % len(busy)][at // len(busy)] for at in range(len(mails))]

    def warm_up(self) -> None:
        """Have a worker ready, for mail that is about to come."""
        self._workers[0].warm_up()

    async def close(self) -> None:
        """End every worker process."""
        await asyncio.gather(*(worker.close() for worker in self._workers))
