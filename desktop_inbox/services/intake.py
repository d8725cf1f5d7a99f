"""Mail from files on its way in: parsed by the worker processes, ingested as received mail is.

Coroutines for any loop but the window's.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import TypeVar

from desktop_inbox.connectors.contract import Cursor, FolderRole, Location, RawMail
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.store import accounts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.replanting.conversations import forget_places
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.batches import parse_all
from desktop_inbox.sync.ingest import Ingested, store_items
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.parse_pool import ParsePool
from desktop_inbox.sync.parsing import Parsed

T = TypeVar("T")

WINDOW = 50  # mails of one transaction
_NO_FOLDER = ""  # where mail from a file lies on a server


def mail(raw: bytes, *, role: FolderRole, received_at: datetime, seen: bool) -> RawMail:
    """Return a mail of a file as if a connector had fetched it."""
    return RawMail(
        location=Location(folder=_NO_FOLDER, uidvalidity=1, uid=secrets.randbits(62) + 1),
        role=role,
        received_at=received_at,
        size=len(raw),
        seen=seen,
        raw=raw,
    )


class Intake:
    """Parses and stores mail from files. Close it at the end."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._parser = ParsePool(workspace.files)

    async def receive(
        self,
        row: AccountRow,
        raw: Sequence[RawMail],
        *,
        also: Callable[[Tx], object] = lambda tx: None,
    ) -> Ingested:
        """Parse mails and store them in one transaction, with what is to be done `also`."""
        parsed = await parse_all(self._parser, raw)
        store = partial(_store, row=row, parsed=parsed, also=also)
        return await done(self._workspace.db.write(store))

    async def close(self) -> None:
        """End the workers."""
        await self._parser.close()


def _store(
    tx: Tx, *, row: AccountRow, parsed: Sequence[Parsed], also: Callable[[Tx], object]
) -> Ingested:
    own = frozenset(normalise_email(one.address) for one in accounts.list_all(tx.conn))
    mailbox = Mailbox(id=row.id, uid=row.uid, own=own - {""})
    cursor: Cursor | None = accounts.cursor(tx.conn, row.id)
    counts = store_items(tx, mailbox, [one.mail for one in parsed], parsed, cursor=cursor or {})
    if cursor is None:
        accounts.forget_cursor(tx, row.id)  # whoever signs in begins at the beginning
    # It lies in no folder of a server, whatever ingest was told.
    forget_places(tx, row.id, _NO_FOLDER)
    also(tx)
    return counts


async def done(future: Future[T]) -> T:
    """Wait for what the store's threads do."""
    return await asyncio.wrap_future(future)
