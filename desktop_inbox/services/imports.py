"""What lies in files comes into the workspace: mail of other programs, customers, our own export.

Mail takes the way that received mail takes: the parse workers, then ingest, in short transactions.
So bringing the same in twice changes nothing. Coroutines for any loop but the window's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from desktop_inbox.connectors.contract import FolderRole, RawMail
from desktop_inbox.connectors.email.folders import role_by_name
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import customer_import, customer_tables, export, intake
from desktop_inbox.services.customer_import import Outcome
from desktop_inbox.services.intake import WINDOW, done
from desktop_inbox.services.mail_files import FoundMail, mails
from desktop_inbox.services.planting import Planting, Report
from desktop_inbox.store import accounts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.aside import aside
from desktop_inbox.sync.ingest import Ingested

KIND = "imported"  # of the account that mail goes to which belongs to none


@dataclass(slots=True, kw_only=True)
class Imported:
    """What came of it."""

    mail: Ingested = field(default_factory=Ingested)
    skipped: dict[str, int] = field(default_factory=dict)  # by why
    records: dict[str, int] = field(default_factory=dict)  # of an export, by kind
    customers: int = 0  # new ones of a table


async def bring_in(
    workspace: Workspace,
    path: Path,
    *,
    account_id: int | None = None,
    report: Report = lambda kind, count: None,
) -> Imported:
    """Bring in what lies at `path`: an export of ours, a table of customers (.csv), or mail.

    Mail goes to an account of its own, or into the one that `account_id` names.

    Raises:
        UserError: "no-file" (path, detail), "import-empty" (path), "import-unreadable" (path,
            line), "import-too-new" (path), "account-missing".
        StoreError: the workspace cannot be written.
    """
    if (path / export.MANIFEST).is_file():
        mail, counts = await Planting(workspace, path, report).run()
        return Imported(mail=mail, records=counts)
    if path.suffix.lower() == ".csv":
        return await _bring_customers(workspace, path)
    return await _bring_mail(workspace, path, account_id, report)


# Mail of other programs


async def _bring_mail(
    workspace: Workspace, path: Path, account_id: int | None, report: Report
) -> Imported:
    row = await _account(workspace, account_id)
    result = Imported()
    found = mails(path)
    count = 0
    desk = intake.Intake(workspace)
    try:
        while window := await aside(lambda: list(islice(found, WINDOW))):
            taken = [one for one in window if isinstance(one, FoundMail)]
            for one in window:
                if not isinstance(one, FoundMail):
                    result.skipped[one.why] = result.skipped.get(one.why, 0) + 1
            if taken:
                result.mail += await desk.receive(row, [_raw_mail(one) for one in taken])
            count += len(taken)
            report("messages", count)
    finally:
        await desk.close()
    if not count:
        raise UserError("import-empty", path=path)
    return result


def _raw_mail(found: FoundMail) -> RawMail:
    # As if it lay in an archive: what was dealt with elsewhere does not come into the inbox.
    sent = role_by_name(found.folder) is FolderRole.SENT
    return intake.mail(
        found.raw,
        role=FolderRole.SENT if sent else FolderRole.ARCHIVE,
        received_at=found.found_at,
        seen=found.seen,
    )


async def _account(workspace: Workspace, account_id: int | None) -> AccountRow:
    if account_id is None:
        return await done(workspace.db.write(_imported_account))
    row = await done(workspace.db.read(lambda conn: accounts.row(conn, account_id)))
    if row is None:
        raise UserError("account-missing", id=account_id)
    return row


def _imported_account(tx: Tx) -> AccountRow:
    for row in accounts.list_all(tx.conn):
        if row.kind == KIND:
            return row
    key = accounts.create(tx, kind=KIND, title="Imported", address="", settings={})
    accounts.change(tx, key, enabled=False)  # there is nothing to connect to
    made = accounts.row(tx.conn, key)
    assert made is not None
    return made


# Customers of a table


async def _bring_customers(workspace: Workspace, path: Path) -> Imported:
    people = await aside(customer_tables.read, path)
    lines = await done(workspace.db.read(lambda conn: customer_import.plan(conn, people)))
    made = await done(workspace.db.write(lambda tx: customer_import.carry_out(tx, lines)))
    return Imported(customers=sum(line.outcome is Outcome.CREATE for line in made))
