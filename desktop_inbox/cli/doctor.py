"""What support asks for: versions, paths, whether the database is whole, and how accounts are."""

from __future__ import annotations

import asyncio
import platform
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

from desktop_inbox import __version__
from desktop_inbox.cli import accounts as account_commands
from desktop_inbox.cli import searching
from desktop_inbox.cli.output import iso
from desktop_inbox.cli.session import Session
from desktop_inbox.connectors.contract import AccountConfig, Cursor
from desktop_inbox.connectors.errors import ConnectorError
from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import accounts, file_texts, health, places
from desktop_inbox.store.file_texts import Progress
from desktop_inbox.store.lock import EngineLock
from desktop_inbox.store.rows import AccountRow
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


def examine(session: Session, options: Namespace) -> int:
    """Look at everything and mend nothing; what is missing is fetched by the next sync (O8)."""
    faults = session.read(health.faults)
    found = session.read(accounts.list_all)
    value: Shape = {
        "version": __version__,
        "versions": _versions(session),
        "system": platform.platform(),
        "paths": {
            "data": str(session.places.data),
            "config": str(session.places.config),
            "logs": str(session.places.logs),
            "program": sys.executable,
        },
        "secrets": _secrets(session),
        "engine": _engine(session),
        "database": {"ok": not faults, "faults": faults, "rows": session.read(health.sizes)},
        "attachments": searching.shape_of(session.read(file_texts.progress)),
        "accounts": [_account(session, row) for row in found],
    }
    session.output.document(value, _lines(value))
    servers = [one["server"] for one in value["accounts"]]
    return 0 if not faults and all(server["ok"] for server in servers) else 1


def _versions(session: Session) -> dict[str, str]:
    found = {"python": platform.python_version(), "sqlite": session.read(health.sqlite_version)}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # a frozen build keeps the code, not the papers
            found[name] = "bundled"
    return found


def _secrets(session: Session) -> Shape:
    try:
        return {"place": session.secrets.place(), "locked": session.secrets.locked()}
    except UserError as error:
        return {"place": None, "locked": None, "error": error.code}


def _engine(session: Session) -> Shape | None:
    holder = EngineLock(session.places.data).holder()
    return None if holder is None else {"pid": holder.pid, "since": iso(holder.since)}


def _account(session: Session, row: AccountRow) -> Shape:
    totals = session.read(lambda conn: accounts.totals(conn, row.id))
    cursor = session.read(lambda conn: accounts.cursor(conn, row.id))
    value: Shape = account_commands.shape(row, totals)
    lying = session.read(lambda conn: places.uids_by_folder(conn, row.id))
    server = value["server"] = _server(session, row, cursor, lying)
    if server.get("missing"):
        session.write(lambda tx: accounts.ask_for_reconciliation(tx, row.id))
    return value


def _server(session: Session, row: AccountRow, cursor: Cursor | None, lying: Places) -> Shape:
    """Ask the server how much it holds, and say how much of that is still to be fetched."""
    try:
        config = config_of(row, session.secrets)
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


def _lines(value: Mapping[str, Any]) -> Iterator[str]:
    yield f"Desktop Inbox {value['version']} on {value['system']}"
    yield ", ".join(f"{name} {version}" for name, version in value["versions"].items())
    for name, path in value["paths"].items():
        yield f"{name:9} {path}"
    secrets = value["secrets"]
    yield f"secrets   {secrets['place'] or secrets.get('error')}"
    engine = value["engine"]
    yield f"engine    {'process {pid} since {since}'.format(**engine) if engine else 'not running'}"
    database = value["database"]
    rows = ", ".join(f"{count} {name}" for name, count in database["rows"].items())
    yield f"database  {'ok' if database['ok'] else 'DAMAGED'}: {rows}"
    yield from (f"          {fault}" for fault in database["faults"])
    told = {name: count for name, count in value["attachments"].items() if name != "waiting"}
    yield f"files     {searching.line_of(Progress(**told))}"
    for account in value["accounts"]:
        yield f"account   {account['id']} {account['address']}: {account['state_text']}"
        yield f"          last sync {account['last_sync'] or 'never'}"
        server = account["server"]
        if server["ok"]:
            yield f"          {server['messages']} on the server, {server['missing']} missing here"
        else:
            yield f"          server: {server['error']} {server['detail']}".rstrip()
