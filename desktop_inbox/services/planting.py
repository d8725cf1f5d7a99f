"""An export of ours on its way in: mail through the intake, everything else around it.

What is here already stays as it is, so bringing it in twice changes nothing. Every line is read
once before anything is written, because the files may come from anybody.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

from desktop_inbox.connectors.contract import FolderRole, RawMail
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import export, intake
from desktop_inbox.services.mail_files import LARGEST_MAIL
from desktop_inbox.store import accounts, conversations, messages
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.records import Record
from desktop_inbox.store.replanting.conversations import (
    here_by_raw,
    place,
    plant_conversations,
    plant_threads,
)
from desktop_inbox.store.replanting.drafts import plant_drafts
from desktop_inbox.store.replanting.events import replay
from desktop_inbox.store.replanting.messages import plant_messages
from desktop_inbox.store.replanting.people import (
    PLAIN_KINDS,
    plant_accounts,
    plant_people,
    plant_plain,
)
from desktop_inbox.store.replanting.uids import Uids
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.aside import aside
from desktop_inbox.sync.ingest import Ingested

_LONGEST_LINE = 32 * 1024 * 1024
_CHUNK = 200  # records of one transaction
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")

Report = Callable[[str, int], None]
"""Hears what is read, such as "messages", and how many of it are."""


class Planting:
    """One export on its way in."""

    def __init__(self, workspace: Workspace, folder: Path, report: Report) -> None:
        self._workspace = workspace
        self._folder = folder
        self._report = report
        self._uids = Uids()
        self._placed: dict[int, Record] = {}  # messages that came in, by key
        self._mail = Ingested()
        self._records: dict[str, int] = {}

    async def run(self) -> tuple[Ingested, dict[str, int]]:
        """Bring everything in; return what became of mail, and how many records of a kind.

        Raises:
            UserError, StoreError: as `imports.bring_in`.
        """
        await aside(self._check)
        await self._write("accounts", plant_accounts, self._all("accounts"))
        for kind in PLAIN_KINDS:
            await self._write(
                kind,
                partial(_plant_plain, kind),
                self._all(kind),
            )
        addresses = self._all("identities")
        await self._write(
            "customers",
            lambda tx, people, uids: plant_people(tx, people, addresses, uids),
            self._all("customers"),
        )
        await self._receive()
        await self._write("conversations", plant_conversations, self._all("conversations"))
        await self._write("threads", plant_threads, self._all("threads"))
        await self._settle()
        waiting = self._all("drafts")
        await aside(self._take_files, waiting)
        await self._write("drafts", plant_drafts, waiting)
        await self._write("events", replay, self._all("events"))
        return self._mail, self._records

    # Reading

    def _check(self) -> None:
        """Read every line once before anything is written."""
        path = self._folder / export.MANIFEST
        try:
            manifest = json.loads(path.read_bytes()[:_LONGEST_LINE])
            if manifest["format"] != export.FORMAT:
                raise ValueError
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UserError("import-unreadable", path=path, line=1) from error
        if manifest.get("version") != export.VERSION:
            raise UserError("import-too-new", path=path)
        for kind in ("accounts", *PLAIN_KINDS, "customers", "identities",
                     "conversations", "threads", "messages", "drafts", "events"):  # fmt: skip
            for _record in self._lines(kind):
                pass

    def _lines(self, kind: str) -> Iterator[Record]:
        path = self._folder / f"{kind}.jsonl"
        number = 0
        try:
            with _open(path) as file:
                while line := file.readline(_LONGEST_LINE):
                    number += 1
                    record = json.loads(line)
                    if not isinstance(record, dict):
                        raise TypeError
                    yield record
        except (ValueError, TypeError, RecursionError) as error:
            raise UserError("import-unreadable", path=path, line=number) from error

    def _all(self, kind: str) -> list[Record]:
        return list(self._lines(kind))

    def _raw(self, record: Record) -> bytes | None:
        """Return the mail of a record, None where there is none or it is another one."""
        digest = record.get("raw_sha256")
        if not isinstance(digest, str) or not _SHA256.match(digest):
            return None
        path = self._folder / export.MESSAGES / digest[:2] / f"{digest}.eml"
        try:
            with _open(path) as file:
                raw = file.read(LARGEST_MAIL)
        except UserError:
            return None
        return raw

    # Writing

    async def _write(
        self,
        kind: str,
        function: _Plant,
        records: Sequence[Record],
    ) -> None:
        """Write records of a kind in short transactions; one that is wrong ends it in words."""
        whole = kind in ("customers", "conversations")  # they refer to each other
        size = len(records) if whole else _CHUNK
        for at in range(0, len(records), size or 1):
            chunk = records[at : at + size]
            try:
                write = partial(_apply, function, chunk, self._uids)
                await intake.done(self._workspace.db.write(write))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                path = self._folder / f"{kind}.jsonl"
                raise UserError("import-unreadable", path=path, line=at + 1) from error
        self._records[kind] = len(records)
        self._report(kind, len(records))

    async def _receive(self) -> None:
        """Have every mail parsed and ingested, account by account."""
        rows = {
            row.uid: row for row in await intake.done(self._workspace.db.read(accounts.list_all))
        }
        desk = intake.Intake(self._workspace)
        waiting: dict[str, list[tuple[Record, RawMail]]] = {}
        count = 0
        try:
            for record in self._lines("messages"):
                raw = self._raw(record)
                row = rows.get(self._uids.of(str(record.get("account"))))
                if raw is None or row is None:
                    continue
                window = waiting.setdefault(row.uid, [])
                window.append((record, _exported_mail(raw, record)))
                if len(window) >= intake.WINDOW:
                    await self._ingest(desk, row, waiting.pop(row.uid))
                count += 1
                self._report("messages", count)
            for uid, window in waiting.items():
                await self._ingest(desk, rows[uid], window)
        finally:
            await desk.close()

    async def _ingest(
        self, desk: intake.Intake, row: AccountRow, window: Sequence[tuple[Record, RawMail]]
    ) -> None:
        records = {record["raw_sha256"]: record for record, _mail in window}
        before = await intake.done(
            self._workspace.db.write(lambda tx: here_by_raw(tx, row.id, records))
        )
        after: dict[str, int] = {}
        self._mail += await desk.receive(
            row,
            [mail for _record, mail in window],
            also=lambda tx: after.update(here_by_raw(tx, row.id, records)),
        )
        for digest, key in after.items():
            if digest not in before:
                self._placed[key] = records[digest]
            else:
                await self._note_known(key, records[digest])

    async def _note_known(self, key: int, record: Record) -> None:
        """Lead what the export says of a mail that was here before to where it is here."""
        shown = await intake.done(self._workspace.db.read(lambda conn: messages.row(conn, key)))
        if shown is None:
            return
        self._uids.call(str(record["uid"]), shown.uid)
        row = await intake.done(
            self._workspace.db.read(lambda conn: conversations.row(conn, shown.conversation_id))
        )
        if row is not None:
            self._uids.call(str(record["conversation"]), row.uid)

    async def _settle(self) -> None:
        """Put mail where it lay, and add what never was mail in a file."""
        touched: set[int] = set()
        keys = list(self._placed)
        for at in range(0, len(keys), _CHUNK):
            chunk = {key: self._placed[key] for key in keys[at : at + _CHUNK]}
            touched |= await self._guarded(partial(place, placed=chunk))
        placed = {record["uid"] for record in self._placed.values()}
        rest = self._rest(placed)
        for at in range(0, len(rest), _CHUNK):
            chunk_of_rest = rest[at : at + _CHUNK]
            await aside(self._take_files, chunk_of_rest)
            touched |= await self._guarded(partial(plant_messages, records=chunk_of_rest))
        await intake.done(self._workspace.db.write(lambda tx: conversations.refresh(tx, touched)))
        self._records["messages"] = len(placed) + len(rest)

    def _rest(self, placed: set[str]) -> list[Record]:
        """Return what did not come in as mail. Notes do with the events that wrote them."""
        number = 0
        found: list[Record] = []
        try:
            for record in self._lines("messages"):
                number += 1
                uid = record["uid"]
                is_new = uid not in placed and self._uids.of(uid) == uid
                if is_new and record["direction"] != "note":
                    found.append(record)
        except (KeyError, TypeError) as error:
            path = self._folder / "messages.jsonl"
            raise UserError("import-unreadable", path=path, line=number) from error
        return found

    async def _guarded(self, function: Callable[..., set[int]]) -> set[int]:
        try:
            return await intake.done(
                self._workspace.db.write(lambda tx: function(tx, uids=self._uids))
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            path = self._folder / "messages.jsonl"
            raise UserError("import-unreadable", path=path, line=1) from error

    def _take_files(self, records: Iterable[Record]) -> None:
        """Keep the attached files of records, each under the digest of what it really holds."""
        for record in records:
            for file in record["attachments"]:
                digest = str(file.get("sha256"))
                folder = self._folder / export.ATTACHMENTS / digest[:2] / digest
                if not _SHA256.match(digest) or not folder.is_dir():
                    continue
                for path in folder.iterdir():
                    with _open(path) as opened:
                        self._workspace.files.put_stream(opened)


_Plant = Callable[[Tx, Sequence[Record], Uids], object]


def _apply(function: _Plant, records: Sequence[Record], uids: Uids, tx: Tx) -> object:
    return function(tx, records, uids)


def _plant_plain(kind: str, tx: Tx, records: Iterable[Record], _uids: Uids) -> None:
    plant_plain(tx, kind, records)


def _exported_mail(raw: bytes, record: Record) -> RawMail:
    received = record.get("received_at") or record.get("at")
    at = datetime.fromtimestamp(int(received) / 1000, UTC) if received else utc_now()
    sent = record.get("direction") == "out"
    return intake.mail(
        raw,
        role=FolderRole.SENT if sent else FolderRole.ARCHIVE,
        received_at=at,
        seen=bool(record.get("seen")),
    )


def _open(path: Path) -> IO[bytes]:
    """Open a file of an export; a link in its place leads nowhere."""
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or "") from error
