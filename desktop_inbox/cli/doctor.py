"""What support asks for, on the command line: see `services.doctor`."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from desktop_inbox.cli import accounts as account_commands
from desktop_inbox.cli import searching
from desktop_inbox.cli.output import iso
from desktop_inbox.cli.session import Session
from desktop_inbox.services import doctor
from desktop_inbox.services.doctor import Examination

Shape = dict[str, Any]


def examine(session: Session, options: Namespace) -> int:
    """Look at everything and mend nothing; what is missing is fetched by the next sync (O8)."""
    places = session.places
    found = doctor.examine(
        session.workspace,
        session.secrets,
        {"data": places.data, "config": places.config, "logs": places.logs},
    )
    session.output.document(_shape(found), doctor.lines(found))
    return 0 if found.well else 1


def _shape(found: Examination) -> Shape:
    holder = found.engine
    return {
        "version": found.version,
        "versions": dict(found.versions),
        "system": found.system,
        "paths": dict(found.paths),
        "secrets": found.secrets,
        "engine": None if holder is None else {"pid": holder.pid, "since": iso(holder.since)},
        "database": {
            "ok": not found.faults,
            "faults": found.faults,
            "rows": dict(found.rows),
        },
        "attachments": searching.shape_of(found.attachments),
        "accounts": [
            {**account_commands.shape(one.row, one.totals), "server": one.server}
            for one in found.accounts
        ],
    }
