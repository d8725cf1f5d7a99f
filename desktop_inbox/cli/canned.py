"""Canned responses."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from desktop_inbox import words
from desktop_inbox.cli import shapes
from desktop_inbox.cli.output import listing, safe_text, table
from desktop_inbox.cli.session import Session
from desktop_inbox.cli.writing import keep_files, text_of
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import canned as service
from desktop_inbox.services import canned_files
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
    content = _given(session, options, service.Content(shortcut=options.shortcode, body=""))
    key = session.write(lambda tx: service.create(tx, content))
    _show(session, session.read(lambda conn: canned.row(conn, key)), options.shortcode)


def edit(session: Session, options: Namespace) -> None:
    """Change a canned response."""
    row = _row(session, options.shortcode)
    known = service.content_of(row)
    content = _given(session, options, replace(known, shortcut=options.rename or known.shortcut))
    if content == known:
        raise UserError("nothing-to-change")
    session.write(lambda tx: service.change(tx, row.id, content))
    _show(session, session.read(lambda conn: canned.row(conn, row.id)), options.shortcode)


def remove(session: Session, options: Namespace) -> None:
    """Throw a canned response away; undo brings it back."""
    row = _row(session, options.shortcode)
    session.write(lambda tx: service.remove(tx, row.id))
    session.output.document(shapes.canned(row), [f"Removed /{row.shortcut}."])


def render(session: Session, options: Namespace) -> None:
    """Fill a canned response in for a conversation; what has no value is named."""
    row = _row(session, options.shortcode)
    given = dict(options.set)
    rendered = session.write(
        lambda tx: service.render_for(tx, row.id, options.conversation, given=given)
    )
    value = {
        "text": rendered.text,
        "missing": list(rendered.missing),
        "caret": rendered.caret,
        "attachments": [file["name"] for file in row.files],
    }
    missing = [f"(no value for {', '.join(rendered.missing)})"] if rendered.missing else []
    session.output.document(value, [safe_text(rendered.text), *missing])


def bring_in(session: Session, options: Namespace) -> None:
    """Bring in responses from a CSV or JSON file; `--dry-run` only says what would happen."""
    files = session.workspace.files
    records = canned_files.read(options.file, files)
    done = session.write(lambda tx: canned_files.bring_in(tx, records, dry_run=options.dry_run))
    value = {
        "created": list(done.created),
        "changed": list(done.changed),
        "unchanged": list(done.unchanged),
        "rejected": [
            {"line": one.line, "shortcode": one.shortcut, "code": one.code} for one in done.rejected
        ],
        "dry_run": options.dry_run,
    }
    counts = ("created", "changed", "unchanged", "rejected")
    lines = [", ".join(f"{len(getattr(done, name))} {name}" for name in counts)]
    lines += [f"line {one.line}: {words.refusal(one.code, one.values)}" for one in done.rejected]
    session.output.document(value, lines)


def export(session: Session, options: Namespace) -> None:
    """Write every response to a CSV or JSON file; the files they attach only to JSON."""
    rows = session.read(canned.list_all)
    left_out = canned_files.write(options.file, rows, session.workspace.files)
    value = {"file": str(options.file), "count": len(rows), "files_left_out": left_out}
    lines = [f"{len(rows)} canned responses written to {options.file}."]
    if left_out:
        lines.append(f"{left_out} attached files do not fit into CSV. Write JSON to have them.")
    session.output.document(value, lines)


def _given(session: Session, options: Namespace, known: service.Content) -> service.Content:
    """Return what the options make of a response."""
    content = known
    for name in ("title", "folder", "tag", "status"):
        if (value := getattr(options, name)) is not None:
            content = replace(content, **{name: value})
    if options.channel is not None:
        content = replace(content, channels=tuple(sorted(filter(None, options.channel))))
    if options.attach is not None:
        taken = keep_files(session, options.attach)
        content = replace(content, files=(*content.files, *taken))
    if options.text is None and not options.text_file:
        return content
    text = text_of(options)
    if options.language is None:
        return replace(content, body=text)
    bodies = {**dict(content.bodies), options.language: text}
    kept = tuple((one, body) for one, body in sorted(bodies.items()) if body.strip())
    return replace(content, bodies=kept, body=content.body or text)


def _row(session: Session, shortcut: str) -> CannedRow:
    row = session.read(lambda conn: canned.by_shortcut(conn, shortcut.removeprefix("/")))
    if row is None:
        raise UserError("canned-missing", shortcut=shortcut)
    return row


def _show(session: Session, row: CannedRow | None, shortcut: str) -> None:
    if row is None:
        raise UserError("canned-missing", shortcut=shortcut)
    session.output.document(shapes.canned(row), [f"/{row.shortcut}  {row.title}"])
