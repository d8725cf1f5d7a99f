"""Every n-th file or database operation fails, for every n of a session: nothing is lost.

A session stores mail, notes, tags, drafts and a reply. In each run one operation more goes well
before the disk refuses; then it recovers, and what was refused is done again. The end must be the
same as without any fault, and each refusal must have words.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox import words
from desktop_inbox.connectors.contract import FolderRole, Location, RawMail
from desktop_inbox.domain.messages import Address
from desktop_inbox.mime.parse import parse_message
from desktop_inbox.services import conversations, drafts, replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts, health
from desktop_inbox.store.database import StoreError, Tx
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.ingest import store_items
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.parsing import Parsed
from tests.support import builders
from tests.support.scripted_connector import mail_text

Step = Callable[[Workspace], object]


def _account(workspace: Workspace) -> object:
    return workspace.db.write(lambda tx: accounts.row(tx.conn, 1) or builders.account(tx)).result(
        10
    )


def _mail(number: int) -> Step:
    def step(workspace: Workspace) -> object:
        raw = mail_text(message_id=f"{number}@x", body=f"letter {number} " * 400).encode()
        mail = RawMail(
            location=Location(folder="INBOX", uidvalidity=1, uid=number),
            role=FolderRole.INBOX,
            received_at=builders.NOON,
            size=len(raw),
            seen=False,
            raw=raw,
        )
        digest = workspace.files.put(raw)
        parsed = Parsed(mail=mail, message=parse_message(raw), raw_sha256=digest)
        box = Mailbox(id=1, uid="box", own=frozenset())
        return workspace.db.write(
            lambda tx: store_items(tx, box, [mail], [parsed], cursor={"uid": number}),
            durable=False,
        ).result(10)

    return step


def _write(function: Callable[[Tx], object]) -> Step:
    return lambda workspace: workspace.db.write(function).result(10)


def _attach(workspace: Workspace) -> object:
    digest = workspace.files.put(b"a picture" * 500, durable=True)
    file = {"name": "a.png", "media_type": "image/png", "size": 4500, "sha256": digest}
    content = DraftContent(
        mode="new", to=(Address(address="a@b.example"),), subject="New", body="Half a letter",
        attachments=(file,),
    )  # fmt: skip
    return workspace.db.write(lambda tx: drafts.save(tx, content)).result(10)


def _reply(workspace: Workspace) -> object:
    content = DraftContent(
        mode="new", to=(Address(address="a@b.example"),), subject="Sent", body="Yes." * 2000
    )
    return workspace.db.write(
        lambda tx: replies.queue_reply(tx, workspace.files, draft=content)
    ).result(10)


SESSION: tuple[Step, ...] = (
    _account,
    *(_mail(number) for number in range(1, 7)),
    _write(lambda tx: replies.add_note(tx, 1, "Ask the courier. " * 300)),
    _write(lambda tx: conversations.tag(tx, [1], "courier")),
    _attach,
    _reply,
    _write(lambda tx: conversations.close(tx, [2])),
)


def facts(workspace: Workspace) -> dict[str, object]:
    def read(conn: Any) -> dict[str, object]:
        def column(query: str) -> list[Any]:
            return list(conn.exec_driver_sql(query).scalars())

        return {
            "mail": column("SELECT external_id FROM message WHERE direction = 'in' ORDER BY 1"),
            "texts": column(
                "SELECT b.text FROM message_body b JOIN message m ON m.id = b.message_id ORDER BY 1"
            ),
            "status": column("SELECT status FROM conversation ORDER BY id"),
            "tags": column("SELECT count(*) FROM conversation_tag"),
            "drafts": column("SELECT body FROM draft ORDER BY 1"),
            "outbox": column("SELECT state FROM outbox ORDER BY 1"),
            "events": column("SELECT kind FROM event ORDER BY hlc"),
            "cursor": column("SELECT value FROM sync_cursor"),
        }

    found = workspace.db.read(read).result(10)
    found["files"] = sorted(
        path.parent.name + path.name for path in workspace.files.root.glob("??/*")
    )
    return found


def play(workspace: Workspace, lift: Callable[[], object]) -> int:
    """Play the session; where the disk refuses, make it well and do that step again."""
    refused = 0
    for step in SESSION:
        refusal = _refusal(step, workspace)
        if refusal is not None:
            assert refusal.code in words.REFUSALS
            assert not list((workspace.files.root / "tmp").glob("*"))
            refused += 1
            lift()
            step(workspace)
    assert health.faults_of_file(workspace.db.path) == []
    return refused


def _refusal(step: Step, workspace: Workspace) -> StoreError | None:
    try:
        step(workspace)
    except StoreError as error:
        return error
    return None


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    workspace = Workspace.open(tmp_path_factory.mktemp("well"))
    play(workspace, lambda: None)
    found = facts(workspace)
    workspace.close()
    return found


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.mark.parametrize("pages", range(0, 21, 2))  # the session takes some more
def test_a_database_that_finds_no_room_for_the_nth_page(
    workspace: Workspace, expected: dict[str, object], pages: int
) -> None:
    def limit(count: int) -> object:
        return workspace.db.write(
            lambda tx: tx.conn.exec_driver_sql(f"PRAGMA max_page_count = {count}")
        ).result(10)

    there = workspace.db.read(
        lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar_one()
    ).result(10)
    limit(there + pages)
    assert play(workspace, lambda: limit(1_000_000)) == 1
    assert facts(workspace) == expected


FILE_CALLS = 20  # of a session, less than which are known to happen


@pytest.mark.parametrize("call", range(FILE_CALLS))
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_file_system_that_refuses_the_nth_call(
    workspace: Workspace,
    expected: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
    call: int,
    number: int,
) -> None:
    left = [call]
    well = [False]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **more: Any) -> Any:
            left[0] -= 1
            if left[0] < 0 and not well[0]:
                raise OSError(number, os.strerror(number))
            return real(*args, **more)

        return wrapped

    for name in ("open", "replace", "fsync"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))

    def lift() -> None:
        well[0] = True

    assert bool(play(workspace, lift)) is well[0]
    assert well[0] is (call < FILE_CALLS)
    assert facts(workspace) == expected
