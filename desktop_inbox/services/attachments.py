"""Files of messages that were left on their server: fetched when somebody wants them.

A coroutine for the engine's loop, because it talks to a server.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from desktop_inbox.connectors.contract import AccountConfig, Connector, Location
from desktop_inbox.connectors.errors import ConnectorError, PermanentError
from desktop_inbox.domain.errors import UserError
from desktop_inbox.secrets import Secrets
from desktop_inbox.store import accounts, known_messages, messages, remote_files
from desktop_inbox.store.known_messages import Place
from desktop_inbox.store.remote_files import RemoteFileRow
from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.credentials import config_of

CreateConnector = Callable[[str, AccountConfig], Connector]


async def fetch(
    workspace: Workspace,
    secrets: Secrets,
    attachment_id: int,
    *,
    create: CreateConnector | None = None,
) -> AttachmentRow:
    """Bring one file into the workspace and return its row; one that is here is not fetched again.

    Raises:
        UserError: "attachment-missing"; "attachment-gone" where no server has the message any
            more; "no-account".
        ConnectorError: the server could not be asked, or would not give it.
    """
    row = await asyncio.wrap_future(
        workspace.db.read(lambda conn: messages.attachment_row(conn, attachment_id))
    )
    if row is None:
        raise UserError("attachment-missing", id=attachment_id)
    if row.state != "server":
        return row
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=workspace.data_dir) as folder:
        target = Path(folder) / "part"
        await _download(workspace, secrets, row, target, create=create or _create)
        size = target.stat().st_size
        sha256 = await asyncio.to_thread(workspace.files.put_file, target, durable=True)
    await asyncio.wrap_future(
        workspace.db.write(lambda tx: remote_files.fetched(tx, row.id, sha256=sha256, size=size))
    )
    found = await asyncio.wrap_future(
        workspace.db.read(lambda conn: messages.attachment_row(conn, attachment_id))
    )
    if found is None:
        raise UserError("attachment-missing", id=attachment_id)
    return found


async def _download(
    workspace: Workspace,
    secrets: Secrets,
    row: AttachmentRow,
    target: Path,
    *,
    create: CreateConnector,
) -> None:
    """Try every place the message lies at; moved and deleted ones refuse."""
    remote = await asyncio.wrap_future(
        workspace.db.read(lambda conn: remote_files.of_attachment(conn, row.id))
    )
    if remote is not None:
        await _download_remote(workspace, secrets, remote, target, create=create)
        return
    places = await asyncio.wrap_future(
        workspace.db.read(lambda conn: known_messages.places_of(conn, row.message_id))
    )
    refusal: ConnectorError | None = None
    for place in places:
        try:
            await _download_from(workspace, secrets, place, row.section, target, create=create)
        except PermanentError as error:
            refusal = error
        else:
            return
    if refusal is not None:
        raise refusal
    raise UserError("attachment-gone", name=row.name)


async def _download_remote(
    workspace: Workspace,
    secrets: Secrets,
    remote: RemoteFileRow,
    target: Path,
    *,
    create: CreateConnector,
) -> None:
    """Fetch what lies with a messaging service."""
    async with _link(workspace, secrets, remote.account_id, create=create) as connector:
        await connector.fetch_file(remote.reference, target)


async def _download_from(
    workspace: Workspace,
    secrets: Secrets,
    place: Place,
    section: str,
    target: Path,
    *,
    create: CreateConnector,
) -> None:
    location = Location(folder=place.folder, uidvalidity=place.uidvalidity, uid=place.uid)
    async with _link(workspace, secrets, place.account_id, create=create) as connector:
        await connector.fetch_attachment(location, section, target)


@asynccontextmanager
async def _link(
    workspace: Workspace, secrets: Secrets, account_id: int, *, create: CreateConnector
) -> AsyncIterator[Connector]:
    """Connect to an account's service for as long as the block lasts."""
    account = await asyncio.wrap_future(
        workspace.db.read(lambda conn: accounts.row(conn, account_id))
    )
    if account is None:
        raise UserError("no-account")
    config = await asyncio.to_thread(config_of, account, secrets, data_dir=workspace.data_dir)
    connector = create(account.kind, config)
    try:
        await connector.open()
        yield connector
    finally:
        await connector.close()


def _create(kind: str, config: AccountConfig) -> Connector:
    from desktop_inbox import connectors  # imports the channel's libraries: not before needed

    return connectors.create(kind, config)
