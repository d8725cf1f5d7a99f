"""Pictures from the web that a message shows: fetched when a person allowed it, within limits.

A coroutine for any loop but the window's; whose pictures are always shown is one of the settings.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from desktop_inbox.connectors.web.pictures import PictureRefused, Reach, fetch
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.settings import Settings
from desktop_inbox.store.rows import MessageRow

MOST_PICTURES = 100
MOST_BYTES = 25 * 1024 * 1024  # of one message
SECONDS = 20.0
_AT_ONCE = 6
_MOST_SENDERS = 5_000
# Where one of these warnings stands, nobody knows who the sender is, and no permission counts.
# They are what `mime.parse`, `sync.senders` and `sync.linking` find; a test compares them.
DOUBTS = frozenset((
    "several-from", "sender-unreadable", "name-looks-like-address", "sender-mixes-scripts",
    "own-address-forged", "sender-not-proven", "name-is-ours", "name-of-customer",
    "name-mixes-scripts", "looks-like-participant",
))  # fmt: skip


async def fetch_all(urls: Iterable[str], *, reach: Reach | None = None) -> dict[str, bytes]:
    """Return the pictures that could be had, by address; the others are left out.

    However many are named, at most `MOST_PICTURES` are asked for, `MOST_BYTES` are taken, and
    after `SECONDS` it ends.
    """
    wanted = list(dict.fromkeys(urls))[:MOST_PICTURES]
    found: dict[str, bytes] = {}
    gate = asyncio.Semaphore(_AT_ONCE)

    async def take(url: str) -> None:
        async with gate:
            room = MOST_BYTES - sum(map(len, found.values()))
            if room <= 0:
                return
            try:
                body = await fetch(url, reach=reach)
            except PictureRefused:
                return  # the picture's own words stand in its place
            if len(body) <= MOST_BYTES - sum(map(len, found.values())):
                found[url] = body

    with contextlib.suppress(TimeoutError):  # those that came until then are shown
        async with asyncio.timeout(SECONDS):
            await asyncio.gather(*(take(url) for url in wanted))
    return found


def sender_of(message: MessageRow) -> str:
    """Return the address that a permission is given to; '' where no one can be sure of it."""
    if len(message.from_) != 1 or DOUBTS.intersection(message.warnings):
        return ""
    return normalise_email(message.from_[0].address) or ""


def always_shown(settings: Settings, message: MessageRow) -> bool:
    """Tell whether a message's sender was allowed to show pictures."""
    sender = sender_of(message)
    return bool(sender) and sender in settings.picture_senders


def allow_sender(settings: Settings, sender: str) -> None:
    """Show this sender's pictures from now on."""
    kept = [known for known in settings.picture_senders if known != sender]
    settings.picture_senders = [*kept, sender][-_MOST_SENDERS:]


def forget_sender(settings: Settings, sender: str) -> None:
    """Ask again before this sender's pictures are shown."""
    settings.picture_senders = [known for known in settings.picture_senders if known != sender]
