"""What support asks for: versions, folders, whether the database is whole, and how accounts are.

It looks at everything and mends nothing; what is missing here is fetched by the next sync (O8).
Blocking, and it talks to servers: never on the window's thread.
"""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from desktop_inbox import __version__, words
from desktop_inbox.connectors.contract import AccountConfig, Cursor
from desktop_inbox.connectors.errors import ConnectorError
from desktop_inbox.domain.errors import UserError
from desktop_inbox.secrets import Secrets, SystemSecrets
from desktop_inbox.store import accounts, file_texts, health, places
from desktop_inbox.store.accounts import Totals
from desktop_inbox.store.file_texts import Progress
from desktop_inbox.store.lock import EngineLock, Holder
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.credentials import config_of

_PACKAGES = (
    "PySide6-Essentials",
    "SQLAlchemy",
    "sqlcipher3",
    "aioimaplib",
    "aiosmtplib",
    "keyring",
)
_SERVER_SECONDS = 30.0

Shape = dict[str, Any]
Places = Mapping[tuple[str, int], Sequence[int]]  # UIDs by (folder, uidvalidity)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedAccount:
    """One account, and what its server said."""

    row: AccountRow
    totals: Totals
    server: Shape  # "ok", then "folders", "messages" and "missing", or "error" and "detail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was found."""

    version: str
    versions: Mapping[str, str]  # of what the program is built on
    system: str
    paths: Mapping[str, str]
    secrets: Shape
    engine: Holder | None  # who runs it
    faults: Sequence[str]  # of the database
    rows: Mapping[str, int]  # by table
    attachments: Progress
    accounts: Sequence[ExaminedAccount]

    @property
    def well(self) -> bool:
        """Whether the database is whole and every server answered."""
        return not self.faults and all(one.server["ok"] for one in self.accounts)


def examine(workspace: Workspace, secrets: Secrets, paths: Mapping[str, Path]) -> Examination:
    """Look at everything. `paths` are the folders of this installation, by what they are."""
    read = workspace.db.read
    return Examination(
        version=__version__,
        versions=_versions(read(health.sqlite_version).result()),
        system=platform.platform(),
        paths={**{name: str(path) for name, path in paths.items()}, "program": sys.executable},
        secrets=_secrets(secrets),
        engine=EngineLock(workspace.data_dir).holder(),
        faults=read(health.faults).result(),
        rows=read(health.sizes).result(),
        attachments=read(file_texts.progress).result(),
        accounts=[_account(workspace, secrets, row) for row in read(accounts.list_all).result()],
    )


def lines(found: Examination) -> Iterator[str]:
    """Yield what was found as a person reads it, in the English that support speaks."""
    yield f"Desktop Inbox {found.version} on {found.system}"
    yield ", ".join(f"{name} {version}" for name, version in found.versions.items())
    for name, path in found.paths.items():
        yield f"{name:9} {path}"
    yield f"secrets   {found.secrets['place'] or found.secrets.get('error')}"
    holder = found.engine
    since = f"process {holder.pid} since {holder.since:%Y-%m-%dT%H:%M:%SZ}" if holder else ""
    yield f"engine    {since or 'not running'}"
    rows = ", ".join(f"{count} {name}" for name, count in found.rows.items())
    yield f"database  {'DAMAGED' if found.faults else 'ok'}: {rows}"
    yield from (f"          {fault}" for fault in found.faults)
    yield f"files     {attachments_line(found.attachments)}"
    for account in found.accounts:
        yield from _account_lines(account)


def attachments_line(progress: Progress) -> str:
    """Return how far reading the words in files has come."""
    told = f"attachments searched: {progress.searched} of {progress.total}"
    rest = {"cannot be read": progress.unreadable, "still on their server": progress.on_server}
    return ", ".join([told, *(f"{count} {what}" for what, count in rest.items() if count)])


def account_state(row: AccountRow) -> str:
    """Return how an account is, in words; a paused one is paused whatever an engine knows."""
    if not row.enabled:
        return words.account("paused")
    detail = row.state_detail
    return words.account(
        row.state,
        cause_code=str(detail.get("cause") or ""),
        detail=str(detail.get("detail") or ""),
    )


def _account_lines(account: ExaminedAccount) -> Iterator[str]:
    row, server = account.row, account.server
    yield f"account   {row.id} {row.address}: {account_state(row)}"
    last = f"{row.last_sync_at:%Y-%m-%dT%H:%M:%SZ}" if row.last_sync_at else "never"
    yield f"          last sync {last}"
    if server["ok"]:
        yield f"          {server['messages']} on the server, {server['missing']} missing here"
    else:
        yield f"          server: {server['error']} {server['detail']}".rstrip()


def _versions(sqlite: str) -> dict[str, str]:
    found = {"python": platform.python_version(), "sqlite": sqlite}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # a frozen build keeps the code, not the papers
            found[name] = "bundled"
    return found


def _secrets(secrets: Secrets) -> Shape:
    if not isinstance(secrets, SystemSecrets):
        return {"place": "memory", "locked": False}  # the sample shop's
    try:
        return {"place": secrets.place(), "locked": secrets.locked()}
    except UserError as error:
        return {"place": None, "locked": None, "error": error.code}


def _account(workspace: Workspace, secrets: Secrets, row: AccountRow) -> ExaminedAccount:
    read = workspace.db.read
    totals = read(lambda conn: accounts.totals(conn, row.id)).result()
    cursor = read(lambda conn: accounts.cursor(conn, row.id)).result()
    lying = read(lambda conn: places.uids_by_folder(conn, row.id)).result()
    server = _server(secrets, row, cursor, lying)
    if server.get("missing"):
        workspace.db.write(lambda tx: accounts.ask_for_reconciliation(tx, row.id)).result()
    return ExaminedAccount(row=row, totals=totals, server=server)


def _server(secrets: Secrets, row: AccountRow, cursor: Cursor | None, lying: Places) -> Shape:
    """Ask the server how much it holds, and say how much of that is still to be fetched."""
    try:
        config = config_of(row, secrets)
        folders = asyncio.run(_folders(config, cursor, lying))
    except UserError as error:
        return {"ok": False, "error": error.code, "detail": ""}
    except ConnectorError as error:
        code = str(getattr(error, "cause", getattr(error, "reason", "server")))
        return {"ok": False, "error": code, "detail": error.detail}
    except TimeoutError:
        return {"ok": False, "error": "network", "detail": "no answer in time"}
    return {
        "ok": True,
        "folders": folders,
        "messages": sum(folder["on_server"] for folder in folders),
        "missing": sum(folder["missing"] for folder in folders),
    }


async def _folders(config: AccountConfig, cursor: Cursor | None, lying: Places) -> list[Shape]:
    from desktop_inbox.connectors.email import cursor as cursors
    from desktop_inbox.connectors.email.imap import ImapConnection
    from desktop_inbox.connectors.email.mailbox import Mailbox
    from desktop_inbox.connectors.email.reconciling import compare_open_folder
    from desktop_inbox.connectors.email.settings import read_settings

    settings = read_settings(config)
    connection = ImapConnection(settings.imap, settings.credentials)
    mailbox = Mailbox(connection, since=settings.since)
    mailbox.begin_with(cursors.load(cursor)[0])
    found = []
    async with asyncio.timeout(_SERVER_SECONDS):
        try:
            await connection.open()
            await mailbox.look()
            for folder in mailbox.folders:
                selected = await connection.examine(folder.wire_name)
                known = lying.get((folder.name, selected.uidvalidity), ())
                told = await compare_open_folder(connection, mailbox, folder, known)
                found.append(
                    {
                        "name": folder.name,
                        "on_server": told.on_server,
                        "fetched": len(known) - len(told.gone),
                        "missing": len(told.missing),
                    }
                )
        finally:
            await connection.close()
    return found
