"""Words of attachments: read in a process of their own, found, and gone with their message."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage

from desktop_inbox.store import (
    DATABASE_NAME,
    driver,
    file_texts,
    known_messages,
    messages,
    places,
    search,
)
from desktop_inbox.store.database import Tx
from desktop_inbox.store.file_texts import Progress
from desktop_inbox.store.known_messages import Place
from desktop_inbox.store.messages import NewAttachment, NewBody
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.attachment_words import AttachmentWords
from desktop_inbox.sync.file_reading import FileReader
from tests.support import builders, office_files
from tests.support.builders import Mail

# A worker that does what a file says instead of reading it.
HOSTILE = """
import os, signal, sys, time
from desktop_inbox.mime import filetext
from desktop_inbox.sync import parse_worker
really = filetext.read_text
def obey(data, **more):
    if data == b"spin":
        while True: pass
    if data == b"segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if data == b"eat":
        return bytearray(2_000_000_000)
    if data == b"raise":
        raise KeyboardInterrupt
    return really(data, **more)
filetext.read_text = obey
sys.exit(parse_worker.main())
"""
HOSTILE_COMMAND = (sys.executable, "-c", HOSTILE)


def _write(workspace: Workspace, write: Callable[[Tx], object]) -> None:
    workspace.db.write(write).result(10)


def _attach(workspace: Workspace, files: dict[str, bytes], *, text: str = "See below") -> int:
    """Store a message with these files, as one that was sent from here; return its id."""
    stored = {name: workspace.files.put(data) for name, data in files.items()}

    def write(tx: Tx) -> int:
        key = builders.message(tx, builders.conversation(tx), Mail(text=text))
        messages.insert_attachments(
            tx,
            [
                NewAttachment(
                    uid=f"{key} {name}",
                    message_id=key,
                    name=name,
                    safe_name=name,
                    media_type="application/octet-stream",
                    size=len(files[name]),
                    state="file",
                    sha256=sha256,
                )
                for name, sha256 in stored.items()
            ],
        )
        return key

    return workspace.db.write(write).result(10)


def _found(workspace: Workspace, typed: str) -> list[str]:
    read = workspace.db.read(lambda conn: search.search(conn, typed, typing=False))
    return [hit.name for hit in read.result(10).files]


def _progress(workspace: Workspace) -> Progress:
    return workspace.db.read(file_texts.progress).result(10)


def _outcomes(workspace: Workspace) -> dict[str, str | None]:
    with_names = "SELECT name, searched FROM attachment ORDER BY id"
    read = workspace.db.read(lambda conn: conn.exec_driver_sql(with_names).all())
    return dict(read.result(10))


async def _read_all(workspace: Workspace, reader: FileReader | None = None) -> int:
    return await AttachmentWords(workspace, reader=reader).read_all()


FILES = {
    "offer.pdf": office_files.pdf("A quote for forty plates"),
    "contract.docx": office_files.docx("Sözleşme İstanbul"),
    "stock.xlsx": office_files.xlsx([["Kavanoz", 4711]]),
    "letter.odt": office_files.odt("東京への配送"),
    "notes.txt": b"the kiln is cold",
    "photo.jpg": b"\xff\xd8\xff",
}


async def test_words_in_files_are_found(workspace: Workspace) -> None:
    _attach(workspace, FILES)
    assert _progress(workspace) == Progress(total=6)
    assert _found(workspace, "plates") == []
    assert await _read_all(workspace) == 6
    assert _progress(workspace) == Progress(total=6, searched=6)
    assert _found(workspace, '"forty plates"') == ["offer.pdf"]
    assert _found(workspace, "sözlesme ISTANBUL") == ["contract.docx"]
    assert _found(workspace, "4711") == ["stock.xlsx"]
    assert _found(workspace, "配送") == ["letter.odt"]
    assert _found(workspace, "kiln -cold") == []
    assert _found(workspace, "photo") == ["photo.jpg"]
    assert _found(workspace, "subject:plates") == []


async def test_the_conversation_of_a_file_is_found_and_the_hit_is_shown(
    workspace: Workspace,
) -> None:
    key = _attach(workspace, {"offer.pdf": FILES["offer.pdf"]})
    await _read_all(workspace)
    found = workspace.db.read(lambda conn: search.search(conn, "forty")).result(10)
    (hit,) = found.files
    assert [row.id for row in found.conversations] == [hit.conversation_id]
    assert (hit.message_id, hit.snippet) == (key, "A quote for forty plates")
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["forty"]
    assert found.messages == ()


async def test_a_file_inside_its_message_is_read_from_there(workspace: Workspace) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Offer"
    mail.set_content("See below")
    mail.add_attachment(FILES["offer.pdf"], maintype="application", subtype="pdf", filename="o.pdf")
    raw = workspace.files.put(mail.as_bytes())

    def write(tx: Tx) -> None:
        key = builders.message(tx, builders.conversation(tx), Mail(attachments=("o.pdf",)))
        messages.insert_bodies(tx, [NewBody(message_id=key, text="See below", raw_sha256=raw)])
        tx.conn.exec_driver_sql("UPDATE attachment SET section = '2'")

    _write(workspace, write)
    await _read_all(workspace)
    assert _found(workspace, "plates") == ["o.pdf"]


async def test_what_stays_on_the_server_is_counted_apart(workspace: Workspace) -> None:
    _attach(workspace, {"offer.pdf": FILES["offer.pdf"]})
    _write(workspace, lambda tx: tx.conn.exec_driver_sql("UPDATE attachment SET state = 'server'"))
    assert await _read_all(workspace) == 0
    assert _progress(workspace) == Progress(total=1, on_server=1)
    assert _progress(workspace).waiting == 0


async def test_a_file_that_harms_its_reader_is_noted_once_and_the_others_go_on(
    workspace: Workspace,
) -> None:
    hostile = {f"{what}.txt": what.encode() for what in ("spin", "segfault", "eat", "raise")}
    _attach(workspace, {"before.txt": b"before", **hostile, "after.txt": b"after"})
    _attach(workspace, {"broken.pdf": b"%PDF-1.4 no more", "gone.txt": b"to be removed"})
    workspace.files.path(workspace.files.put(b"to be removed")).unlink()
    reader = FileReader(workspace.files, seconds=0.5, command=HOSTILE_COMMAND)
    assert await _read_all(workspace, reader) == 8
    assert _outcomes(workspace) == {
        "before.txt": "text",
        "spin.txt": "time",
        "segfault.txt": "crash",
        "eat.txt": "memory",
        "raise.txt": "crash",
        "after.txt": "text",
        "broken.pdf": "broken",
        "gone.txt": "missing",
    }
    assert _progress(workspace).unreadable == 6
    assert await _read_all(workspace, reader) == 0
    assert _found(workspace, "after") == ["after.txt"]
    assert _found(workspace, "segfault") == ["segfault.txt"]  # by its name


async def test_what_was_read_is_kept_when_reading_is_stopped(workspace: Workspace) -> None:
    _attach(workspace, {f"{number}.txt": b"word %d" % number for number in range(30)})
    reading = asyncio.create_task(_read_all(workspace))
    await _until(lambda: _progress(workspace).searched)
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading
    first = _progress(workspace).searched
    assert 0 < first < 30
    assert await _read_all(workspace) == 30 - first


@asynccontextmanager
async def _running(workspace: Workspace) -> AsyncIterator[None]:
    task = asyncio.create_task(AttachmentWords(workspace, quiet=timedelta(0)).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - another thread writes
            await asyncio.sleep(0.02)


async def test_a_file_that_arrives_later_is_read_by_itself(workspace: Workspace) -> None:
    async with _running(workspace):
        _attach(workspace, {"a.txt": b"first"})
        await _until(lambda: _found(workspace, "first"))
        _attach(workspace, {"b.txt": b"second"})
        await _until(lambda: _found(workspace, "second"))


async def test_the_words_go_with_the_message(workspace: Workspace) -> None:
    key = _attach(workspace, {"a.txt": b"forty plates"})
    await _read_all(workspace)
    _write(workspace, lambda tx: messages.remove(tx, key))
    assert _found(workspace, "plates") == []
    assert _rows(workspace) == (0, 0)


async def test_a_message_deleted_on_its_server_takes_its_words_along_and_brings_them_back(
    workspace: Workspace,
) -> None:
    key = _attach(workspace, {"a.txt": b"forty plates"})
    place: list[Place] = []

    def write(tx: Tx) -> None:
        account_id = builders.account(tx)
        place.append(Place(account_id, "INBOX", 1, 7))
        known_messages.put_places(tx, {place[0]: key})
        places.forget(tx, account_id, "INBOX", uidvalidity=1, uids=[7])
        for _look in range(2):
            places.settle(tx, account_id, wish="mirror")

    await _read_all(workspace)
    _write(workspace, write)
    assert _found(workspace, "plates") == []
    assert _rows(workspace) == (0, 0)
    assert await _read_all(workspace) == 0
    _write(workspace, lambda tx: known_messages.put_places(tx, {place[0]: key}))
    _write(workspace, lambda tx: places.found_again(tx, [key]))
    await _read_all(workspace)
    assert _found(workspace, "plates") == ["a.txt"]


def _rows(workspace: Workspace) -> tuple[int, int]:
    """Return how many rows hold words, and how many the index has."""
    connection = driver.open_file(workspace.data_dir / DATABASE_NAME, key=None)
    counts = [
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("file_text", "file_fts_docsize")
    ]
    connection.close()
    return counts[0], counts[1]
