"""Everything out as files that other programs read, and in again."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from desktop_inbox.cli.session import Session
from desktop_inbox.services import export as exports
from desktop_inbox.services import imports


def export(session: Session, options: Namespace) -> None:
    """Write JSON lines, .eml, attachments and CSV into a folder."""
    done = exports.write(session.workspace, options.dir.absolute())
    value = {
        "dir": str(done.folder),
        "counts": done.counts,
        "raw": done.raw,
        "attachments": done.attachments,
        "missing": done.missing,
    }
    session.output.document(value, _export_lines(value))


def bring_in(session: Session, options: Namespace) -> None:
    """Bring in mbox, Maildir, .eml, a table of customers, or an export of ours."""
    done = asyncio.run(
        imports.bring_in(session.workspace, options.path.absolute(), account_id=options.account)
    )
    value = {
        "stored": done.mail.stored,
        "duplicates": done.mail.duplicates,
        "quarantined": done.mail.quarantined,
        "skipped": done.skipped,
        "customers": done.customers,
        "records": done.records,
    }
    session.output.document(value, _import_lines(value))


def _export_lines(value: Mapping[str, Any]) -> Iterator[str]:
    yield f"written to {value['dir']}"
    yield ", ".join(f"{count} {kind}" for kind, count in value["counts"].items())
    yield f"{value['raw']} mails, {value['attachments']} files, {value['missing']} missing"


def _import_lines(value: Mapping[str, Any]) -> Iterator[str]:
    yield "{stored} new mails, {duplicates} here before, {quarantined} shown raw".format(**value)
    for name in ("skipped", "records"):
        if value[name]:
            counted = ", ".join(f"{count} {kind}" for kind, count in value[name].items())
            yield f"{name}: {counted}"
    if value["customers"]:
        yield f"{value['customers']} new customers"
