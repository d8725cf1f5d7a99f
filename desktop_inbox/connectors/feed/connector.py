"""One feed as an account: asked every now and then, told only what is new. Engine loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar

from desktop_inbox.connectors.chat import Edited, Incoming
from desktop_inbox.connectors.contract import AccountConfig, Batch, Connector, Cursor
from desktop_inbox.connectors.errors import NotConnected
from desktop_inbox.connectors.feed.fetching import FeedSource, Fetched
from desktop_inbox.connectors.feed.info import INFO
from desktop_inbox.connectors.feed.reading import Entry, key_of, prints, read_feed
from desktop_inbox.connectors.payload import part, words

_MOST_REMEMBERED = 2000  # entries that come back after they were gone are not news


class FeedConnector(Connector):
    """The link to one feed. The cursor remembers what its entries said."""

    info: ClassVar = INFO

    def __init__(
        self, config: AccountConfig, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(config)
        self._now = now
        self._source: FeedSource | None = None
        self._seen = Fetched()  # as the last pull found it
        self.look_seconds: float = INFO.poll_seconds

    async def open(self) -> None:
        await self.close()
        self._source = FeedSource(self.config)
        await self._source.fetch(Fetched())

    async def close(self) -> None:
        self._source = None

    async def pull(self, cursor: Cursor | None) -> Batch:
        known = {key: words(value) for key, value in part(cursor, "entries").items()}
        # Whole each time: what a pull brought before may never have been stored.
        self._seen = await self._ready.fetch(Fetched())
        # Where it lay in the end may change; names that are told from the address must not.
        feed = read_feed(self._seen.body, url=self.config.address, now=self._now())
        items = tuple(
            item for one in feed.entries if (item := _news(one, known, self._now())) is not None
        )
        remembered = [*(known | prints(feed.entries)).items()][-_MOST_REMEMBERED:]
        return Batch(items=items, cursor={"entries": dict(remembered)}, more=False)

    async def wait(self) -> None:
        while True:
            await asyncio.sleep(self.look_seconds)
            found = await self._ready.fetch(self._seen)
            if not found.unchanged and found.body != self._seen.body:
                return

    @property
    def _ready(self) -> FeedSource:
        if self._source is None:
            raise NotConnected
        return self._source


def _news(entry: Entry, known: dict[str, str], now: datetime) -> Incoming | Edited | None:
    """Return what an entry is to us: new, changed since, or nothing."""
    before = known.get(key_of(entry))
    message = entry.message
    if before is None:
        return message
    if entry.print.startswith(before):
        return None
    return Edited(
        external_id=message.external_id,
        chat=message.chat,
        at=now,
        text=message.text,
        pieces=message.pieces,
        raw=message.raw,
    )


create = FeedConnector
