"""The people who write."""

from __future__ import annotations

from argparse import Namespace

from desktop_inbox.cli import shapes
from desktop_inbox.cli.output import listing, safe_text, table
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import customers as service
from desktop_inbox.store import conversations, customers
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
    found = session.read(lambda conn: conversations.of_customer(conn, options.id))
    value = {**shapes.customer(row), "conversations": [shapes.conversation(one) for one in found]}
    lines = [f"{row.name}  {row.company}".strip(), _addresses(row), safe_text(row.notes), ""]
    lines += table(
        ("ID", "STATUS", "LAST", "SUBJECT"),
        ((one.id, one.status.value, one.last_at, one.subject) for one in found),
    )
    session.output.document(value, lines)


def edit(session: Session, options: Namespace) -> None:
    """Change what we know of one customer; undo takes it back."""
    wanted = {name: getattr(options, name) for name in ("name", "company", "notes")}
    changes = {name: value for name, value in wanted.items() if value is not None}
    if not changes:
        raise UserError("nothing-to-change")
    _row(session, options.id)
    session.write(lambda tx: service.edit(tx, options.id, **changes))
    row = _row(session, options.id)
    session.output.document(shapes.customer(row), [f"Changed {row.name}."])


def _row(session: Session, customer_id: int) -> CustomerRow:
    row = session.read(lambda conn: customers.row(conn, customer_id))
    if row is None:
        raise UserError("customer-missing", id=customer_id)
    return row


def _addresses(row: CustomerRow) -> str:
    return ", ".join(found.address for found in row.identities)
