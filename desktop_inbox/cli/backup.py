"""A whole workspace in one file, and back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from desktop_inbox.cli.output import iso
from desktop_inbox.cli.session import Session
from desktop_inbox.services import backup, recovery
from desktop_inbox.store import health


def make(session: Session, options: Namespace) -> None:
    """Write everything into one file; an engine or a window may go on meanwhile."""
    made = backup.make(session.workspace, options.file.absolute())
    value = {
        "file": str(made.path),
        "bytes": made.size,
        "rows": made.rows,
        "files": made.files,
        "missing": made.missing,
    }
    session.output.document(value, _lines(f"written to {made.path}", value))


def restore(session: Session, options: Namespace) -> None:
    """Put a backup in the workspace's place; the old one is kept beside."""
    done = backup.restore(session.places.data, options.file.absolute())
    value = {
        "data_dir": str(session.places.data),
        "rows": done.rows,
        "files": done.files,
        "missing": done.missing,
        "kept": None if done.kept is None else str(done.kept),
    }
    session.output.document(value, _lines(f"restored into {session.places.data}", value))


def recover(session: Session, options: Namespace) -> None:
    """Mend a damaged workspace; mail that is missing then comes again with the next sync."""
    work = recovery.open_copy if options.copy else recovery.save_what_is_left
    done = work(session.places.data)
    value = {
        "copy_at": iso(done.copy_at),
        "kept": None if done.kept is None else str(done.kept),
        "rows": session.read(health.sizes),
        "damaged": list(done.damaged),
    }
    session.output.document(value, _recovered_lines(value))


def _recovered_lines(value: Mapping[str, Any]) -> Iterator[str]:
    yield ", ".join(f"{count} {name}" for name, count in value["rows"].items())
    yield f"copy used: {value['copy_at'] or 'none'}"
    yield f"the damaged file: {value['kept'] or 'there was none'}"
    yield "run “sync” to fetch again what is missing"


def _lines(done: str, value: Mapping[str, Any]) -> Iterator[str]:
    yield done
    yield ", ".join(f"{count} {name}" for name, count in value["rows"].items())
    yield f"{value['files']} files, {value['missing']} missing"
    if value.get("kept"):
        yield f"what lay there before: {value['kept']}"
