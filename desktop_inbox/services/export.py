"""A workspace as files that other programs read: JSON lines, .eml, attachments and CSV.

Blocking; on a thread of its own beside a window or an engine. No secret is in it. What `imports`
reads back is described by the names here.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from desktop_inbox.domain.errors import UserError
from desktop_inbox.mime import names
from desktop_inbox.store import raw_mails, records
from desktop_inbox.store.database import utc_now
from desktop_inbox.store.errors import from_system
from desktop_inbox.store.files import Files
from desktop_inbox.store.records import Record
from desktop_inbox.store.workspace import Workspace

FORMAT = "desktop-inbox export"
VERSION = 1
MANIFEST = "export.json"
MESSAGES, ATTACHMENTS = "messages", "attachments"

_TABLES: dict[str, tuple[str, ...]] = {
    "customers": ("uid", "name", "company", "notes", "first_seen_at"),
    "identities": ("customer", "kind", "address"),
    "conversations": ("uid", "subject", "customer", "status", "priority", "created_at", "last_at",
                      "message_count"),
    "messages": ("uid", "conversation", "direction", "kind", "from", "to", "subject", "at",
                 "external_id", "delivery", "raw_sha256"),
}  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula

Report = Callable[[str, int], None]
"""Hears which kind of record is written, and how many of it are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written."""

    folder: Path
    counts: dict[str, int]  # by kind of record
    raw: int  # .eml files
    attachments: int
    missing: int  # files that were named and not there


def write(
    workspace: Workspace, folder: Path, *, report: Report = lambda kind, count: None
) -> Exported:
    """Write the workspace, as it is in this moment, into `folder`, which is empty or not there.

    Raises:
        UserError: "folder-not-empty" (path).
        StoreError: there is no room, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UserError("folder-not-empty", path=folder)
        return workspace.db.read(
            lambda conn: _Writing(conn, workspace.files, folder, report).run()
        ).result()
    except OSError as error:
        raise from_system(error, path=folder) from error


_MAIL_KINDS = ("email", "imported")


class _Writing:
    """One export on its way."""

    def __init__(self, conn: Any, files: Files, folder: Path, report: Report) -> None:
        self._conn = conn
        self._files = files
        self._folder = folder
        self._report = report
        self._copied: dict[str, set[str]] = {MESSAGES: set(), ATTACHMENTS: set()}
        self._missing: set[str] = set()
        self._mail = {
            account["uid"]
            for account in records.records(conn, "accounts")
            if account["kind"] in _MAIL_KINDS
        }

    def run(self) -> Exported:
        counts = {kind: self._kind(kind) for kind in records.KINDS}
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "workspace": records.workspace_uid(self._conn),
            "made_at": utc_now().isoformat(),
            "counts": counts,
        }
        # Last: a folder without it is no export, but one that was cut short.
        (self._folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        return Exported(
            folder=self._folder,
            counts=counts,
            raw=len(self._copied[MESSAGES]),
            attachments=len(self._copied[ATTACHMENTS]),
            missing=len(self._missing),
        )

    def _kind(self, kind: str) -> int:
        count = 0
        with ExitStack() as opened:
            lines = opened.enter_context(
                (self._folder / f"{kind}.jsonl").open("w", encoding="utf-8")
            )
            row = opened.enter_context(_table(self._folder / f"{kind}.csv", _TABLES.get(kind)))
            for count, record in enumerate(records.records(self._conn, kind), 1):
                packed = record.pop("raw_packed", None)
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
                row(record)
                self._copy_files(kind, record, packed)
                if count % 100 == 0:
                    self._report(kind, count)
        self._report(kind, count)
        return count

    def _copy_files(self, kind: str, record: Record, packed: bytes | None) -> None:
        if kind == "messages":
            if packed:
                self._write_mail(record["raw_sha256"], raw_mails.unpack(packed))
            elif record["raw_sha256"]:
                # The event of a messaging service is no mail, and is not read as one again.
                ending = ".eml" if record["account"] in self._mail else ".event"
                self._copy(MESSAGES, record["raw_sha256"], ending)
            for file in record["attachments"]:
                if file["state"] == "file":
                    self._copy(ATTACHMENTS, file["sha256"], f"/{names.safe(file['name'])}")
        elif kind == "drafts":
            for file in record["attachments"]:
                self._copy(ATTACHMENTS, str(file["sha256"]), f"/{names.safe(str(file['name']))}")

    def _write_mail(self, sha256: str, raw: bytes) -> None:
        if sha256 not in self._copied[MESSAGES]:
            self._place(MESSAGES, sha256, ".eml").write_bytes(raw)

    def _copy(self, where: str, sha256: str, rest: str) -> None:
        if sha256 in self._copied[where]:
            return
        source = self._files.path(sha256)
        if not source.is_file():
            self._missing.add(sha256)
            return
        shutil.copyfile(source, self._place(where, sha256, rest))

    def _place(self, where: str, sha256: str, rest: str) -> Path:
        """Return where a file goes, which is counted as copied."""
        target = self._folder / where / sha256[:2] / f"{sha256}{rest}"
        target.parent.mkdir(parents=True, exist_ok=True)
        self._copied[where].add(sha256)
        return target


@contextmanager
def _table(path: Path, columns: Iterable[str] | None) -> Iterator[Callable[[Record], object]]:
    """Open a CSV for spreadsheets; where a kind has none, nothing is written."""
    if columns is None:
        yield lambda record: None
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # as Excel wants it
        yield _rows(file, tuple(columns))


def _rows(file: TextIO, columns: tuple[str, ...]) -> Callable[[Record], object]:
    writer = csv.writer(file)
    writer.writerow(columns)
    return lambda record: writer.writerow([_cell(record, name) for name in columns])


def _cell(record: Record, name: str) -> str:
    value = record["people"].get(name) if name in ("from", "to") else record[name]
    if value is None:
        return ""
    if name in ("from", "to"):
        return _harmless(", ".join(address for _name, address in value))
    if name.endswith("_at") or name == "at":
        return datetime.fromtimestamp(value / 1000, UTC).isoformat()
    return str(value) if isinstance(value, int) else _harmless(str(value))


def _harmless(value: str) -> str:
    """Keep a spreadsheet from computing what a stranger wrote."""
    return f"'{value}" if value.startswith(_FORMULA) else value
