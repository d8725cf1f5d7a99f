"""A mailbox that was in use before, on a real Dovecot: what is old arrives quietly (rule B2)."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from desktop_inbox.domain.conversations import Status
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.store import accounts, conversations, service_levels
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.credentials import secrets_name
from desktop_inbox.sync.engine import Engine
from tests.support.dovecot import Mailbox, dovecot, mailbox  # noqa: F401
from tests.support.mail_accounts import PASSWORD
from tests.support.scripted_connector import mail_text
from tests.support.tls_authority import authority  # noqa: F401

NOW = datetime.now(UTC).replace(microsecond=0)
LONG_AGO = NOW - timedelta(days=400)


def letter(subject: str, at: datetime) -> bytes:
    text = mail_text(message_id=f"{subject}@example.org", subject=subject, date=format_datetime(at))
    return text.replace("\n", "\r\n").encode()


async def synced(
    folder: Path,
    box: Mailbox,
    **settings: str,
) -> tuple[dict[str, ConversationRow], dict[str, int]]:
    """Sync a mailbox once; return its conversations by subject, and how many clocks each has."""
    workspace, secrets = Workspace.open(folder), MemorySecrets()
    config = box.config()

    def create(tx: Tx) -> str:
        key = accounts.create(
            tx,
            kind="email",
            title="Shop",
            address=box.address,
            settings={**config.settings, **settings},
        )
        row = accounts.row(tx.conn, key)
        assert row is not None
        return row.uid

    try:
        uid = workspace.db.write(create).result(10)
        secrets.set(secrets_name(uid), json.dumps({"password": PASSWORD}))
        await asyncio.wait_for(Engine(workspace, secrets).run(until_idle=True), 30)
        query = conversations.ListQuery(view="all")
        rows, _more = workspace.db.read(
            lambda conn: conversations.page(conn, query, limit=100)
        ).result(10)
        clocks = workspace.db.read(
            lambda conn: {
                row.subject: len(service_levels.clocks(conn, row.id, now=utc_now())) for row in rows
            }
        ).result(10)
        return {row.subject: row for row in rows}, clocks
    finally:
        workspace.close()


@pytest.mark.parametrize("chosen", ["closed_before", "since", ""])
async def test_what_becomes_of_mail_that_was_there_before(
    tmp_path: Path,
    mailbox: Mailbox,  # noqa: F811
    chosen: str,
) -> None:
    mailbox.append(letter("old", LONG_AGO), at=LONG_AGO)
    mailbox.append(letter("new", NOW), at=NOW)
    day = (NOW - timedelta(days=30)).date().isoformat()
    rows, clocks = await synced(tmp_path, mailbox, **({chosen: day} if chosen else {}))
    expected = {
        "closed_before": {"old": Status.CLOSED, "new": Status.OPEN},
        "since": {"new": Status.OPEN},
        "": {"old": Status.OPEN, "new": Status.OPEN},
    }[chosen]
    assert {subject: row.status for subject, row in rows.items()} == expected
    assert clocks.get("old", 0) == 0  # whatever was promised, it was not promised then
