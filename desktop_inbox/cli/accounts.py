"""Accounts: the channels there are, setting one up, and how each is."""

from __future__ import annotations

import asyncio
import getpass
import sys
from argparse import Namespace

from desktop_inbox import words
from desktop_inbox.cli.output import iso, listing, one_line, table
from desktop_inbox.cli.session import Session
from desktop_inbox.connectors import CONNECTORS
from desktop_inbox.connectors.contract import ConnectorInfo
from desktop_inbox.connectors.setup import Check, Field
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _
from desktop_inbox.services import account_fields
from desktop_inbox.services import accounts as service
from desktop_inbox.services.doctor import account_state
from desktop_inbox.store import accounts
from desktop_inbox.store.accounts import Totals
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.rows import AccountRow

Shape = dict[str, object]


def kinds(session: Session, options: Namespace) -> None:
    """Say which channels this build knows, and what each wants to be told."""
    session.output.document(
        [_kind(info) for info in CONNECTORS],
        [line for info in CONNECTORS for line in _kind_lines(info)],
    )


def add(session: Session, options: Namespace) -> None:
    """Set an account up: really connects before it saves, unless told not to."""
    info = account_fields.info_of(options.kind)
    secret_values = _secret_values(info, options.secret)
    settings = account_fields.entered(info, dict(options.set))
    added = asyncio.run(
        service.add(
            session.workspace,
            session.secrets,
            kind=info.kind,
            settings=settings,
            secret_values=secret_values,
            really_check=not options.no_check,
        )
    )
    value = {
        "id": added.id,
        "kind": added.kind,
        "address": added.address,
        "checks": [check_shape(step) for step in added.checks],
    }
    lines = [*(_check_line(step) for step in added.checks), f"Account {added.id} is set up."]
    session.output.document(value, lines)


def change(session: Session, options: Namespace) -> None:
    """Change what was entered of an account; connects before it saves a changed connection."""
    row = _row(session, options.id)
    info = account_fields.info_of(row.kind)
    secret_values = _secret_values(info, options.secret)
    if not options.set and not secret_values:
        raise UserError("nothing-to-change")
    checks = asyncio.run(
        service.update(
            session.workspace,
            session.secrets,
            row.id,
            settings=dict(options.set),
            secret_values=secret_values,
            really_check=not options.no_check,
        )
    )
    row = _row(session, row.id)
    totals = session.read(lambda conn: accounts.totals(conn, row.id))
    value = {**shape(row, totals), "checks": [check_shape(step) for step in checks]}
    session.output.document(
        value, [*map(_check_line, checks), f"{row.address}: {account_state(row)}"]
    )


def list_all(session: Session, options: Namespace) -> None:
    """List every account and how it is."""
    found = session.read(
        lambda conn: [
            (row, accounts.totals(conn, row.id))
            for row in accounts.counted(conn, accounts.list_all(conn))
        ]
    )
    session.output.document(
        listing([shape(row, totals) for row, totals in found]),
        table(
            ("ID", "KIND", "ADDRESS", "HOW IT IS", "LAST SYNC", "STORED"),
            (
                (row.id, row.kind, row.address, account_state(row), row.last_sync_at, totals.stored)
                for row, totals in found
            ),
        ),
    )


def check(session: Session, options: Namespace) -> int:
    """Connect now and say which step fails."""
    steps = asyncio.run(_check(session, options.id))
    well = all(step.ok for step in steps)
    value = {"id": options.id, "ok": well, "checks": [check_shape(step) for step in steps]}
    session.output.document(value, [_check_line(step) for step in steps])
    return 0 if well else 1


def pause(session: Session, options: Namespace) -> None:
    """Stop receiving and sending through an account."""
    session.write(lambda tx: service.pause(tx, options.id))
    _show(session, options.id)


def resume(session: Session, options: Namespace) -> None:
    """Let a paused account go on."""
    session.write(lambda tx: service.resume(tx, options.id))
    _show(session, options.id)


def remove(session: Session, options: Namespace) -> None:
    """Take an account away, by default with its messages."""
    asyncio.run(
        service.remove(
            session.workspace, session.secrets, options.id, keep_messages=options.keep_messages
        )
    )
    session.output.document(
        {"id": options.id, "removed": True}, [f"Account {options.id} is removed."]
    )


def shape(row: AccountRow, totals: Totals) -> Shape:
    """An account with its state, in words too, and what it brought. Never a secret."""
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title,
        "address": row.address,
        "settings": row.settings,
        "state": state(row),
        "state_text": account_state(row),
        "state_detail": {
            "cause": row.state_detail.get("cause") or None,
            "detail": row.state_detail.get("detail") or None,
            "step": row.state_detail.get("step") or None,
            "until": _moment(row.state_detail.get("until")),
        },
        "last_sync": iso(row.last_sync_at),
        "counts": {
            "stored": totals.stored,
            "duplicates": totals.duplicates,
            "quarantined": totals.quarantined,
            "open": row.open_count,
            "done": row.progress_done,
            "total": row.progress_total,
        },
    }


def state(row: AccountRow) -> str:
    """Return an account's state; a paused one is paused whether an engine knows it or not."""
    return row.state if row.enabled else "paused"


def check_shape(step: Check) -> Shape:
    """One step of a connection check."""
    return {"step": step.step, "ok": step.ok, "detail": step.detail, "cause": step.cause or None}


def _check_line(step: Check) -> str:
    if step.ok:
        return f"ok      {words.step(step.step)} {one_line(step.detail)}".rstrip()
    return f"failed  {words.step(step.step)}: {words.cause(step.cause, one_line(step.detail))}"


def _moment(value: object) -> str | None:
    return iso(from_milliseconds(value)) if isinstance(value, int) else None


async def _check(session: Session, account_id: int) -> list[Check]:
    return [step async for step in service.check(session.workspace, session.secrets, account_id)]


def _show(session: Session, account_id: int) -> None:
    row = _row(session, account_id)
    totals = session.read(lambda conn: accounts.totals(conn, account_id))
    session.output.document(shape(row, totals), [f"{row.address}: {account_state(row)}"])


def _row(session: Session, account_id: int) -> AccountRow:
    row = session.read(lambda conn: accounts.row(conn, account_id))
    if row is None:
        raise UserError("account-missing", id=account_id)
    (counted,) = session.read(lambda conn: accounts.counted(conn, [row]))
    return counted


# --- kinds and what they want to be told


def _kind(info: ConnectorInfo) -> Shape:
    return {
        "kind": info.kind,
        "title": _(info.title),
        "fields": [_field(field) for field in info.fields],
        "capabilities": sorted(info.capabilities),
        "limits": dict(info.limits),
    }


def _field(field: Field) -> Shape:
    return {
        "name": field.name,
        "title": _(field.title),
        "secret": field.secret,
        "required": field.required,
        "default": field.default,
        "choices": list(field.choices),
        "help": _(field.help) if field.help else "",
        "group": field.group.value,
        "fixed": field.fixed,
    }


def _kind_lines(info: ConnectorInfo) -> list[str]:
    lines = [f"{info.kind}  {_(info.title)}"]
    for field in info.fields:
        what = "secret" if field.secret else "setting"
        needed = ", needed" if field.required else ""
        default = f" [{field.default}]" if field.default else ""
        lines.append(f"  {field.name:15} {_(field.title)}{default} ({what}{needed})")
    return lines


def _secret_values(info: ConnectorInfo, given: list[tuple[str, str]]) -> dict[str, str]:
    fields = {field.name for field in info.fields if field.secret}
    found = {}
    for name, value in given:
        if name not in fields:
            raise UserError("field-unknown", kind=info.kind, name=name)
        if value != "-":
            # On a command line it would stand in the list of processes and in the shell's history.
            raise UserError("secret-on-command-line", name=name)
        found[name] = _read_secret(name)
    return found


def _read_secret(name: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"{name}: ")
    return sys.stdin.readline().rstrip("\r\n")
