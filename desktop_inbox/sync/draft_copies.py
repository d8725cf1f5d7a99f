"""Keeps a copy of each draft in its account's Drafts folder, for owners who ask for that.

One task on the engine loop per account. At most one version lies there, and each draft is uploaded
at most twice a minute while somebody types.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from desktop_inbox.connectors.contract import Capability, Connector
from desktop_inbox.connectors.errors import AuthError, ConnectorError
from desktop_inbox.domain.identities import by_uid, of_account
from desktop_inbox.domain.messages import Outgoing
from desktop_inbox.domain.rich_text import to_text
from desktop_inbox.log import for_account
from desktop_inbox.store import draft_copies, drafts, messages
from desktop_inbox.store.database import StoreError
from desktop_inbox.store.draft_copies import UNKNOWN, CopyDue
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import AccountRow, DraftRow, MessageRow
from desktop_inbox.sync import patience
from desktop_inbox.sync.ledger import Ledger
from desktop_inbox.sync.link import Link
from desktop_inbox.sync.outgoing import files_of_draft

PAUSE = timedelta(seconds=30)  # between two uploads of one draft
_AFTER_FAILURE = timedelta(minutes=2)
_LONGEST_SLEEP = timedelta(minutes=10)


class DraftCopies:
    """One account's copies. Does nothing unless its owner asked for it."""

    def __init__(
        self, ledger: Ledger, account: AccountRow, *, link: Link, pause: timedelta = PAUSE
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._log = for_account(logging.getLogger(__name__), account.id)
        self._link = link
        self._pause = pause
        self._news = asyncio.Event()

    @property
    def _wanted(self) -> bool:
        return self._account.settings.get("server_drafts") == "yes"

    def nudge(self) -> None:
        """Look at the drafts again: one was written, sent or thrown away."""
        self._news.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while self._wanted:
            self._news.clear()
            try:
                until = await self._work()
            except (ConnectorError, StoreError) as error:
                self._log.info("a copy of a draft waits: %s", type(error).__name__)
                until = self._ledger.now() + _AFTER_FAILURE
                if isinstance(error, AuthError):
                    self._link.refuse(error)
            await self._sleep(until)

    async def _sleep(self, until: datetime | None) -> None:
        seconds = _LONGEST_SLEEP.total_seconds()
        if until is not None:
            seconds = min(max((until - self._ledger.now()).total_seconds(), 0.0), seconds)
        await patience.wait_for(self._news, seconds=seconds)

    async def _work(self) -> datetime | None:
        """Do what is due; return when something will be."""
        connector = self._link.connector
        if connector is None or not self._link.can_send:
            return None
        if Capability.KEEP_DRAFT not in connector.info.capabilities:
            return None
        for one in await self._due():
            if one.at > self._ledger.now():
                return one.at
            await self._bring_up_to_date(connector, one)
        return None

    async def _due(self) -> list[CopyDue]:
        return await self._ledger.read(
            lambda conn: draft_copies.due(conn, self._account.id, pause=self._pause)
        )

    async def _bring_up_to_date(self, connector: Connector, one: CopyDue) -> None:
        ref = f"draft.{one.uid}@{self._account.address.rpartition('@')[2] or 'localhost'}"
        if one.draft_id is None:
            async with self._link.sending:
                await connector.keep_draft(ref, None)
            await self._ledger.write(lambda tx: draft_copies.forget(tx, one.uid))
            return
        key = one.draft_id
        row = await self._ledger.read(lambda conn: drafts.get(conn, key))
        if row is None:
            return  # gone meanwhile; the next look takes its copy away
        answered = await self._ledger.read(
            lambda conn: messages.row(conn, row.answers_id) if row.answers_id else None
        )
        await self._note(row, revision=UNKNOWN)
        copy = _copy_of(row, ref, self._account, answered, self._ledger.files)
        async with self._link.sending:
            await connector.keep_draft(ref, copy)
        await self._note(row, revision=row.revision)

    async def _note(self, row: DraftRow, *, revision: int) -> None:
        account_id = self._account.id
        await self._ledger.write(
            lambda tx: draft_copies.note(tx, row.uid, account_id=account_id, revision=revision)
        )


def _copy_of(
    row: DraftRow, ref: str, account: AccountRow, answered: MessageRow | None, files: Files
) -> Outgoing:
    """Return a draft as a message; a file that is missing here is missing there."""
    parent = answered.external_id if answered is not None else ""
    known = of_account(account.settings, address=account.address)
    return Outgoing(
        client_ref=ref,
        at=row.updated_at,
        from_=(by_uid(known, row.sender) or known[0]).sender,
        to=row.to,
        cc=row.cc,
        bcc=row.bcc,
        subject=row.subject,
        text=_plain(row),
        html=row.rich,
        in_reply_to=parent,
        references=(*answered.references, parent) if answered is not None else (),
        attachments=files_of_draft(row, files),
    )


def _plain(row: DraftRow) -> str:
    if not row.rich:
        return row.body
    from desktop_inbox.mime.rich import read  # with a parser that few drafts need

    return to_text(read(row.rich))
