"""Upkeep of the store: nothing is removed that anything names, and room is given back."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from desktop_inbox.store import backup, drafts, maintenance, messages
from desktop_inbox.store.database import DatabaseCorrupt, Tx
from desktop_inbox.store.files import Files
from desktop_inbox.store.schema import tag
from desktop_inbox.store.workspace import Workspace
from tests.support import builders

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=400)


def aged(files: Files, data: bytes) -> str:
    """Keep a file as if it had been here for a long time."""
    digest = files.put(data)
    os.utime(files.path(digest), (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    return digest


def name_in_a_body(tx: Tx, digest: str) -> int:
    key = builders.message(tx, builders.conversation(tx), builders.Mail())
    messages.insert_bodies(tx, [messages.NewBody(message_id=key, text="words", raw_sha256=digest)])
    return key


def sweep(workspace: Workspace) -> int:
    return maintenance.sweep(workspace.db, workspace.files, now=NOW).count


def test_files_that_nothing_names_are_removed(workspace: Workspace) -> None:
    loose = aged(workspace.files, b"loose")
    assert sweep(workspace) == 1
    assert not workspace.files.has(loose)


def test_whatever_names_a_file_keeps_it(workspace: Workspace) -> None:
    raw, part, drafted = (
        aged(workspace.files, data) for data in (b"a mail", b"a part", b"a picture")
    )

    def name(tx: Tx) -> None:
        key = name_in_a_body(tx, raw)
        messages.insert_attachments(
            tx,
            [
                messages.NewAttachment(
                    uid="a", message_id=key, name="x", safe_name="x", media_type="image/png",
                    size=6, state="file", sha256=part,
                )
            ],
        )  # fmt: skip
        drafts.save(
            tx,
            drafts.NewDraft(
                conversation_id=None, account_id=None, mode="new", body="",
                attachments=({"name": "x", "sha256": drafted},),
            ),
        )  # fmt: skip

    workspace.db.write(name).result(10)
    assert sweep(workspace) == 0
    assert all(workspace.files.has(digest) for digest in (raw, part, drafted))


def test_a_file_that_only_a_copy_names_stays_for_the_day_it_is_put_back(
    workspace: Workspace,
) -> None:
    raw = aged(workspace.files, b"a mail")
    key = workspace.db.write(lambda tx: name_in_a_body(tx, raw)).result(10)
    copy = backup.take(workspace.db.path, now=NOW)
    workspace.db.write(lambda tx: messages.remove(tx, key)).result(10)
    assert sweep(workspace) == 0
    copy.path.unlink()
    assert sweep(workspace) == 1


def test_a_damaged_copy_stops_the_sweep(workspace: Workspace) -> None:
    loose = aged(workspace.files, b"loose")
    backup.take(workspace.db.path, now=NOW).path.write_bytes(b"x" * 9000)
    with pytest.raises(DatabaseCorrupt):
        sweep(workspace)
    assert workspace.files.has(loose)


def test_what_was_put_lately_may_be_on_its_way_into_a_row(workspace: Workspace) -> None:
    fresh = workspace.files.put(b"fresh")
    again = aged(workspace.files, b"put again")
    workspace.files.put(b"put again")
    assert sweep(workspace) == 0
    assert workspace.files.has(fresh)
    assert workspace.files.has(again)


def test_putting_a_file_while_it_is_swept_never_loses_it(tmp_path: Path) -> None:
    files = Files(tmp_path)
    stopping = threading.Event()

    def keep_sweeping() -> None:
        while not stopping.is_set():
            files.sweep(frozenset(), before=LONG_AGO + timedelta(days=1))

    sweeper = threading.Thread(target=keep_sweeping)
    sweeper.start()
    try:
        for number in range(300):
            aged(files, b"%d" % number)
            digest = files.put(b"%d" % number)
            assert files.put(b"%d" % number) == digest
    finally:
        stopping.set()
        sweeper.join()
    assert all(files.has(files.put(b"%d" % number)) for number in range(300))


def test_free_pages_are_given_back_to_the_disk(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "_WORTH_PAGES", 10)
    monkeypatch.setattr(maintenance, "_VACUUM_PAGES", 20)
    rows = [{"uid": str(n), "name": "x" * 3000, "hue": 0} for n in range(300)]
    workspace.db.write(lambda tx: tx.conn.execute(insert(tag), rows)).result(10)
    workspace.db.write(lambda tx: tx.conn.execute(tag.delete())).result(10)
    before = pages(workspace)
    maintenance.tidy(workspace.db)
    assert pages(workspace) < before - 200


def pages(workspace: Workspace) -> int:
    return int(
        workspace.db.read(
            lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        ).result(10)
    )
