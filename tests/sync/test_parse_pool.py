"""Several workers answer as one would, in order and whatever a mail does to one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_inbox.connectors.contract import FolderRole, Location, RawMail
from desktop_inbox.store.files import Files
from desktop_inbox.sync.parse_pool import ParsePool


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[ParsePool]:
    pool = ParsePool(Files(tmp_path / "files"), workers=2)
    yield pool
    await pool.close()


def mail(uid: int) -> RawMail:
    raw = f"Message-ID: <{uid}@a.test>\r\nSubject: {uid}\r\n\r\nText {uid}\r\n".encode()
    return RawMail(
        location=Location(folder="INBOX", uidvalidity=1, uid=uid),
        role=FolderRole.INBOX,
        received_at=datetime(2026, 3, 2, tzinfo=UTC),
        size=len(raw),
        seen=False,
        raw=raw,
    )


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 63])
async def test_every_mail_is_answered_in_its_place(pool: ParsePool, count: int) -> None:
    mails = [mail(uid) for uid in range(count)]
    parsed = await pool.parse(mails)
    assert [one.mail for one in parsed] == mails
    assert [one.message.subject for one in parsed if one.message] == [str(n) for n in range(count)]
