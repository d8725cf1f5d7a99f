"""Reading a mailbox of a server that lacks what others have, or breaks what it promised."""

from __future__ import annotations

import asyncio

import pytest

from desktop_inbox.connectors.contract import (
    Cursor,
    Gone,
    Item,
    MarkedElsewhere,
)
from desktop_inbox.connectors.email import connector as email_connector
from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.connectors.errors import TransientError
from tests.connectors.contract_suite import drain
from tests.connectors.mailbox_desk import (
    inbox,
    message,
    messages,
    opened,
    uids,
    whole,
)
from tests.connectors.mailbox_desk import reader as reader
from tests.support.dovecot import Mailbox
from tests.support.outgoing import a_reply
from tests.support.scripted_imap import Cut, Mail, Script, scripted_imap


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
