"""Setting accounts up, pausing, changing and removing them.

`add`, `update`, `change` and `remove` need the keyring as well as the store and are coroutines
for any loop; the rest are functions of a transaction. A running engine follows by itself.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from desktop_inbox import connectors
from desktop_inbox.connectors.contract import AccountConfig, Device
from desktop_inbox.connectors.kinds import EMAIL
from desktop_inbox.connectors.setup import Check
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.sendable import sendable
from desktop_inbox.secrets import Secrets
from desktop_inbox.services import account_fields, automatic
from desktop_inbox.services.waiting import take_back_all
from desktop_inbox.store import accounts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.aside import aside
from desktop_inbox.sync.channel_files import folder_of
from desktop_inbox.sync.credentials import CHANGED, config_of, secrets_name

__all__ = [
    "Added",
    "add",
    "change",
    "check",
    "check_settings",
    "device",
    "pause",
    "remove",
    "resume",
    "update",
]


KeepSecrets = Callable[[Mapping[str, str]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A new account and what its check found."""

    id: int
    kind: str
    address: str
    checks: tuple[Check, ...]


def check_settings(
    kind: str,
    *,
    settings: Mapping[str, object],
    secrets: Mapping[str, str],
    keep: KeepSecrets | None = None,
) -> AsyncIterator[Check]:
    """Really connect with these settings, receiving and sending apart; yield each step.

    `keep` is told of secrets that were exchanged on the way, such as a renewed token.

    Raises:
        UserError: "kind-unknown".
    """
    account_fields.info_of(kind)
    config = AccountConfig(
        id=0,
        address=str(settings.get("address", "")),
        settings=settings,
        secrets=secrets,
        keep_secrets=keep,
    )
    return connectors.check(kind, config)


async def check(workspace: Workspace, secrets: Secrets, account_id: int) -> AsyncIterator[Check]:
    """Really connect with a stored account's settings; yield each step.

    Raises:
        UserError: "account-missing"; its secrets cannot be read.
    """
    row = await _row(workspace, account_id)
    config = await aside(config_of, row, secrets)
    async for step in check_settings(
        row.kind, settings=config.settings, secrets=config.secrets, keep=config.keep_secrets
    ):
        yield step


async def add(
    workspace: Workspace,
    secrets: Secrets,
    *,
    kind: str,
    settings: Mapping[str, object],
    secret_values: Mapping[str, str],
    really_check: bool = True,
    report: Callable[[Check], None] = lambda step: None,
) -> Added:
    """Set an account up: connect for real, then keep it. `report` hears each step of the check.

    Raises:
        UserError: "kind-unknown"; "address-invalid" (address, reason); "account-exists";
            "check-failed" (step, detail, cause); the secrets cannot be kept.
        StoreError: the workspace cannot be written.
    """
    address = str(settings.get("address", "")).strip()
    info = account_fields.info_of(kind)
    if kind == EMAIL:
        verdict = sendable(address)
        if not verdict.ok:
            raise UserError("address-invalid", address=address, reason=verdict.reason)
    else:
        given = {name: str(value) for name, value in settings.items()}
        settings = account_fields.entered(info, given)
    await _refuse_second(workspace, kind, address)
    checks = []
    if really_check:
        checks = await _checked(kind, settings, secret_values, report)
    account_id = await _keep(workspace, secrets, kind, address, settings, secret_values)
    return Added(id=account_id, kind=kind, address=address, checks=tuple(checks))


async def update(
    workspace: Workspace,
    secrets: Secrets,
    account_id: int,
    *,
    settings: Mapping[str, str],
    secret_values: Mapping[str, str] | None = None,
    really_check: bool = True,
    report: Callable[[Check], None] = lambda step: None,
) -> tuple[Check, ...]:
    """Change what a person entered of an account after it was added; return what was tried.

    Only what is new is kept, '' goes back to a field's default. What decides the connection is
    tried before it is kept, everything else takes effect without asking a server. An empty secret
    stays as it was.

    Raises:
        UserError: "account-missing"; "field-unknown", "field-invalid", "field-empty" and
            "field-fixed" (name); "answer-empty" and "text-too-long" of an automatic answer;
            "check-failed" (step, detail, cause); the secrets cannot be kept.
    """
    row = await _row(workspace, account_id)
    info = account_fields.info_of(row.kind)
    news = account_fields.changed(info, settings, known=row.settings)
    automatic.check_answer({**row.settings, **news})
    new_secrets = {name: value for name, value in (secret_values or {}).items() if value}
    if not news and not new_secrets:
        return ()
    connects = bool(new_secrets) or account_fields.decide_connection(info, news)
    return await change(
        workspace,
        secrets,
        account_id,
        settings=news,
        secret_values=new_secrets,
        really_check=really_check and connects,
        resumes=bool(new_secrets),
        report=report,
    )


async def change(
    workspace: Workspace,
    secrets: Secrets,
    account_id: int,
    *,
    settings: Mapping[str, object] | None = None,
    secret_values: Mapping[str, str] | None = None,
    title: str | None = None,
    really_check: bool = True,
    resumes: bool = True,
    report: Callable[[Check], None] = lambda step: None,
) -> tuple[Check, ...]:
    """Sign in to an account again, with what is given; see `add` for the errors.

    With `resumes`, a paused account goes on. Returns the steps of the check.

    Raises:
        UserError: "account-missing"; "check-failed" (step, detail, cause).
    """
    row = await _row(workspace, account_id)
    news, checks = settings or {}, []
    if really_check or secret_values:  # else nobody is asked to unlock them
        known = await aside(config_of, row, secrets)
        new_secrets = {**known.secrets, **(secret_values or {})}
        if really_check:
            checks = await _checked(
                row.kind, {**known.settings, **news}, new_secrets, report, keep=known.keep_secrets
            )
        if secret_values:
            await aside(secrets.set, secrets_name(row.uid), json.dumps(new_secrets))

    def write(tx: Tx) -> None:
        # Over what it is by now: another window may have changed something else meanwhile.
        merged = {**_known(tx, account_id).settings, **news}
        if secret_values:
            merged[CHANGED] = to_milliseconds(tx.now)
        accounts.change(
            tx,
            account_id,
            title=title,
            address=str(merged.get("address") or row.address),
            settings={name: value for name, value in merged.items() if value != ""},
            enabled=True if resumes else None,
        )

    await asyncio.wrap_future(workspace.db.write(write))
    return tuple(checks)


def pause(tx: Tx, account_id: int) -> None:
    """Stop receiving and sending through an account; what waits keeps waiting.

    Raises:
        UserError: "account-missing".
    """
    _known(tx, account_id)
    accounts.change(tx, account_id, enabled=False)


def resume(tx: Tx, account_id: int) -> None:
    """Let a paused account go on.

    Raises:
        UserError: "account-missing".
    """
    _known(tx, account_id)
    accounts.change(tx, account_id, enabled=True)


async def remove(
    workspace: Workspace, secrets: Secrets, account_id: int, *, keep_messages: bool
) -> None:
    """Take an account away, with its secrets, and without `keep_messages` with its messages.

    What waited to be sent through it is a draft again.

    Raises:
        UserError: "account-missing"; its secrets cannot be forgotten.
    """
    row = await _row(workspace, account_id)
    await asyncio.wrap_future(workspace.db.write(lambda tx: pause(tx, account_id)))
    await asyncio.wrap_future(workspace.db.write(lambda tx: take_back_all(tx, account_id)))
    await asyncio.wrap_future(
        workspace.db.write(lambda tx: accounts.remove(tx, account_id, keep_messages=keep_messages))
    )
    await aside(secrets.delete, secrets_name(row.uid))
    # What cannot be taken away is of no use to anybody: its password is gone.
    await aside(shutil.rmtree, folder_of(workspace.data_dir, row.uid), ignore_errors=True)


def device(workspace: Workspace, account: AccountRow) -> Device | None:
    """Return which device an account makes this program to others. Reads a file: from a thread."""
    device_of = account_fields.info_of(account.kind).device_of
    return device_of(folder_of(workspace.data_dir, account.uid)) if device_of else None


async def _row(workspace: Workspace, account_id: int) -> AccountRow:
    row = await asyncio.wrap_future(workspace.db.read(lambda conn: accounts.row(conn, account_id)))
    if row is None:
        raise UserError("account-missing", id=account_id)
    return row


def _known(tx: Tx, account_id: int) -> AccountRow:
    row = accounts.row(tx.conn, account_id)
    if row is None:
        raise UserError("account-missing", id=account_id)
    return row


async def _refuse_second(workspace: Workspace, kind: str, address: str) -> None:
    rows = await asyncio.wrap_future(workspace.db.read(accounts.list_all))
    for row in rows:
        if row.kind == kind and normalise_email(row.address) == normalise_email(address):
            raise UserError("account-exists", address=row.address)


async def _checked(
    kind: str,
    settings: Mapping[str, object],
    secret_values: Mapping[str, str],
    report: Callable[[Check], None],
    *,
    keep: KeepSecrets | None = None,
) -> list[Check]:
    """Return the steps that went well, up to the first that did not."""
    steps = []
    async for step in check_settings(kind, settings=settings, secrets=secret_values, keep=keep):
        report(step)
        steps.append(step)
    failed = next((step for step in steps if not step.ok), None)
    if failed is not None:
        raise UserError("check-failed", step=failed.step, detail=failed.detail, cause=failed.cause)
    return steps


async def _keep(
    workspace: Workspace,
    secrets: Secrets,
    kind: str,
    address: str,
    settings: Mapping[str, object],
    secret_values: Mapping[str, str],
) -> int:
    """Store the account, then its secrets, and only then let an engine see it."""

    def create(tx: Tx) -> AccountRow:
        key = accounts.create(
            tx,
            kind=kind,
            title=str(settings.get("title") or address),
            address=address,
            settings=settings,
        )
        accounts.change(tx, key, enabled=False)
        return _known(tx, key)

    row = await asyncio.wrap_future(workspace.db.write(create))
    try:
        await aside(secrets.set, secrets_name(row.uid), json.dumps(dict(secret_values)))
    except UserError:
        await asyncio.wrap_future(
            workspace.db.write(lambda tx: accounts.remove(tx, row.id, keep_messages=False))
        )
        raise
    await asyncio.wrap_future(
        workspace.db.write(lambda tx: accounts.change(tx, row.id, enabled=True))
    )
    return row.id
