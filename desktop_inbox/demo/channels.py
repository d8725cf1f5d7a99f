"""The sample shop's messaging channels: services that are a script in memory, behind the contract.

Nothing of theirs reaches a network. Connectors live on the engine's loop; what customers say may
be added from any thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from desktop_inbox import connectors
from desktop_inbox.connectors.chat import ChatItem
from desktop_inbox.connectors.contract import (
    AccountConfig,
    Batch,
    BeforeBody,
    Connector,
    ConnectorInfo,
    Cursor,
    SendResult,
    Template,
)
from desktop_inbox.connectors.kinds import info_of
from desktop_inbox.demo.files import attachment
from desktop_inbox.domain.messages import Outgoing

_MOST_AT_ONCE = 50

Sent = Callable[[str, Outgoing], None]
"""Called on the engine's loop with what a message is called now, and the message."""


class Service:
    """The far side of one account: what it holds, in order, and who waits for more."""

    def __init__(self, on_taken: Callable[[], None]) -> None:
        """`on_taken` is called when all that came with the first `arrive` has been stored."""
        self.on_sent: Sent = lambda _name, _message: None
        self._on_taken = on_taken
        self._items: list[ChatItem] = []
        self._first = 0
        self._numbers = itertools.count(1)
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._lock = threading.Lock()

    def arrive(self, items: Iterable[ChatItem]) -> None:
        """Put more where the next pull finds it, and wake whoever waits for it. Any thread."""
        with self._lock:
            self._items += items
            self._first = self._first or len(self._items)
            waiting = tuple(self._waiting)
        for loop, news in waiting:
            with contextlib.suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(news.set)

    def after(self, place: int) -> Sequence[ChatItem]:
        """Return some of what came after a place that was reached; all before it is stored."""
        with self._lock:
            taken = 0 < self._first <= place
            found = self._items[place : place + _MOST_AT_ONCE]
        if taken:
            self._on_taken()
        return found

    async def more(self, place: int) -> None:
        """Return once there is something after a place."""
        news = asyncio.Event()
        entry = (asyncio.get_running_loop(), news)
        with self._lock:
            if len(self._items) > place:
                return
            self._waiting.append(entry)
        try:
            await news.wait()
        finally:
            with self._lock:
                self._waiting.remove(entry)

    def take(self, message: Outgoing) -> str:
        """Accept a message, and return what it is called."""
        name = f"ours-{next(self._numbers)}"
        self.on_sent(name, message)
        return name


class SampleConnector(Connector):
    """One account's link to its `Service`; it can whatever the real channel can."""

    def __init__(self, config: AccountConfig, info: ConnectorInfo, service: Service) -> None:
        super().__init__(config)
        self.info = info  # type: ignore[misc] # one class stands in for every channel
        self._service = service
        self._place = 0

    async def open(self) -> None:
        """There is nobody to sign in to."""

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def pull(self, cursor: Cursor | None) -> Batch:
        start = int(str((cursor or {}).get("place", 0)))
        items = tuple(self._service.after(start))
        self._place = start + len(items)
        return Batch(items=items, cursor={"place": self._place}, more=bool(items))

    async def wait(self) -> None:
        await self._service.more(self._place)

    async def send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        await before_body()
        return SendResult(external_id=self._service.take(message))

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Return that nothing is known of it: what was handed over was taken."""
        return None

    async def fetch_file(self, reference: str, target: Path) -> None:
        _name, _media_type, content = attachment(reference)
        await asyncio.to_thread(target.write_bytes, content)

    async def edit(self, chat: str, external_id: str, text: str) -> None:
        """The customer sees the new words; there is nobody to tell."""

    async def withdraw(self, chat: str, external_id: str) -> None:
        """The customer sees it no more; there is nobody to tell."""

    async def react(self, chat: str, external_id: str, emojis: Sequence[str]) -> None:
        """The customer sees it; there is nobody to tell."""

    async def read(self, chat: str, external_id: str) -> None:
        """The customer sees that it was read; there is nobody to tell."""

    async def templates(self) -> Sequence[Template]:
        return _TEMPLATES


_TEMPLATES = (
    Template(
        name="order_ready",
        title="Order is ready",
        language="en",
        text="Hello {{1}}, your order {{2}} is ready. Shall we send it?",
    ),
    Template(
        name="siparis_hazir",
        title="Sipariş hazır",
        language="tr",
        text="Merhaba {{1}}, {{2}} numaralı siparişiniz hazır. Gönderelim mi?",
    ),
)


class Channels:
    """The services of the shop's accounts, by account."""

    def __init__(self) -> None:
        self.taken = threading.Event()  # all that was said before is stored, on every channel
        self._services: dict[int, Service] = {}
        self._missing: set[int] = set()

    def add(self, account_id: int) -> Service:
        """Let an account of the shop have a service. Before the engine starts."""
        self._missing.add(account_id)
        self._services[account_id] = Service(partial(self._taken, account_id))
        return self._services[account_id]

    def _taken(self, account_id: int) -> None:
        self._missing.discard(account_id)  # on the engine's loop alone
        if not self._missing:
            self.taken.set()

    def connect(self, kind: str, config: AccountConfig) -> Connector:
        """Return the link of an account: a script for the shop's own, else the real one."""
        service, info = self._services.get(config.id), info_of(kind)
        if service is None or info is None:
            return connectors.create(kind, config)
        return SampleConnector(config, info, service)
