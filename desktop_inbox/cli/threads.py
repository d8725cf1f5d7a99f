"""Which messages belong together: `inspect threads`, through the engine's own ingest.

Works on a throw-away store, so it answers as a mailbox would after receiving the files in order.
"""

from __future__ import annotations

import mailbox
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from desktop_inbox.cli.output import one_line
from desktop_inbox.cli.session import Session
from desktop_inbox.connectors.contract import Batch, FolderRole, Location, RawMail
from desktop_inbox.domain.errors import UserError
from desktop_inbox.mime.parse import parse_message
from desktop_inbox.store import accounts, conversations, messages
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.ingest import store_batch
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.parsing import Parsed

_BATCH = 50


def group(session: Session, options: Namespace) -> None:
    """Group messages into conversations: [[message ids, {"customer", "warnings"}], …]."""
    with tempfile.TemporaryDirectory(prefix="desktop-inbox-") as folder:
        workspace = Workspace.open(Path(folder))
        try:
            _receive(workspace, [raw for file in options.files for raw in _messages(file)])
            found = _conversations(workspace)
        finally:
            workspace.close()
    lines = [
        line
        for ids, beside in found
        for line in (f"{one_line(beside['customer'])}:", *(f"  {one_line(key)}" for key in ids))
    ]
    session.output.document([[ids, beside] for ids, beside in found], lines)


def _receive(workspace: Workspace, raws: list[bytes]) -> None:
    account_id = workspace.db.write(
        lambda tx: accounts.create(tx, kind="email", title="", address="", settings={})
    ).result()
    box = Mailbox(id=account_id, uid="inspected", own=frozenset())
    for start in range(0, len(raws), _BATCH):
        window = raws[start : start + _BATCH]
        mails = tuple(_mail(raw, uid=uid) for uid, raw in enumerate(window, start + 1))
        workspace.db.write(partial(_store, box=box, mails=mails)).result()


def _store(tx: Tx, *, box: Mailbox, mails: tuple[RawMail, ...]) -> None:
    parsed = [Parsed(mail=mail, message=parse_message(mail.raw), raw_sha256="") for mail in mails]
    store_batch(tx, box, Batch(items=mails, cursor={}, more=False), parsed)


def _mail(raw: bytes, *, uid: int) -> RawMail:
    return RawMail(
        location=Location(folder="INBOX", uidvalidity=1, uid=uid),
        role=FolderRole.INBOX,
        received_at=datetime.now(UTC),
        size=len(raw),
        seen=False,
        raw=raw,
    )


def _conversations(workspace: Workspace) -> list[tuple[list[str], dict[str, object]]]:
    everything = conversations.ListQuery(view="all")
    rows = workspace.db.read(
        lambda conn: conversations.rows(conn, conversations.ids(conn, everything))
    ).result()
    return [_conversation(workspace, row) for row in sorted(rows.values(), key=lambda row: row.id)]


def _conversation(
    workspace: Workspace, row: ConversationRow
) -> tuple[list[str], dict[str, object]]:
    said = workspace.db.read(lambda conn: messages.of_conversation(conn, row.id)).result()
    warnings = sorted({warning for message in said for warning in message.warnings})
    beside: dict[str, object] = {"customer": row.customer_name or None, "warnings": warnings}
    return [message.external_id for message in said], beside


def _messages(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            is_mbox = opened.read(5) == b"From "
    except OSError as error:
        raise UserError("no-file", path=file, detail=error.strerror or error) from error
    if not is_mbox:
        yield file.read_bytes()
        return
    box = mailbox.mbox(file, create=False)
    try:
        for key in box.keys():  # noqa: SIM118 - iterating a mailbox parses every message
            yield box.get_bytes(key)
    finally:
        box.close()
