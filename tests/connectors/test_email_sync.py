"""Reading a mailbox: newest first, in bounded pieces, each message once, changes noticed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import imaplib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_inbox.connectors.contract import (
    Cursor,
    FolderReset,
    FolderRole,
    Gone,
    Item,
    Location,
    MarkedElsewhere,
    RawMail,
)
from desktop_inbox.connectors.email import connector as email_connector
from desktop_inbox.connectors.email import reading
from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.connectors.errors import PermanentError, TransientError
from desktop_inbox.mime.parse import parse_message
from tests.connectors.contract_suite import drain
from tests.support.dovecot import Mailbox
from tests.support.outgoing import a_reply
from tests.support.scripted_imap import Cut, Mail, Script, scripted_imap


def message(number: int, *, size: int = 10) -> bytes:
    return f"Subject: m{number}\r\nMessage-ID: <m{number}@x>\r\n\r\n{'x' * size}\r\n".encode()


def messages(count: int, *, size: int = 10) -> Iterator[bytes]:
    return (message(number, size=size) for number in range(1, count + 1))


def with_file(name: str, data: bytes) -> bytes:
    body = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return (
        b'Subject: file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee the file.\r\n"
        b'--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="'
        + name.encode()
        + b'"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + body
        + b"--b--\r\n"
    )


def mails(items: list[Item]) -> list[RawMail]:
    return [item for item in items if isinstance(item, RawMail)]


def whole(items: list[Item]) -> list[RawMail]:
    return [mail for mail in mails(items) if mail.complete]


def uids(items: list[Item]) -> list[int]:
    return [mail.location.uid for mail in whole(items)]


@asynccontextmanager
async def opened(connector: EmailConnector) -> AsyncIterator[EmailConnector]:
    await connector.open()
    try:
        yield connector
    finally:
        await connector.close()


@contextlib.contextmanager
def other_client(mailbox: Mailbox, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
    client = mailbox.imap()
    client.select(folder)
    try:
        yield client
    finally:
        client.logout()


@pytest.fixture
async def reader(mailbox: Mailbox) -> AsyncIterator[EmailConnector]:
    async with opened(EmailConnector(mailbox.config())) as connector:
        yield connector


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


# --- servers without extensions, and broken ones ---------------------------------------------


def inbox(count: int) -> dict[int, Mail]:
    return {uid: Mail(raw=message(uid)) for uid in range(1, count + 1)}


async def test_a_server_without_extensions_is_read_completely() -> None:
    script = Script(capabilities="IMAP4rev1", mails=inbox(300))
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        items, _ = await drain(reader, None)

    assert uids(items) == list(range(300, 0, -1))


async def test_without_extensions_changes_are_found_by_comparing() -> None:
    script = Script(capabilities="IMAP4rev1", mails=inbox(6))
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        script.mails[2].flags = "\\Seen"
        del script.mails[3]
        script.mails[9] = Mail(raw=message(9))

        items, cursor = await drain(reader, cursor)

        assert Gone(folder="INBOX", uidvalidity=7, uids=(3,)) in items
        assert [item.location.uid for item in items if isinstance(item, MarkedElsewhere)] == [2]
        assert uids(items) == [9]
        script.mails[2].flags = ""
        items, _ = await drain(reader, cursor)
        assert [
            (one.location.uid, one.seen) for one in items if isinstance(one, MarkedElsewhere)
        ] == [(2, False)]


async def test_where_the_server_cannot_push_asking_brings_news(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(email_connector, "PROBE_SECONDS", 0.02)
    script = Script(capabilities="IMAP4rev1", mails=inbox(2))
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        waiting = asyncio.create_task(reader.wait())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        script.mails[3] = Mail(raw=message(3))

        await asyncio.wait_for(waiting, 5)

        items, _ = await drain(reader, cursor)
        assert uids(items) == [3]
        assert script.connections == 1


async def test_a_refused_second_connection_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_connector, "PROBE_SECONDS", 0.02)
    script = Script(mails=inbox(2))
    script.answer(
        "LOGIN",
        lambda text: b"{tag} NO [LIMIT] too many\r\n" if script.connections > 1 else None,
    )
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        waiting = asyncio.create_task(reader.wait())
        await asyncio.sleep(0.1)
        script.mails[3] = Mail(raw=message(3))
        await asyncio.wait_for(waiting, 5)
        items, _ = await drain(reader, cursor)

    assert uids(items) == [3]
    assert script.connections == 2


async def test_a_push_during_idle_ends_the_wait_at_once() -> None:
    script = Script(mails=inbox(2))
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        waiting = asyncio.create_task(reader.wait())
        await script.idling.wait()
        script.mails[3] = Mail(raw=message(3))
        script.push(b"* 3 EXISTS\r\n")

        await asyncio.wait_for(waiting, 1)

        items, _ = await drain(reader, cursor)
        assert uids(items) == [3]


async def test_a_silent_server_is_noticed_while_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop_inbox.connectors.email import imap

    monkeypatch.setattr(email_connector, "PROBE_SECONDS", 0.02)
    monkeypatch.setattr(imap, "DONE_SECONDS", 0.05)
    script = Script(mails=inbox(1))
    script.answer("NOOP", Cut.SILENCE)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        await drain(reader, None)

        with pytest.raises(TransientError, match="no answer"):
            await asyncio.wait_for(reader.wait(), 5)


async def test_a_message_the_server_cannot_give_is_handed_over_as_it_is() -> None:
    script = Script(capabilities="IMAP4rev1", mails=inbox(5))
    hidden = script.mails[3]

    def fetch(text: str) -> bytes | None:
        if "BODY.PEEK[]" not in text:
            return None
        if text.startswith("UID FETCH 3 "):
            return b"{tag} NO [SERVERBUG] cannot read it\r\n"
        return (
            b"".join(
                b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (uid, uid, len(one.raw), one.raw)
                for uid, one in script.mails.items()
                if one is not hidden
            )
            + b"{tag} NO some messages could not be read\r\n"
        )

    script.answer("UID FETCH", fetch)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        items, _ = await drain(reader, None)

    assert uids(items) == [5, 4, 3, 2, 1]
    assert whole(items)[2].raw == b"Subject: m3\r\nMessage-ID: <m3@x>\r\n\r\n"


async def test_a_message_that_vanishes_on_the_way_is_gone() -> None:
    script = Script(capabilities="IMAP4rev1", mails=inbox(5))

    def fetch(text: str) -> bytes | None:
        if "BODY.PEEK[]" in text:
            script.mails.pop(4, None)
        return None

    script.answer("UID FETCH", fetch)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        items, _ = await drain(reader, None)

    assert uids(items) == [5, 3, 2, 1]
    assert Gone(folder="INBOX", uidvalidity=7, uids=(4,)) in items


async def test_a_message_the_server_hangs_up_over_does_not_stop_the_folder() -> None:
    script = Script(capabilities="IMAP4rev1", mails=inbox(5))
    script.answer(
        "UID FETCH",
        lambda text: Cut.HANG_UP if "BODY.PEEK[]" in text and _asks_for(text, 3) else None,
    )
    found: list[Item] = []
    cursor: Cursor | None = None
    async with scripted_imap(script):
        connector = EmailConnector(script.config())
        for _ in range(20):
            await connector.open()
            try:
                more = True
                while more:
                    batch = await connector.pull(cursor)
                    cursor, more = batch.cursor, batch.more
                    found += batch.items
            except TransientError:
                continue
            break
        await connector.close()

    assert sorted(uids(found)) == [1, 2, 3, 4, 5]
    assert {mail.location.uid: mail.raw for mail in whole(found)}[3] == b""


def _asks_for(text: str, uid: int) -> bool:
    low, _, high = text.split()[2].partition(":")
    return int(low) <= uid <= int(high or low)


async def test_a_folder_that_will_not_open_is_left_out() -> None:
    script = Script(
        capabilities="IMAP4rev1",
        mails=inbox(2),
        folders=('() "/" INBOX', '() "/" "Locked"'),
    )
    script.answer(
        'STATUS "Locked"', b"* STATUS Locked (UIDVALIDITY 1 UIDNEXT 5 MESSAGES 4)\r\n{tag} OK\r\n"
    )
    script.answer('EXAMINE "Locked"', b"{tag} NO [NOPERM] not yours\r\n")
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        items, _ = await drain(reader, None)

    assert uids(items) == [2, 1]


async def test_gmail_is_asked_only_for_what_the_inbox_and_sent_do_not_hold() -> None:
    script = Script(
        capabilities="IMAP4rev1 X-GM-EXT-1",
        mails=inbox(2),
        folders=('() "/" INBOX', '() "/" "Label"', '(\\All) "/" "[Gmail]/All Mail"'),
    )
    status = b'* STATUS "[Gmail]/All Mail" (UIDVALIDITY 7 UIDNEXT 90 MESSAGES 80)\r\n'
    script.answer('STATUS ".Gmail', status + b"{tag} OK done\r\n")
    script.answer(
        'EXAMINE ".Gmail',
        b"* 80 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 90] x\r\n{tag} OK\r\n",
    )
    script.answer("UID SEARCH.*X-GM-RAW", b"* SEARCH\r\n{tag} OK done\r\n")
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        items, _ = await drain(reader, None)

    assert uids(items) == [2, 1]
    asked = [one for one in script.commands if one.startswith("UID SEARCH UID 1:89")]
    assert asked == ['UID SEARCH UID 1:89 X-GM-RAW "-in:inbox -in:sent -in:drafts -in:chats"']
    assert not any("Label" in one for one in script.commands)


@pytest.mark.parametrize(
    ("offered", "told"), [(" X-GM-EXT-1", ["", "1278455344230334865"]), ("", ["", ""])]
)
async def test_what_gmail_calls_a_thread_is_told_with_the_message(
    offered: str, told: list[str]
) -> None:
    mails = inbox(2)
    mails[1].gmail_thread = 1278455344230334865
    script = Script(capabilities=f"IMAP4rev1{offered}", mails=mails)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        items, _ = await drain(reader, None)

    assert [mail.thread for mail in whole(items)] == told
    assert offered or not any("X-GM" in one for one in script.commands)


async def test_a_lying_size_is_read_all_the_same() -> None:
    script = Script(capabilities="IMAP4rev1", mails={1: Mail(raw=message(1, size=900_000), size=5)})
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        items, _ = await drain(reader, None)

    assert len(whole(items)[0].raw) > 900_000


@pytest.mark.parametrize("cut", [Cut.HANG_UP, Cut.RESET])
async def test_half_a_literal_is_no_message(cut: Cut) -> None:
    script = Script(capabilities="IMAP4rev1", mails=inbox(3))
    half = (b"* 3 FETCH (UID 3 BODY[] {900}\r\nhalf", cut)
    script.answer("UID FETCH", lambda text: half if "BODY.PEEK[]" in text else None)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        with pytest.raises(TransientError):
            await drain(reader, None)


async def test_at_most_three_connections_are_used(mailbox: Mailbox) -> None:
    mailbox.append(*messages(3))
    async with opened(EmailConnector(mailbox.config())) as reader:
        await drain(reader, None)
        waiting = asyncio.create_task(reader.wait())
        await reader.find_sent(a_reply(client_ref="a@b"))
        await reader.find_sent(a_reply(client_ref="c@d"))
        assert len(mailbox.sessions()) <= 3
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
