"""Copies of drafts on a real server: one version, never two, at most two uploads a minute (A6)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.domain.identities import SETTING, OwnIdentity, stored
from desktop_inbox.domain.messages import Address
from desktop_inbox.services import drafts
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts, draft_copies
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.draft_copies import DraftCopies
from desktop_inbox.sync.ledger import Ledger
from tests.support.desk import parsed
from tests.support.dovecot import Mailbox, dovecot, mailbox  # noqa: F401
from tests.support.engine_room import eventually
from tests.support.lanes import Link, running
from tests.support.tls_authority import authority  # noqa: F401

AT_ONCE = timedelta(0)
LONG = timedelta(hours=1)
TEXT = DraftContent(
    mode="new", to=(Address(address="mina@example.org"),), subject="Grüße", body="Half"
)


@dataclass
class Desk:
    """A workspace that keeps copies of its drafts in a mailbox."""

    workspace: Workspace
    account: AccountRow
    mailbox: Mailbox
    link: Link

    def save(self, content: DraftContent, *, draft_id: int | None = None) -> int:
        mine = replace(content, account_id=self.account.id)
        return self.workspace.db.write(lambda tx: drafts.save(tx, mine, draft_id=draft_id)).result(
            10
        )

    def due(self) -> list[draft_copies.CopyDue]:
        return self.workspace.db.read(
            lambda conn: draft_copies.due(conn, self.account.id, pause=AT_ONCE)
        ).result(10)

    @property
    def texts(self) -> list[str]:
        """What lies in Drafts."""
        raws = [self.mailbox.raw(uid, "Drafts") for uid in self.mailbox.uids("Drafts")]
        return [parsed(raw).get_content().strip() for raw in raws]

    @asynccontextmanager
    async def keeping(self, *, pause: timedelta = AT_ONCE) -> AsyncIterator[DraftCopies]:
        ledger = Ledger(self.workspace, self.account.id)
        copies = DraftCopies(ledger, self.account, link=self.link, pause=pause)
        async with running(copies, self.workspace.db):
            yield copies


@pytest.fixture
async def desk(workspace: Workspace, mailbox: Mailbox) -> AsyncIterator[Desk]:  # noqa: F811
    connector = EmailConnector(mailbox.config())

    def add(tx: Tx) -> AccountRow:
        key = accounts.create(
            tx,
            kind="email",
            title="Shop",
            address=mailbox.address,
            settings={"name": "Töpferei", "server_drafts": "yes"},
        )
        row = accounts.row(tx.conn, key)
        assert row is not None
        return row

    account = workspace.db.write(add).result(10)
    yield Desk(workspace, account, mailbox, Link(connector))
    await connector.close()


async def test_one_version_lies_there_and_it_is_the_last_one(desk: Desk) -> None:
    async with desk.keeping():
        key = desk.save(TEXT)
        await eventually(lambda: not desk.due())
        assert desk.texts == ["Half"]
        desk.save(replace(TEXT, body="Half a sentence"), draft_id=key)
        await eventually(lambda: not desk.due() and desk.texts == ["Half a sentence"])
    assert len(desk.mailbox.uids("Drafts", "DRAFT")) == 1


async def test_what_is_typed_fast_is_uploaded_slowly(desk: Desk) -> None:
    async with desk.keeping(pause=LONG):
        key = desk.save(TEXT)
        await eventually(lambda: desk.texts == ["Half"])
        for number in range(5):
            desk.save(replace(TEXT, body=f"Version {number}"), draft_id=key)
            await asyncio.sleep(0.01)
        assert desk.texts == ["Half"]
        (waiting,) = desk.workspace.db.read(
            lambda conn: draft_copies.due(conn, desk.account.id, pause=LONG)
        ).result(10)
        assert waiting.revision == 6


async def test_what_was_sent_or_thrown_away_is_taken_away_there(desk: Desk) -> None:
    async with desk.keeping():
        key = desk.save(TEXT)
        await eventually(lambda: desk.texts == ["Half"])
        desk.workspace.db.write(lambda tx: drafts.discard(tx, key)).result(10)
        await eventually(lambda: desk.texts == [] and not desk.due())


async def test_a_crash_after_uploading_leaves_no_second_version(desk: Desk) -> None:
    async with desk.keeping():
        desk.save(TEXT)
        await eventually(lambda: desk.texts == ["Half"])
    # What a crash leaves between the upload and the note of it.
    desk.workspace.db.write(
        lambda tx: tx.conn.exec_driver_sql("UPDATE draft_copy SET revision = 0")
    ).result(10)
    async with desk.keeping():
        await eventually(lambda: not desk.due())
    assert desk.texts == ["Half"]


async def test_other_peoples_drafts_stay(desk: Desk) -> None:
    desk.mailbox.append(
        b"Message-ID: <other@phone>\r\nSubject: x\r\n\r\nfrom the phone\r\n", folder="Drafts"
    )
    async with desk.keeping():
        key = desk.save(TEXT)
        await eventually(lambda: len(desk.texts) == 2)
        desk.workspace.db.write(lambda tx: drafts.discard(tx, key)).result(10)
        await eventually(lambda: desk.texts == ["from the phone"])


async def test_nobody_is_given_copies_unasked(desk: Desk) -> None:
    desk.account = replace(desk.account, settings={})
    async with desk.keeping():
        desk.save(TEXT)
        await asyncio.sleep(0.05)
    assert desk.texts == []


async def test_the_copy_has_the_layout_the_picture_and_the_identity(desk: Desk) -> None:
    sales = OwnIdentity(uid="sales", address="sales@shop.example", name="Sales")
    account = replace(desk.account, settings={**desk.account.settings, SETTING: stored([sales])})
    sha256 = desk.workspace.files.put(b"a picture", durable=True)
    file = {"name": "mug.png", "media_type": "image/png", "size": 9, "sha256": sha256}
    desk.account = account
    async with desk.keeping():
        desk.save(
            replace(
                TEXT,
                body="Half \ufffc",
                rich='<div><b>Half</b> <img src="cid:1@picture" alt="mug"></div>',
                sender="sales",
                attachments=({**file, "content_id": "1@picture"},),
            )
        )
        await eventually(lambda: not desk.due() and bool(desk.mailbox.uids("Drafts")))
    copy = parsed(desk.mailbox.raw(desk.mailbox.uids("Drafts")[0], "Drafts"))
    assert str(copy["From"]) == "Sales <sales@shop.example>"
    found = {part.get_content_type(): bytes(part) for part in copy.walk()}
    assert b"\n\nHalf [mug]\n" in found["text/plain"].replace(b"\r\n", b"\n")
    assert b"<b>Half</b>" in found["text/html"]
    assert base64.b64encode(b"a picture") in found["image/png"]
