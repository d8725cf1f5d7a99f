"""A command that was sent, what comes in for it, and how it ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from aioimaplib import aioimaplib

from desktop_inbox.connectors.email.imap_responses import CommandRefused, Status, Untagged


class PendingCommand(aioimaplib.Command):
    """One command under way, and the untagged responses that are its answer."""

    _exception: Exception | None  # type: ignore[assignment]

    def __init__(
        self,
        name: str,
        tag: str,
        *,
        collects: frozenset[str],
        claims: Callable[[Untagged], bool] | None,
        patience_seconds: float,
        consumed: Callable[[int], None],
    ) -> None:
        super().__init__(name, tag)
        self._collects = collects
        self._claims = claims
        self.patience_seconds = patience_seconds
        self.answer: Status | None = None
        self.on_continuation: Callable[[bytes], bytes] | None = None
        self._consumed = consumed
        self._queue: deque[tuple[int, Untagged]] = deque()
        self._news = asyncio.Event()
        self._abandoned = False

    def wants(self, response: Untagged) -> bool:
        """Whether a response may be part of this command's answer."""
        return response.kind in self._collects and (self._claims is None or self._claims(response))

    @property
    def finished(self) -> bool:
        """Whether the server has answered, or never will."""
        return self._event.is_set()

    def add(self, size: int, response: Untagged) -> None:
        """Queue a response of `size` bytes for whoever reads this command."""
        if self._abandoned:
            self._consumed(size)
            return
        self._queue.append((size, response))
        self._news.set()

    def complete(self, result: str, answer: Status) -> None:
        """The tagged answer has come."""
        self.answer = answer
        self.close(b"", result)
        self._news.set()

    def fail(self, error: Exception) -> None:
        """No answer will ever come."""
        if not self.finished:
            self._exception = error
            self.close(b"", "KO")
            self._news.set()

    def abandon(self) -> None:
        """Nobody reads this any more: drop what came and what comes."""
        self._abandoned = True
        while self._queue:
            self._consumed(self._queue.popleft()[0])

    async def stream(self) -> AsyncIterator[Untagged]:
        """Yield the responses as they come, then settle as `done` does."""
        try:
            while True:
                while self._queue:
                    size, response = self._queue.popleft()
                    self._consumed(size)
                    yield response
                if self.finished:
                    break
                self._news.clear()
                await self._news.wait()
        finally:
            self.abandon()
        await self.done()

    async def collect(self) -> list[Untagged]:
        """Return all responses. *Raises:* as `done`."""
        return [response async for response in self.stream()]

    async def done(self) -> Status:
        """Wait for the tagged answer.

        *Raises:* CommandRefused, LinkLost, ProtocolError, TimeoutError.
        """
        await self.wait()
        assert self.answer is not None
        result = self.response.result
        if result != "OK":
            raise CommandRefused(result, self.answer.code, self.answer.text)
        return self.answer
