"""Tables and address cards of customers, tried before they are brought in."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial

from desktop_inbox.cli.output import safe_text, table
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services import customer_import as service
from desktop_inbox.services import customer_tables


def bring_in(session: Session, options: Namespace) -> None:
    """Bring in CSV or vCard; `--dry-run` only says what would become of each row."""
    people = customer_tables.read(options.path.absolute())
    lines = session.read(lambda conn: service.plan(conn, people, region=options.region))
    if not options.dry_run:
        group = new_uid(datetime.now(UTC))
        lines = [
            line
            for some in service.batches(lines)
            for line in session.write(partial(service.carry_out, lines=some, group_uid=group))
        ]
    if options.errors is not None:
        service.write_errors(options.errors.absolute(), lines)
    session.output.document(_shape(lines, dry_run=options.dry_run), _said(lines))


def _shape(lines: Sequence[service.Line], *, dry_run: bool) -> dict[str, object]:
    counts = Counter(line.outcome.value for line in lines)
    return {
        "dry_run": dry_run,
        "counts": {outcome.value: counts[outcome.value] for outcome in service.Outcome},
        "rows": [
            {
                "line": line.person.line,
                "outcome": line.outcome.value,
                "reason": line.reason or None,
                "detail": line.detail or None,
                "name": line.person.name,
                "customer": line.customer_id,
            }
            for line in lines
        ],
    }


def _said(lines: Sequence[service.Line]) -> Iterable[str]:
    return table(
        ("LINE", "OUTCOME", "NAME", "WHY"),
        (
            (
                line.person.line,
                line.outcome.value,
                safe_text(line.person.name),
                safe_text(f"{line.reason} {line.detail}".strip()),
            )
            for line in lines
        ),
    )
