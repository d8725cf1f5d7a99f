"""The command line in this process, and a data folder with the sample shop's mail in it."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox.__main__ import main
from desktop_inbox.connectors.contract import Batch, FolderRole, Location, RawMail
from desktop_inbox.demo import shop
from desktop_inbox.mime.parse import parse_message
from desktop_inbox.store import accounts
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.ingest import store_batch
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.parsing import Parsed

ADDRESS = "info@kayaceramics.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Answer]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process: `run("show", 3, stdin=b"")`."""

    def run(*arguments: object, stdin: bytes = b"") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as leaving:  # argparse
            status = int(leaving.code or 0)
        captured = capsys.readouterr()
        return Answer(status=status, out=captured.out, err=captured.err)

    return run


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as it is after the first sync of the sample shop. Never written to."""
    folder = tmp_path_factory.mktemp("filled")
    workspace = Workspace.open(folder)
    settings = {"address": ADDRESS, "name": "Kaya Ceramics"}
    account_id = workspace.db.write(
        lambda tx: accounts.create(
            tx, kind="email", title=ADDRESS, address=ADDRESS, settings=settings
        )
    ).result()
    row = workspace.db.read(lambda conn: accounts.row(conn, account_id)).result()
    assert row is not None
    box = Mailbox(id=account_id, uid=row.uid, own=frozenset({ADDRESS}))
    mails = [
        _received(letter, uid, workspace)
        for uid, letter in enumerate(shop.load(datetime.now(UTC)).letters(), 1)
    ]
    batch = Batch(items=tuple(one.mail for one in mails), cursor={"done": 1}, more=False)
    workspace.db.write(lambda tx: store_batch(tx, box, batch, mails)).result()
    workspace.close()
    return folder


@pytest.fixture
def data_dir(filled: Path, tmp_path: Path) -> Path:
    """A copy of the filled folder, to be changed."""
    return Path(shutil.copytree(filled, tmp_path / "data"))


@pytest.fixture
def inbox(run: Run, data_dir: Path) -> Run:
    """Run a command on the filled folder with JSON answers."""

    def inbox(*arguments: object, stdin: bytes = b"") -> Answer:
        return run("--data-dir", data_dir, "--json", *arguments, stdin=stdin)

    return inbox


def _received(letter: shop.Letter, uid: int, workspace: Workspace) -> Parsed:
    mail = RawMail(
        location=Location(folder=letter.folder, uidvalidity=1, uid=uid),
        role=FolderRole.SENT if letter.folder == "Sent" else FolderRole.INBOX,
        received_at=letter.at,
        size=len(letter.raw),
        seen=letter.seen,
        raw=letter.raw,
    )
    return Parsed(
        mail=mail, message=parse_message(letter.raw), raw_sha256=workspace.files.put(letter.raw)
    )
