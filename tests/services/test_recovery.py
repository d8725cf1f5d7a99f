"""A damaged database beside a real mail server: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from desktop_inbox.domain.errors import UserError
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import recovery, replies
from desktop_inbox.store import accounts, backup, drafts, messages
from desktop_inbox.store.database import DatabaseCorrupt, Tx, utc_now
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.credentials import secrets_name
from desktop_inbox.sync.engine import Engine
from tests.support.dovecot import Dovecot, Mailbox, dovecot  # noqa: F401
from tests.support.scripted_connector import mail_text
from tests.support.tls_authority import authority  # noqa: F401

T = TypeVar("T")

EARLY, LATE = 60, 30
PAGE = 4096


def letter(number: int) -> bytes:
    text = mail_text(
        message_id=f"{number}@customers.example",
        subject=f"Order {number}",
        body=f"Where is parcel {number}? " + f"word{number} " * 60,
        sender=f"customer{number % 9}@customers.example",
    )
    return text.replace("\n", "\r\n").encode()


@dataclass
class Shop:
    """A workspace on disk that is opened, synchronised and closed again."""

    data: Path
    mailbox: Mailbox
    secrets: MemorySecrets

    def sync(self) -> None:
        workspace = Workspace.open(self.data)
        asyncio.run(Engine(workspace, self.secrets).run(until_idle=True))
        workspace.close()

    def write(self, what: Callable[[Tx], T]) -> T:
        workspace = Workspace.open(self.data)
        try:
            return workspace.db.write(what).result(10)
        finally:
            workspace.close()

    def read(self, what: Callable[[Any], T]) -> T:
        workspace = Workspace.open(self.data)
        try:
            return workspace.db.read(what).result(10)
        finally:
            workspace.close()

    def mails(self) -> list[MessageRow]:
        def rows(conn: Any) -> list[MessageRow]:
            ids = conn.exec_driver_sql("SELECT id FROM message WHERE direction = 'in'")
            return list(messages.rows(conn, ids.scalars().all()).values())

        return self.read(rows)

    def expect_everything_once(self) -> None:
        found = self.mails()
        counts = Counter(row.external_id for row in found)
        assert counts == {f"{number}@customers.example": 1 for number in range(EARLY + LATE)}
        for row in found:
            number = row.external_id.partition("@")[0]
            assert row.complete
            assert f"Where is parcel {number}?" in row.text

    def damage(self, seed: int, *, share: float) -> None:
        """Overwrite part of some pages, never the first three: SQLite would not open it at all."""
        dice = random.Random(seed)
        path = self.data / "workspace.db"
        data = bytearray(path.read_bytes())
        for page in range(3, len(data) // PAGE):
            if dice.random() < share:
                at = page * PAGE + dice.randrange(PAGE - 600)
                data[at : at + 600] = dice.randbytes(600)
        path.write_bytes(data)


@pytest.fixture
def shop(tmp_path: Path, dovecot: Dovecot) -> Shop:  # noqa: F811
    """A shop with mail from before and after its last copy, a note and a draft."""
    mailbox = dovecot.mailbox()
    config = mailbox.config()
    data = tmp_path / "data"
    workspace = Workspace.open(data)

    def add(tx: Tx) -> str:
        key = accounts.create(
            tx, kind="email", title="Shop", address=mailbox.address, settings=config.settings
        )
        row = accounts.row(tx.conn, key)
        assert row is not None
        return row.uid

    uid = workspace.db.write(add).result(10)
    workspace.close()
    made = Shop(data, mailbox, MemorySecrets({secrets_name(uid): json.dumps(config.secrets)}))
    mailbox.append(*(letter(number) for number in range(EARLY)))
    made.sync()
    backup.take(data / "workspace.db", now=utc_now())
    mailbox.append(*(letter(number) for number in range(EARLY, EARLY + LATE)))
    made.sync()
    made.write(lambda tx: replies.add_note(tx, 1, "Ask the courier."))
    made.write(
        lambda tx: drafts.save(
            tx,
            drafts.NewDraft(conversation_id=1, account_id=1, mode="reply", body="Half a reply"),
        )
    )
    made.expect_everything_once()
    return made


def test_the_last_copy_is_opened_and_the_rest_fetched_again(shop: Shop) -> None:
    shop.damage(1, share=0.5)
    done = recovery.open_copy(shop.data)
    assert done.kept is not None
    assert done.kept.exists()
    assert len(shop.mails()) == EARLY
    shop.sync()
    shop.expect_everything_once()


@pytest.mark.parametrize("seed", range(5))
def test_what_can_be_read_is_saved_and_the_rest_fetched_again(shop: Shop, seed: int) -> None:
    shop.damage(seed, share=0.15)
    recovery.save_what_is_left(shop.data)
    shop.sync()
    shop.expect_everything_once()
    assert shop.read(lambda conn: conn.exec_driver_sql("PRAGMA integrity_check").scalar()) == "ok"
    assert shop.read(lambda conn: conn.exec_driver_sql("PRAGMA foreign_key_check").all()) == []


def test_without_any_copy_everything_is_fetched_again(shop: Shop) -> None:
    shutil.rmtree(shop.data / "backups")
    shop.damage(5, share=0.15)
    done = recovery.save_what_is_left(shop.data)
    assert done.copy_at is None
    shop.sync()
    shop.expect_everything_once()


def test_notes_and_drafts_that_can_be_read_are_there_again(shop: Shop) -> None:
    done = recovery.save_what_is_left(shop.data)  # nothing is damaged: all of it can be read
    assert done.damaged == ()
    assert len(shop.mails()) == EARLY + LATE
    (draft,) = shop.read(drafts.list_all)
    assert draft.body == "Half a reply"
    texts = [row.text for row in shop.read(lambda conn: messages.of_conversation(conn, 1))]
    assert "Ask the courier." in texts
    shop.sync()
    shop.expect_everything_once()


def test_what_was_salvaged_is_found_by_its_words(shop: Shop) -> None:
    from desktop_inbox.store import search

    recovery.save_what_is_left(shop.data)
    found = shop.read(lambda conn: search.search(conn, "word7", typing=False))
    assert len(found.messages) == 1


def test_without_a_copy_there_is_none_to_open(shop: Shop) -> None:
    shutil.rmtree(shop.data / "backups")
    with pytest.raises(UserError) as caught:
        recovery.open_copy(shop.data)
    assert caught.value.code == "no-backup"


def test_where_nothing_can_be_read_it_is_said_and_nothing_is_touched(shop: Shop) -> None:
    shutil.rmtree(shop.data / "backups")
    path = shop.data / "workspace.db"
    path.write_bytes(b"\xff" * len(path.read_bytes()))
    with pytest.raises(DatabaseCorrupt):
        recovery.save_what_is_left(shop.data)
    assert path.read_bytes().startswith(b"\xff")
    assert [one.name for one in shop.data.iterdir() if ".part" in one.name] == []
