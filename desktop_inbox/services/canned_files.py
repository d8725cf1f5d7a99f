"""Canned responses out to a CSV or JSON file, and in again: the same data comes back.

Files are read and written on the caller's thread; `bring_in` is a function of a transaction.
JSON holds everything; CSV has a line for each language, for a spreadsheet, and no attached files.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desktop_inbox.domain import macros
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import canned as service
from desktop_inbox.services.canned import Content
from desktop_inbox.services.changing import Group
from desktop_inbox.store import canned
from desktop_inbox.store.database import Tx
from desktop_inbox.store.errors import from_system
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import CannedRow

_COLUMNS = ("shortcode", "title", "folder", "language", "text", "channels", "tag", "status")
_LARGEST = 200 * 1000 * 1000  # bytes of an import


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A response of a file, and on which line or at which place it stands there."""

    line: int
    content: Content
    with_files: bool  # whether it says which files are attached; CSV does not


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A response that cannot be kept as it is, and why."""

    line: int
    shortcut: str
    code: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came, or would come, of an import; responses by their shortcuts."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    group: str | None = None  # to undo it by


def write(path: Path, rows: Sequence[CannedRow], files: Files) -> int:
    """Write responses as the ending of `path` says; return how many files had no place there.

    Raises:
        StoreError: the disk is full or does not let us write.
    """
    try:
        if path.suffix.lower() == ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                table = csv.writer(file)
                table.writerow(_COLUMNS)
                table.writerows(line for row in rows for line in _lines(row))
            return sum(len(row.files) for row in rows)
        document = {"canned_responses": [_record(row, files) for row in rows]}
        text = json.dumps(document, ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise from_system(error, path=path) from error
    return 0


def read(path: Path, files: Files) -> list[Entry]:
    """Read responses from a CSV or JSON file; the files they attach go into the workspace.

    Raises:
        UserError: "no-file"; "canned-file".
        StoreError: the disk is full or does not let us write.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UserError("canned-file", path=path, detail="too large")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise UserError("canned-file", path=path, detail="not UTF-8") from error
    try:
        if text.lstrip()[:1] in ("{", "["):
            return list(_from_json(json.loads(text), files))
        return list(_from_csv(text))
    except (ValueError, TypeError, KeyError, RecursionError, csv.Error) as error:
        raise UserError("canned-file", path=path, detail=str(error)) from error


def bring_in(tx: Tx, entries: Iterable[Entry], *, dry_run: bool = False) -> Imported:
    """Keep responses; one whose shortcut is known is changed. All of it is undone at once.

    With `dry_run` nothing is kept, and the answer is what would be.
    """
    group = Group(tx)
    done: dict[str, list[str]] = {"created": [], "changed": [], "unchanged": []}
    rejected: list[Rejected] = []
    seen: set[str] = set()
    for entry in entries:
        shortcut = entry.content.shortcut.strip().lower()
        try:
            if shortcut in seen:
                raise UserError("shortcut-exists", shortcut=shortcut)
            what = _keep(tx, group, entry, known=canned.by_shortcut(tx.conn, shortcut), dry=dry_run)
        except UserError as error:
            rejected.append(
                Rejected(line=entry.line, shortcut=shortcut, code=error.code, values=error.values)
            )
            continue
        seen.add(shortcut)
        done[what].append(shortcut)
    named = {name: tuple(shortcuts) for name, shortcuts in done.items()}
    return Imported(**named, rejected=tuple(rejected), group=group.uid)


def _keep(tx: Tx, group: Group, entry: Entry, *, known: CannedRow | None, dry: bool) -> str:
    content = entry.content
    if known is not None and not entry.with_files:
        content = replace(content, files=known.files)
    wanted = service.checked(tx.conn, content, known=known)
    if known is not None and wanted == service.content_of(known):
        return "unchanged"
    if not dry and known is not None:
        service.change(tx, known.id, wanted, group=group)
    elif not dry:
        service.create(tx, wanted, group=group)
    return "created" if known is None else "changed"


# CSV


def _lines(row: CannedRow) -> Iterator[tuple[str, ...]]:
    """A line for the main text, which tells everything else, and one for each language."""
    yield (
        row.shortcut,
        row.title,
        row.folder,
        "",
        row.body,
        " ".join(row.channels),
        row.tag,
        row.status,
    )
    for language, body in row.bodies:
        yield (row.shortcut, "", "", language, body, "", "", "")


def _from_csv(text: str) -> Iterator[Entry]:
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    head = [name.strip().lower() for name in table.fieldnames or ()]
    if not {"shortcode", "text"} <= set(head):
        raise ValueError("the first line names no columns “shortcode” and “text”")
    table.fieldnames = head
    found: dict[str, Entry] = {}
    for record in table:
        line = {name: record.get(name) or "" for name in _COLUMNS}
        shortcut, language = line["shortcode"].strip().lower(), line["language"].strip()
        known = found.get(shortcut)
        if known is not None and language:
            bodies = (*known.content.bodies, (language, line["text"]))
            found[shortcut] = replace(known, content=replace(known.content, bodies=bodies))
            continue
        key = shortcut if known is None else f"{shortcut} {table.line_num}"
        found[key] = Entry(line=table.line_num, content=_content(line), with_files=False)
    yield from found.values()


def _content(line: Mapping[str, str]) -> Content:
    return Content(
        shortcut=line["shortcode"],
        title=line["title"],
        body=line["text"],
        folder=line["folder"],
        channels=tuple(line["channels"].split()),
        tag=line["tag"],
        status=line["status"].strip(),
    )


# JSON


def _record(row: CannedRow, files: Files) -> dict[str, object]:
    return {
        "shortcode": row.shortcut,
        "title": row.title,
        "folder": row.folder,
        "text": row.body,
        "texts": dict(row.bodies),
        "channels": list(row.channels),
        "tag": row.tag,
        "status": row.status,
        "steps": [step.record for step in row.steps],
        "attachments": [_file_record(file, files) for file in row.files],
    }


def _file_record(file: Mapping[str, object], files: Files) -> dict[str, object]:
    kept = {name: value for name, value in file.items() if name not in ("sha256", "size")}
    return {**kept, "data": base64.b64encode(files.read(str(file["sha256"]))).decode("ascii")}


def _from_json(document: Any, files: Files) -> Iterator[Entry]:
    records = document["canned_responses"] if isinstance(document, dict) else document
    if not isinstance(records, list):
        raise TypeError("no list of canned responses")
    for place, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise TypeError("what is in the list is no canned response")
        line = {name: _words(record, name) for name in _COLUMNS if name != "channels"}
        content = replace(
            _content({**line, "channels": ""}),
            bodies=tuple((one, str(body)) for one, body in dict(record.get("texts", {})).items()),
            channels=tuple(str(one) for one in record.get("channels", [])),
            steps=macros.read(record.get("steps") or []),
            files=tuple(_file(dict(one), files) for one in record.get("attachments", [])),
        )
        yield Entry(line=place, content=content, with_files=True)


def _words(record: Mapping[str, object], name: str) -> str:
    value = record.get(name) or ""
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def _file(record: Mapping[str, Any], files: Files) -> dict[str, object]:
    try:
        data = base64.b64decode(record["data"], validate=True)
    except binascii.Error as error:
        raise ValueError("an attachment is not base64") from error
    kept: dict[str, object] = {
        name: _words(record, name) for name in ("name", "safe_name", "media_type") if name in record
    }
    if not kept.get("name"):
        raise ValueError("an attachment has no name")
    return {**kept, "size": len(data), "sha256": files.put(data, durable=True)}
