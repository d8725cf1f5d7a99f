"""Reading a mailbox: newest first, in bounded pieces, each message once, changes noticed."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_inbox.connectors.contract import (
    Cursor,
    FolderReset,
    FolderRole,
    Gone,
    Location,
    MarkedElsewhere,
)
from desktop_inbox.connectors.email import reading
from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.connectors.errors import PermanentError
from desktop_inbox.mime.parse import parse_message
from tests.connectors.contract_suite import drain
from tests.connectors.mailbox_desk import (
    mails,
    message,
    messages,
    opened,
    other_client,
    uids,
    whole,
    with_file,
)
from tests.connectors.mailbox_desk import reader as reader
from tests.support.dovecot import Mailbox

# --- the first time --------------------------------------------------------------------------


async def test_the_newest_headers_come_before_any_body(
    mailbox: Mailbox, reader: EmailConnector
) -> None:
    mailbox.fill(messages(450))
    await reader.open()

    first = await reader.pull(None)

    heads = mails(list(first.items))
    assert [mail.location.uid for mail in heads] == list(range(450, 250, -1))
    assert not any(mail.complete for mail in heads)
    assert parse_message(heads[0].raw, complete=False).subject == "m450"
    assert first.more


async def test_every_message_comes_once_and_newest_first(
    mailbox: Mailbox, reader: EmailConnector
) -> None:
    mailbox.fill(messages(450))
    await reader.open()

    items, _ = await drain(reader, None)

    assert uids(items) == list(range(450, 0, -1))
    assert whole(items)[0].raw == message(450)


@pytest.mark.parametrize("most", [20_000, 60_000])
async def test_windows_and_what_is_handed_over_at_once_are_bounded_by_bytes(
    mailbox: Mailbox, reader: EmailConnector, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(reading, "WINDOW_BYTES", 20_000)
    monkeypatch.setattr(reading, "BATCH_BYTES", most)
    mailbox.fill(messages(30, size=5_000))
    await reader.open()
    cursor: Cursor | None = None
    sizes: list[int] = []
    more = True
    while more:
        batch = await reader.pull(cursor)
        cursor, more = batch.cursor, batch.more
        sizes.append(sum(len(mail.raw) for mail in whole(list(batch.items))))

    assert max(sizes) <= most
    assert sum(sizes) > 150_000


async def test_progress_is_truthful(mailbox: Mailbox, reader: EmailConnector) -> None:
    mailbox.fill(messages(450))
    mailbox.append(*messages(5), folder="Sent")
    await reader.open()
    cursor: Cursor | None = None
    seen: list[tuple[int, int]] = []
    more = True
    while more:
        batch = await reader.pull(cursor)
        cursor, more = batch.cursor, batch.more
        assert batch.progress is not None
        seen.append((batch.progress.done, batch.progress.total))

    assert {total for _, total in seen} == {455}
    assert seen[0][0] == 0
    assert seen[-1][0] == 455
    assert seen == sorted(seen)


async def test_sent_archive_and_other_folders_are_read_and_trash_is_not(
    mailbox: Mailbox, reader: EmailConnector
) -> None:
    for folder in ("INBOX", "Sent", "Archive", "Kunden/2026", "Trash", "Junk", "Drafts"):
        mailbox.append(f"Subject: {folder}\r\n\r\n".encode(), folder=folder)
    await reader.open()

    items, _ = await drain(reader, None)

    assert {(mail.location.folder, mail.role) for mail in whole(items)} == {
        ("INBOX", FolderRole.INBOX),
        ("Sent", FolderRole.SENT),
        ("Archive", FolderRole.ARCHIVE),
        ("Kunden/2026", FolderRole.OTHER),
    }


async def test_mail_older_than_the_cut_off_is_left_alone(mailbox: Mailbox) -> None:
    mailbox.append(message(1), at=datetime(2025, 5, 1, tzinfo=UTC))
    mailbox.append(message(2), at=datetime(2026, 5, 1, tzinfo=UTC))
    async with opened(EmailConnector(mailbox.config(since="2026-01-01"))) as reader:
        items, _ = await drain(reader, None)

    assert [mail.location.uid for mail in mails(items)] == [2, 2]
    assert whole(items)[0].received_at == datetime(2026, 5, 1, tzinfo=UTC)


async def test_a_large_message_leaves_its_attachment_on_the_server(
    mailbox: Mailbox, reader: EmailConnector, tmp_path: Path
) -> None:
    data = bytes(range(256)) * 6_000
    mailbox.append(with_file("Rechnung.pdf", data), message(2))
    await reader.open()

    items, _ = await drain(reader, None)

    large = next(mail for mail in whole(items) if mail.remote_parts)
    (part,) = large.remote_parts
    assert (part.section, part.name, part.media_type) == ("2", "Rechnung.pdf", "application/pdf")
    assert abs(part.size - len(data)) < len(data) // 50
    assert len(large.raw) < 1_000
    assert parse_message(large.raw).text.strip() == "See the file."
    await reader.fetch_attachment(large.location, part.section, tmp_path / "x.pdf")
    await asyncio.to_thread(_expect_file, tmp_path / "x.pdf", data)


def _expect_file(path: Path, data: bytes) -> None:
    assert path.read_bytes() == data


async def test_an_attachment_that_is_gone_leaves_no_file(
    mailbox: Mailbox, reader: EmailConnector, tmp_path: Path
) -> None:
    mailbox.append(message(1))
    items, _ = await drain(reader, None)
    here = whole(items)[0].location

    for location, section in (
        (Location(folder="INBOX", uidvalidity=here.uidvalidity, uid=99), "2"),
        (here, "7.1"),
        (Location(folder="INBOX", uidvalidity=1, uid=1), "1"),
        (here, "1 BODY[2]"),
    ):
        with pytest.raises(PermanentError) as caught:
            await reader.fetch_attachment(location, section, tmp_path / "x")
        assert caught.value.step == "attachment"
    assert await asyncio.to_thread(os.listdir, tmp_path) == []


async def test_a_kill_after_any_batch_goes_on_where_it_was(mailbox: Mailbox) -> None:
    mailbox.fill(messages(700))
    found: list[int] = []
    cursor: Cursor | None = None
    more = True
    while more:
        async with opened(EmailConnector(mailbox.config())) as reader:
            batch = await reader.pull(cursor)
        cursor, more = batch.cursor, batch.more
        found += uids(list(batch.items))

    assert sorted(found) == list(range(1, 701))


# --- what changes ----------------------------------------------------------------------------


async def test_new_mail_comes_before_the_backlog(mailbox: Mailbox, reader: EmailConnector) -> None:
    mailbox.fill(messages(900))
    await reader.open()
    batch = await reader.pull(None)
    batch = await reader.pull(batch.cursor)
    mailbox.deliver(message(1000))
    found: list[int] = []
    for _ in range(10):
        batch = await reader.pull(batch.cursor)
        found += uids(list(batch.items))
        if 901 in found:
            break
        await asyncio.sleep(0.1)  # the server pushes half a second later

    assert 901 in found
    items, _ = await drain(reader, batch.cursor)
    assert sorted(found + uids(items)) == [*range(1, 701), 901]


async def test_reading_flagging_and_deleting_elsewhere_is_noticed(
    mailbox: Mailbox, reader: EmailConnector
) -> None:
    mailbox.append(*messages(5))
    items, cursor = await drain(reader, None)
    with other_client(mailbox) as client:
        client.uid("STORE", "2", "+FLAGS", "(\\Seen)")
        client.uid("STORE", "3", "+FLAGS", "(\\Flagged)")
        client.uid("STORE", "4:5", "+FLAGS", "(\\Deleted)")
        client.expunge()
    await asyncio.wait_for(reader.wait(), 5)

    items, _ = await drain(reader, cursor)

    uidvalidity = _uidvalidity(cursor)
    assert Gone(folder="INBOX", uidvalidity=uidvalidity, uids=(4, 5)) in items
    assert [
        (item.location.uid, item.seen, item.flagged)
        for item in items
        if isinstance(item, MarkedElsewhere)
    ] == [(2, True, False), (3, False, True)]


async def test_a_renumbered_folder_is_said_so_and_read_again(
    mailbox: Mailbox, reader: EmailConnector
) -> None:
    mailbox.append(*messages(3), folder="Work")
    _, cursor = await drain(reader, None)
    with other_client(mailbox) as client:
        client.delete("Work")
    await asyncio.sleep(1.1)  # the server numbers folders by the second
    mailbox.append(message(1), message(7), folder="Work")

    items, _ = await drain(reader, cursor)

    assert isinstance(items[0], FolderReset)
    assert items[0].folder == "Work"
    assert [mail.location.uidvalidity for mail in whole(items)] == [items[0].uidvalidity] * 2


async def test_a_renamed_folder_is_void_and_read_under_its_new_name(
    mailbox: Mailbox, reader: EmailConnector
) -> None:
    mailbox.append(message(1), folder="Work")
    _, cursor = await drain(reader, None)
    with other_client(mailbox) as client:
        client.rename("Work", "Play")

    items, _ = await drain(reader, cursor)

    assert items[0] == FolderReset(folder="Work", uidvalidity=0)
    assert [mail.location.folder for mail in whole(items)] == ["Play"]


async def test_looking_again_with_nothing_new_costs_one_question(
    mailbox: Mailbox, reader: EmailConnector
) -> None:
    mailbox.append(*messages(3))
    mailbox.append(*messages(3), folder="Work")
    _, cursor = await drain(reader, None)
    main = reader._main
    assert main is not None
    assert main._protocol is not None
    before = main._protocol.tagnum

    batch = await reader.pull(cursor)

    assert (batch.items, batch.more) == ((), False)
    assert main._protocol.tagnum - before <= 2  # UNSELECT and LIST … RETURN (STATUS …)


def _uidvalidity(cursor: Cursor) -> int:
    folders = cursor["folders"]
    assert isinstance(folders, dict)
    return int(folders["INBOX"]["uidvalidity"])
