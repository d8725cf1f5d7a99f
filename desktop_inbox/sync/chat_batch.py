"""A batch of a messaging channel on the engine's loop: raw events become files, then it is stored.

Imported with the first account of such a channel.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial

from desktop_inbox.connectors.chat import Edited, Incoming, Unreadable
from desktop_inbox.connectors.contract import Batch, Cursor, Item
from desktop_inbox.connectors.kinds import info_of
from desktop_inbox.store.database import Tx
from desktop_inbox.store.files import Files
from desktop_inbox.sync.aside import aside
from desktop_inbox.sync.chat_ingest import store_chat
from desktop_inbox.sync.counts import Ingested
from desktop_inbox.sync.mailbox import Mailbox

Write = Callable[[Callable[[Tx], Ingested]], Awaitable[Ingested]]

_PART_ITEMS = 200  # in one transaction: what people do meanwhile waits for no more


async def ingest(
    files: Files, mailbox: Mailbox, batch: Batch, cursor: Cursor | None, *, write: Write
) -> Ingested:
    """Store a batch part by part; the last one moves the cursor."""
    window = reply_window(mailbox.kind)
    total = Ingested()
    parts = _parts(batch.items, cursor)
    for number, part in enumerate(parts, 1):
        raw = await aside(keep_raw, files, part)
        acknowledged = batch.cursor if number == len(parts) else cursor
        assert acknowledged is not None
        total += await write(
            partial(
                store_chat,
                mailbox=mailbox,
                items=part,
                raw=raw,
                reply_window=window,
                cursor=acknowledged,
            )
        )
    return total


def _parts(items: Sequence[Item], cursor: Cursor | None) -> list[Sequence[Item]]:
    if cursor is None or not items:
        return [items]  # the very first batch has no cursor to keep
    return [items[at : at + _PART_ITEMS] for at in range(0, len(items), _PART_ITEMS)]


def keep_raw(files: Files, items: Sequence[Item]) -> dict[int, str]:
    """Keep events as they came, and return the name of each file by the item's place."""
    return {
        number: files.put(item.raw)
        for number, item in enumerate(items)
        if isinstance(item, (Incoming, Edited, Unreadable)) and item.raw
    }


def reply_window(kind: str) -> timedelta | None:
    """Return how long after a customer's message a channel lets us answer; None: always (M1)."""
    info = info_of(kind)
    hours = info.limits.get("reply_window_hours") if info else None
    return None if hours is None else timedelta(hours=hours)
