"""The people who write: who they are, and who of them are one."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from functools import partial
from typing import Any

from desktop_inbox.cli import shapes
from desktop_inbox.cli.conversations import described
from desktop_inbox.cli.output import listing, safe_text, table
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.customer_fields import FieldKind
from desktop_inbox.domain.customer_merge import Side
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import customer_merging as merging
from desktop_inbox.services import customer_suggestions as answers
from desktop_inbox.services import customers as service
from desktop_inbox.store import conversations, customer_fields, customer_suggestions, customers
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import CustomerRow


def list_all(session: Session, options: Namespace) -> None:
    """List customers a page at a time."""
    rows = session.read(
        lambda conn: customers.list_all(conn, limit=options.limit + 1, after=options.after)
    )
    page = rows[: options.limit]
    next_key = page[-1].id if len(rows) > len(page) else None
    session.output.document(
        listing([shapes.customer(row) for row in page], next_key),
        table(
            ("ID", "NAME", "COMPANY", "ADDRESSES"),
            ((row.id, row.name, row.company, _addresses(row)) for row in page),
        ),
    )


def show(session: Session, options: Namespace) -> None:
    """Show one customer and their conversations."""
    row = _row(session, options.id)
    found = session.read(lambda conn: conversations.of_customer(conn, row.id))
    value = _whole(session, row)
    lines = [f"{row.name}  {row.company}".strip(), _addresses(row), safe_text(row.notes)]
    lines += [f"{name}: {safe_text(one)}" for name, one in value["fields"].items()]
    if value["tags"]:
        lines.append(", ".join(value["tags"]))
    lines += ["", *_talks(found)]
    value["conversations"] = described(session, found)
    session.output.document(value, lines)


def _talks(found: list[Any]) -> list[str]:
    return list(
        table(
            ("ID", "STATUS", "LAST", "SUBJECT"),
            ((one.id, one.status.value, one.last_at, one.subject) for one in found),
        )
    )


def edit(session: Session, options: Namespace) -> None:
    """Change what we know of one customer; undo takes it back."""
    words = ("name", "company", "notes", "language", "time_zone", "vip", "blocked")
    changes = {name: value for name in words if (value := getattr(options, name, None)) is not None}
    given = dict(options.field or ())
    if not changes and not given and not options.tag and not options.untag:
        raise UserError("nothing-to-change")
    session.write(partial(_edit, options=options, changes=changes, given=given))
    row = _row(session, options.id)
    session.output.document(_whole(session, row), [f"Changed {row.name}."])


def _edit(tx: Tx, *, options: Namespace, changes: dict[str, Any], given: dict[str, str]) -> None:
    values = {}
    for name, value in given.items():
        field = customer_fields.by_name(tx.conn, name)
        if field is None:
            raise UserError("field-missing", name=name)
        values[field.uid] = value
    service.edit(tx, options.id, **changes, fields=values)
    for name in options.tag or ():
        service.tag(tx, options.id, name)
    for name in options.untag or ():
        service.untag(tx, options.id, name)


def add_field(session: Session, options: Namespace) -> None:
    """Make a field that every customer has."""
    kind = FieldKind(options.kind)
    uid = session.write(
        lambda tx: service.add_field(tx, options.name, kind=kind, choices=options.choice or ())
    )
    session.output.document({"uid": uid, "name": options.name}, [f"Made {options.name}."])


def merge(session: Session, options: Namespace) -> None:
    """Make one customer of two; `--dry-run` only says what that would do."""
    chosen = {name: Side(side) for name, side in options.keep or ()}
    seen = session.read(lambda conn: merging.preview(conn, options.id, options.into, chosen=chosen))
    group = None
    if not options.dry_run:
        group = session.write(lambda tx: merging.merge(tx, options.id, options.into, chosen=chosen))
    value = {
        "dry_run": options.dry_run,
        "source": seen.source.id,
        "into": seen.target.id,
        "moved": asdict(seen.moved),
        "tags": list(seen.tags),
        "fields": [asdict(one) for one in seen.choices],
        "group": group,
    }
    verb = "would move" if options.dry_run else "moved"
    counted = ", ".join(f"{count} {name}" for name, count in asdict(seen.moved).items())
    lines = [f"{seen.source.name} into {seen.target.name}: {verb} {counted}"]
    lines += table(
        ("FIELD", "THIS", "OTHER", "RESULT"),
        ((one.field, one.source, one.target, one.result) for one in seen.choices),
    )
    session.output.document(value, lines)


def unmerge(session: Session, options: Namespace) -> None:
    """Take back the latest merge a customer took part in."""
    group = session.write(lambda tx: merging.unmerge(tx, options.id))
    row = _row(session, options.id)
    session.output.document(
        {"group": group, "customer": shapes.customer(row)}, [f"{row.name} is as before."]
    )


def suggestions(session: Session, options: Namespace) -> None:
    """List who may be one person, with reasons; `--dismiss` remembers that two are not."""
    if options.dismiss:
        one, other = options.dismiss
        session.write(lambda tx: answers.dismiss(tx, one, other))
    found = session.read(partial(customer_suggestions.list_all, limit=options.limit))
    rows = [
        {
            "one": {"id": pair.one.id, "name": pair.one.name},
            "other": {"id": pair.other.id, "name": pair.other.name},
            "score": pair.score,
            "reasons": [{"reason": sign.reason.value, "value": sign.value} for sign in pair.signs],
        }
        for pair in found
    ]
    session.output.document(
        {"rows": rows},
        table(
            ("SCORE", "ID", "NAME", "ID", "NAME", "WHY"),
            (
                (
                    pair.score,
                    pair.one.id,
                    pair.one.name,
                    pair.other.id,
                    pair.other.name,
                    ", ".join(f"{sign.reason} {sign.value}" for sign in pair.signs),
                )
                for pair in found
            ),
        ),
    )


def _row(session: Session, customer_id: int) -> CustomerRow:
    row = session.read(lambda conn: customers.row(conn, customer_id))
    if row is None:
        raise UserError("customer-missing", id=customer_id)
    return row


def _whole(session: Session, row: CustomerRow) -> dict[str, Any]:
    names = {one.uid: one.name for one in session.read(customer_fields.list_all)}
    values = session.read(lambda conn: customer_fields.values(conn, [row.id])).get(row.id, {})
    tags = session.read(lambda conn: customer_fields.tags_of(conn, [row.id])).get(row.id, ())
    return {
        **shapes.customer(row),
        "vip": row.vip,
        "blocked": row.blocked,
        "language": row.language,
        "time_zone": row.time_zone,
        "fields": {names[uid]: value for uid, value in values.items() if uid in names},
        "tags": [one.name for one in tags],
    }


def _addresses(row: CustomerRow) -> str:
    return ", ".join(found.address for found in row.identities)
