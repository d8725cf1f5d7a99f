"""Mail that lies in files: single messages, mboxes, Maildirs and folders of them. Reads only.

Foreign files are hostile: nothing is followed that leads elsewhere, and nothing is read whole that
is too large to be a mail.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desktop_inbox.domain.errors import UserError

LARGEST_MAIL = 128 * 1024 * 1024
_BEGIN = b"From "
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)  # how an mbox hides a line of a mail
_MAILDIR = {"cur", "new", "tmp"}
_SEEN = re.compile(r"[:;!]2,[A-Za-z]*S")  # Windows allows no colon in names
_STATUS = re.compile(rb"^Status:[ \t]*\w*R", re.MULTILINE | re.IGNORECASE)
_HEADER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMail:
    """One mail of a file."""

    raw: bytes
    folder: str  # the name of the folder, or of the mbox, it lay in
    seen: bool
    found_at: datetime  # when the file was last changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that is not taken, and why: "link", "too-large", "no-mail"."""

    path: Path
    why: str


def mails(path: Path) -> Iterator[FoundMail | Skipped]:
    """Yield every mail in a file or below a folder.

    Raises:
        UserError: "no-file" (path, detail): `path` itself cannot be read.
    """
    try:
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise UserError("no-file", path=path, detail=os.strerror(2))
        yield from _below(path) if path.is_dir() else _file(path)
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or "") from error


def _below(root: Path) -> Iterator[FoundMail | Skipped]:
    for folder, folders, files in os.walk(root):
        folders.sort()
        here = Path(folder)
        for name in folders:
            if (here / name).is_symlink():  # os.walk does not follow it either
                yield Skipped(path=here / name, why="link")
        if here.name == "tmp" and {one.name for one in here.parent.iterdir()} >= _MAILDIR:
            continue  # half delivered
        for name in sorted(files):
            yield from _file(here / name)


def _file(path: Path) -> Iterator[FoundMail | Skipped]:
    if path.is_symlink() or not path.is_file():
        yield Skipped(path=path, why="link")
        return
    in_maildir = path.parent.name in ("cur", "new")
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    if start.startswith(_BEGIN):
        yield from _mbox(path)
    elif path.suffix.lower() not in (".eml", ".msg", "") and not in_maildir:
        yield Skipped(path=path, why="no-mail")
    elif path.stat().st_size > LARGEST_MAIL:
        yield Skipped(path=path, why="too-large")
    elif b":" not in start:
        yield Skipped(path=path, why="no-mail")
    else:
        yield FoundMail(
            raw=path.read_bytes(),
            folder=_folder_of(path) if in_maildir else path.parent.name,
            seen=not in_maildir or bool(_SEEN.search(path.name)),
            found_at=_changed(path),
        )


def _folder_of(path: Path) -> str:
    """Return the name of a Maildir's folder: Maildir++ begins it with a dot."""
    return path.parent.parent.name.rpartition(".")[2]


def _mbox(path: Path) -> Iterator[FoundMail | Skipped]:
    """Take an mbox apart line by line; its quoting of "From " is taken back (mboxrd)."""
    folder, found_at = path.stem, _changed(path)
    lines: list[bytes] = []
    size, blank, begun = 0, True, False
    with path.open("rb") as file:
        for line in _lines(file):
            if blank and line.startswith(_BEGIN):
                if begun:
                    yield _mboxed(path, lines, size, folder, found_at)
                lines, size, begun = [], 0, True
            else:
                size += len(line)
                if size <= LARGEST_MAIL:
                    lines.append(line)
                elif lines:
                    lines = []
            blank = not line.strip(b"\r\n")
    if begun:
        yield _mboxed(path, lines, size, folder, found_at)


def _lines(file: object) -> Iterator[bytes]:
    """Yield lines, of which none is longer than a mail may be."""
    readline = file.readline  # type: ignore[attr-defined]
    while line := readline(LARGEST_MAIL):
        yield line


def _mboxed(
    path: Path, lines: list[bytes], size: int, folder: str, found_at: datetime
) -> FoundMail | Skipped:
    if size > LARGEST_MAIL:
        return Skipped(path=path, why="too-large")
    if lines and not lines[-1].strip(b"\r\n"):
        lines.pop()  # belongs to the mbox, not to the mail
    raw = _QUOTED.sub(rb"\1", b"".join(lines))
    return FoundMail(
        raw=raw, folder=folder, seen=bool(_STATUS.search(raw[:_HEADER_BYTES])), found_at=found_at
    )


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
