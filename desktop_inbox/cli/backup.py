"""A whole workspace in one file, and back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping

from desktop_inbox.cli.session import Session
from desktop_inbox.services import backup


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


def _lines(done: str, value: Mapping[str, object]) -> Iterator[str]:
    yield done
    rows = value["rows"]
    assert isinstance(rows, dict)
    yield ", ".join(f"{count} {name}" for name, count in rows.items())
    yield f"{value['files']} files, {value['missing']} missing"
    if value.get("kept"):
        yield f"what lay there before: {value['kept']}"
