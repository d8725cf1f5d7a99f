"""Files left on their server are fetched once, when somebody wants them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_inbox.connectors.contract import (
    AccountConfig,
    Batch,
    Connector,
    Cursor,
    Location,
)
from desktop_inbox.connectors.errors import PermanentError, TransientError
from desktop_inbox.domain.errors import UserError
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import attachments
from desktop_inbox.store import known_messages, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.known_messages import Place
from desktop_inbox.store.messages import NewAttachment
from desktop_inbox.store.workspace import Workspace
from tests.support import builders
from tests.support.builders import Mail


class Shelf(Connector):
    """Holds one file in one place; counts how often it was asked."""

    def __init__(self, config: AccountConfig, *, there: Location | None) -> None:
        super().__init__(config)
        self._there = there
        self.asked: list[Location] = []
        self.closed = False

    async def open(self) -> None: ...

    async def close(self) -> None:
        self.closed = True

    async def pull(self, cursor: Cursor | None) -> Batch:
        raise NotImplementedError

    async def wait(self) -> None: ...

    async def fetch_attachment(self, location: Location, section: str, target: Path) -> None:
        self.asked.append(location)
        if self._there is None:
            raise TransientError("offline")
        if location != self._there:
            raise PermanentError("no such message")
        target.write_bytes(b"%PDF " + section.encode())  # noqa: ASYNC240 - a test may block


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.open(tmp_path / "workspace")
    yield workspace
    workspace.close()


def on_server(workspace: Workspace, *folders: str) -> int:
    """A message whose file was left on the server, lying in these folders."""

    def fill(tx: Tx) -> int:
        account = builders.account(tx)
        key = builders.message(tx, builders.conversation(tx), Mail(), account_id=account)
        messages.insert_attachments(
            tx,
            [
                NewAttachment(
                    uid="file",
                    message_id=key,
                    name="list.pdf",
                    safe_name="list.pdf",
                    media_type="application/pdf",
                    size=9,
                    state="server",
                    section="2",
                )
            ],
        )
        places = [
            Place(account_id=account, folder=folder, uidvalidity=1, uid=7) for folder in folders
        ]
        known_messages.put_places(tx, dict.fromkeys(places, key))
        (row,) = messages.row(tx.conn, key).attachments  # type: ignore[union-attr]
        return row.id

    return workspace.db.write(fill).result()


async def fetch(workspace: Workspace, key: int, *, there: str | None) -> list[Shelf]:
    made: list[Shelf] = []

    def create(kind: str, config: AccountConfig) -> Connector:
        location = Location(folder=there, uidvalidity=1, uid=7) if there else None
        made.append(Shelf(config, there=location))
        return made[-1]

    await attachments.fetch(workspace, MemorySecrets(), key, create=create)
    assert all(shelf.closed for shelf in made)
    return made


async def test_a_file_is_fetched_once_and_then_lies_here(workspace: Workspace) -> None:
    key = on_server(workspace, "INBOX")
    assert len(await fetch(workspace, key, there="INBOX")) == 1
    row = workspace.db.read(lambda conn: messages.attachment_row(conn, key)).result()
    assert row is not None
    assert (row.state, row.size) == ("file", 6)
    assert workspace.files.read(row.sha256) == b"%PDF 2"
    assert await fetch(workspace, key, there="INBOX") == []


async def test_a_message_that_was_moved_is_looked_for_in_every_place(workspace: Workspace) -> None:
    key = on_server(workspace, "Archive", "INBOX")
    made = await fetch(workspace, key, there="INBOX")
    assert [shelf.asked[0].folder for shelf in made] == ["Archive", "INBOX"]


async def test_what_no_server_has_any_more_is_said(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="attachment-gone"):
        await fetch(workspace, on_server(workspace), there="INBOX")


async def test_an_unreachable_server_leaves_the_file_where_it_was(workspace: Workspace) -> None:
    key = on_server(workspace, "INBOX")
    with pytest.raises(TransientError):
        await fetch(workspace, key, there=None)
    row = workspace.db.read(lambda conn: messages.attachment_row(conn, key)).result()
    assert row is not None
    assert row.state == "server"
    assert not list(workspace.data_dir.glob("fetch-*"))
