"""Canned responses."""

from __future__ import annotations

from argparse import Namespace

from desktop_inbox.cli import shapes
from desktop_inbox.cli.output import listing, safe_text, table
from desktop_inbox.cli.session import Session
from desktop_inbox.cli.writing import text_of
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import canned as service
from desktop_inbox.store import canned
from desktop_inbox.store.rows import CannedRow


def list_all(session: Session, options: Namespace) -> None:
    """List every canned response."""
    rows = session.read(canned.list_all)
    session.output.document(
        listing([shapes.canned(row) for row in rows]),
        table(
            ("SHORTCODE", "TITLE", "USES", "TEXT"),
            ((row.shortcut, row.title, row.uses, row.body) for row in rows),
        ),
    )


def add(session: Session, options: Namespace) -> None:
    """Keep a new canned response."""
    text = text_of(options)
    key = session.write(
        lambda tx: service.add(tx, title=options.title, shortcut=options.shortcode, body=text)
    )
    _show(session, session.read(lambda conn: canned.row(conn, key)), options.shortcode)


def edit(session: Session, options: Namespace) -> None:
    """Change a canned response."""
    row = _row(session, options.shortcode)
    body = text_of(options) if options.text is not None or options.text_file else None
    if (options.title, options.rename, body) == (None, None, None):
        raise UserError("nothing-to-change")
    session.write(
        lambda tx: service.edit(tx, row.id, title=options.title, shortcut=options.rename, body=body)
    )
    _show(session, session.read(lambda conn: canned.row(conn, row.id)), options.shortcode)


def remove(session: Session, options: Namespace) -> None:
    """Throw a canned response away; undo brings it back."""
    row = _row(session, options.shortcode)
    session.write(lambda tx: service.remove(tx, row.id))
    session.output.document(shapes.canned(row), [f"Removed /{row.shortcut}."])


def render(session: Session, options: Namespace) -> None:
    """Fill a canned response in for a conversation; what has no value is named."""
    row = _row(session, options.shortcode)
    rendered = session.write(lambda tx: service.render_for(tx, row.id, options.conversation))
    value = {"text": rendered.text, "missing": list(rendered.missing)}
    missing = [f"(no value for {', '.join(rendered.missing)})"] if rendered.missing else []
    session.output.document(value, [safe_text(rendered.text), *missing])


def _row(session: Session, shortcut: str) -> CannedRow:
    row = session.read(lambda conn: canned.by_shortcut(conn, shortcut.removeprefix("/")))
    if row is None:
        raise UserError("canned-missing", shortcut=shortcut)
    return row


def _show(session: Session, row: CannedRow | None, shortcut: str) -> None:
    if row is None:
        raise UserError("canned-missing", shortcut=shortcut)
    session.output.document(shapes.canned(row), [f"/{row.shortcut}  {row.title}"])
