"""Tries a feed's address for real. Engine loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from desktop_inbox.connectors.checking import failed
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import ConnectorError, PermanentReason
from desktop_inbox.connectors.feed.fetching import FeedSource, Fetched
from desktop_inbox.connectors.feed.reading import read_feed
from desktop_inbox.connectors.setup import Check


async def check(config: AccountConfig) -> AsyncIterator[Check]:
    """Yield whether the address answers, and whether that is a feed."""
    try:
        found = await FeedSource(config).fetch(Fetched())
    except ConnectorError as error:
        yield failed("receive", error)
        return
    yield Check(step="receive:connect", ok=True)
    feed = read_feed(found.body, url=found.url, now=datetime.now(UTC))
    yield Check(
        step="receive:feed",
        ok=feed.is_feed,
        detail=feed.title,
        cause="" if feed.is_feed else PermanentReason.INVALID.value,
    )
