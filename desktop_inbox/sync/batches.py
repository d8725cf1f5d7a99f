"""A batch from a connector on its way into the store: parsed, and kept part by part.

Runs on the engine loop; parsing is done by worker processes, storing by the writer thread.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from desktop_inbox.connectors.contract import Batch, Cursor, Item, RawMail
from desktop_inbox.store import accounts
from desktop_inbox.store.files import Files
from desktop_inbox.sync import following
from desktop_inbox.sync.awaited_store import AwaitedStore
from desktop_inbox.sync.ingest import Ingested, store_items
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.parse_pool import Parser
from desktop_inbox.sync.parsing import Parsed

_HEADER_BYTES = 256 * 1024
_FIRST_ITEMS = 50
_PART_ITEMS = 400  # of a batch in one transaction: what people do meanwhile waits for no more


class Batches:
    """Takes in what the connectors of one engine bring."""

    def __init__(self, store: AwaitedStore, files: Files, parser: Parser) -> None:
        self._store = store
        self._files = files
        self._parser = parser

    async def take_mail(
        self,
        mailbox: Mailbox,
        batch: Batch,
        cursor: Cursor | None,
        after: asyncio.Task[Ingested] | None,
    ) -> Ingested:
        """Parse and store a batch part by part: the next ones are parsed while one is stored.

        It is parsed at once, and stored once `after` has ended well.

        *Raises:* StoreError, ParserUnavailable.
        """
        parts = _parts(batch.items, cursor, nothing_else=after is None)
        parsing = deque(asyncio.create_task(self._parsed(part)) for part in parts)
        total = Ingested()
        try:
            for part in parts:
                parsed = await parsing[0]
                parsing.popleft()
                if after is not None:
                    await asyncio.shield(after)
                acknowledged = cursor if parsing else batch.cursor
                assert acknowledged is not None
                total += await self._store.write(
                    partial(
                        store_items, mailbox=mailbox, items=part, parsed=parsed, cursor=acknowledged
                    )
                )
        finally:
            for task in parsing:
                task.cancel()
            await asyncio.gather(*parsing, return_exceptions=True)
        if batch.missing is not None:
            await self._store.write(
                partial(accounts.set_reconciled, account_id=mailbox.id, missing=batch.missing)
            )
        if batch.looked:
            await self._store.write(partial(following.settle, account_id=mailbox.id))
        return total

    async def take_chat(self, mailbox: Mailbox, batch: Batch, cursor: Cursor | None) -> Ingested:
        """Store a batch of a messaging service, which needs no parsing. *Raises:* StoreError."""
        from desktop_inbox.sync import chat_batch  # with the first account of such a channel

        return await chat_batch.ingest(self._files, mailbox, batch, cursor, write=self._store.write)

    async def _parsed(self, items: Sequence[Item]) -> list[Parsed]:
        return await parse_all(self._parser, [one for one in items if isinstance(one, RawMail)])


def _parts(
    items: Sequence[Item], cursor: Cursor | None, *, nothing_else: bool
) -> list[Sequence[Item]]:
    """Return what of a batch is stored together; the very first batch has no cursor to keep.

    With `nothing_else` to store meanwhile, the first part is small: it is waited for.
    """
    if cursor is None:
        return [items]
    first, rest = (items[:_FIRST_ITEMS], items[_FIRST_ITEMS:]) if nothing_else else ((), items)
    count = math.ceil(len(rest) / _PART_ITEMS) or 1
    size = math.ceil(len(rest) / count) or 1  # all alike: a few by themselves cost as many
    parts = [first, *(rest[at : at + size] for at in range(0, len(rest), size))]
    return [part for part in parts if part] or [items]


async def parse_all(parser: Parser, mails: Sequence[RawMail]) -> list[Parsed]:
    """Parse mails; of those that cannot be read, at least who wrote and what about (rule O4)."""
    parsed = await parser.parse(mails)
    broken = [
        number for number, one in enumerate(parsed) if one.message is None and one.mail.complete
    ]
    if broken:
        blocks = [
            replace(
                parsed[number].mail,
                raw=_header_block(parsed[number].mail.raw),
                complete=False,
                remote_parts=(),
            )
            for number in broken
        ]
        for number, headers in zip(broken, await parser.parse(blocks), strict=True):
            parsed[number] = replace(parsed[number], message=headers.message)
    return parsed


def _header_block(raw: bytes) -> bytes:
    end = min((at for at in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if at >= 0), default=-1)
    return raw[: end if end >= 0 else _HEADER_BYTES][:_HEADER_BYTES] + b"\r\n\r\n"
