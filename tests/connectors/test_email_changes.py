"""What changed on the server is found out, also from servers that count wrong (rule O1)."""

from __future__ import annotations

import asyncio

import pytest

from desktop_inbox.connectors.contract import (
    FolderReset,
    Gone,
    Inventory,
    Item,
    MarkedElsewhere,
    RawMail,
)
from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.connectors.email.imap import ImapConnection
from tests.connectors.contract_suite import drain
from tests.connectors.mailbox_desk import (
    inbox,
    message,
    messages,
    opened,
    other_client,
    uids,
    whole,
)
from tests.support.dovecot import Mailbox
from tests.support.scripted_imap import Mail, Script, scripted_imap

CONDSTORE = "IMAP4rev1 CONDSTORE"
QRESYNC = "IMAP4rev1 ENABLE CONDSTORE QRESYNC"


def seen(items: list[Item]) -> dict[int, bool]:
    return {one.location.uid: one.seen for one in items if isinstance(one, MarkedElsewhere)}


def flagged(items: list[Item]) -> dict[int, bool]:
    return {one.location.uid: one.flagged for one in items if isinstance(one, MarkedElsewhere)}


def gone(items: list[Item]) -> list[int]:
    return [uid for one in items if isinstance(one, Gone) for uid in one.uids]


def inventories(items: list[Item]) -> list[Inventory]:
    return [one for one in items if isinstance(one, Inventory)]


# --- servers that count changes ---------------------------------------------------------------


async def test_with_condstore_only_changed_flags_are_asked_for() -> None:
    script = Script(capabilities=CONDSTORE, mails=inbox(6), modseq=10)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        script.mails[2].flags, script.mails[2].modseq = "\\Seen", 11
        del script.mails[3]
        script.mails[7] = Mail(raw=message(7), modseq=12)
        script.modseq = 12
        script.commands.clear()

        items, cursor = await drain(reader, cursor)

        assert (seen(items), gone(items), uids(items)) == ({2: True}, [3], [7])
        assert [one for one in script.commands if "CHANGEDSINCE" in one] == [
            "UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE 10)"
        ]
        assert not any("UNSEEN" in one for one in script.commands if "SEARCH" in one)
        script.mails[2].flags, script.mails[2].modseq, script.modseq = "", 13, 13
        items, cursor = await drain(reader, cursor)
        assert seen(items) == {2: False}


async def test_with_condstore_an_expunged_message_is_missed_by_its_count() -> None:
    """An expunged message need not change HIGHESTMODSEQ (RFC 7162 3.1.1)."""
    script = Script(capabilities=CONDSTORE, mails=inbox(4), modseq=10)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        del script.mails[2]

        items, cursor = await drain(reader, cursor)

        assert gone(items) == [2]
        script.commands.clear()
        items, cursor = await drain(reader, cursor)
        assert items == []
        assert not any("FETCH" in one or "SEARCH" in one for one in script.commands)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", CONDSTORE])
async def test_marks_are_followed_whatever_the_server_offers(capabilities: str) -> None:
    counts = "CONDSTORE" in capabilities
    mails = inbox(5)
    mails[4].flags = "\\Flagged"
    script = Script(capabilities=capabilities, mails=mails, modseq=10 if counts else None)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        items, cursor = await drain(reader, None)
        assert {one.location.uid for one in items if isinstance(one, RawMail) and one.flagged} == {
            4
        }
        for uid, marks in ((2, "\\Flagged"), (3, "\\Seen \\Flagged"), (4, "")):
            script.mails[uid].flags, script.mails[uid].modseq = marks, 11
        script.mails[5].flags, script.mails[5].modseq = "\\Deleted", 11
        script.modseq = 11 if counts else None

        items, cursor = await drain(reader, cursor)

        assert flagged(items) == {2: True, 3: True, 4: False, 5: False}
        assert seen(items) == {2: False, 3: True, 4: False, 5: False}
        assert [
            one.location.uid for one in items if isinstance(one, MarkedElsewhere) if one.deleted
        ] == [5]
        items, _ = await drain(reader, cursor)
        assert items == []


async def test_vanished_messages_and_changed_flags_come_with_the_opening() -> None:
    script = Script(capabilities=QRESYNC, mails=inbox(5), modseq=10)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        script.modseq = 12
        script.answer("EXAMINE .*QRESYNC .7 10", _told("* VANISHED (EARLIER) 2,4"))

        items, _ = await drain(reader, cursor)

    assert (gone(items), seen(items)) == ([2, 4], {3: True})
    assert inventories(items) == []


def _told(vanished: str, *, modseq: str = "[HIGHESTMODSEQ 12]", closed: bool = True) -> bytes:
    return (
        ("* OK [CLOSED] the other\r\n" if closed else "")
        + "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 6] x\r\n"
        + f"* OK {modseq} x\r\n"
        + (f"{vanished}\r\n" if vanished else "")
        + "* 2 FETCH (UID 3 FLAGS (\\Seen) MODSEQ (11))\r\n{tag} OK [READ-ONLY] done\r\n"
    ).encode()


# --- servers that contradict themselves -------------------------------------------------------


EVERYTHING = Inventory(folder="INBOX", uidvalidity=7, below=6, uids=(1, 3, 5), unseen=(1, 5))


@pytest.mark.parametrize("capabilities", [QRESYNC, CONDSTORE])
@pytest.mark.parametrize("modseq", [4, None])
async def test_a_counter_that_goes_back_or_away_means_comparing_everything(
    capabilities: str, modseq: int | None
) -> None:
    script = Script(capabilities=capabilities, mails=inbox(5), modseq=10)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        script.modseq = modseq
        script.mails[3].flags = "\\Seen"
        for uid in (2, 4):
            del script.mails[uid]

        items, cursor = await drain(reader, cursor)

        assert inventories(items) == [EVERYTHING]
        assert uids(items) == []
        script.mails[1].flags, script.mails[1].modseq = "\\Seen", 5
        script.modseq = None if modseq is None else 5
        if "QRESYNC" not in capabilities or modseq is None:
            items, cursor = await drain(reader, cursor)  # and then all goes on as usual
            assert seen(items) == {1: True}


async def test_changes_that_may_be_another_folders_are_not_believed() -> None:
    """A missing CLOSED: what came may belong to the folder that was open before (RFC 7162)."""
    script = Script(capabilities=QRESYNC, mails=inbox(5), modseq=10)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        script.modseq = 12
        for uid in (2, 4):
            del script.mails[uid]
        script.uidnext = 6
        script.mails[3].flags = "\\Seen"
        script.answer("EXAMINE .*QRESYNC", _told("* VANISHED (EARLIER) 1,5", closed=False))
        assert reader._main is not None
        assert reader._main.selected is not None

        items, _ = await drain(reader, cursor)

    assert inventories(items) == [EVERYTHING]
    assert gone(items) == []


@pytest.mark.parametrize("vanished", ["1:*", "x", "9999999999999", ""])
async def test_nonsense_about_what_vanished_means_comparing_everything(vanished: str) -> None:
    script = Script(capabilities=QRESYNC, mails=inbox(5), modseq=10)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        script.modseq = 12
        script.answer("EXAMINE .*QRESYNC", _told(f"* VANISHED (EARLIER) {vanished}"))
        items, cursor = await drain(reader, cursor)
    assert gone(items) == []
    assert [one.uids for one in inventories(items)] == ([(1, 2, 3, 4, 5)] if vanished else [])


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", CONDSTORE, QRESYNC])
async def test_uids_that_are_given_out_again_are_other_messages(capabilities: str) -> None:
    """UIDNEXT going back: the server was restored from a copy."""
    script = Script(capabilities=capabilities, mails=inbox(6), modseq=10)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as reader:
        _, cursor = await drain(reader, None)
        for uid in (4, 5, 6):
            del script.mails[uid]
        script.modseq = 8

        items, cursor = await drain(reader, cursor)

        assert FolderReset(folder="INBOX", uidvalidity=7, from_uid=4) in items
        assert [one.uids for one in inventories(items)] == [(1, 2, 3)]
        script.mails[4] = Mail(raw=message(40), modseq=9)
        script.modseq = 9
        if "QRESYNC" in capabilities:
            script.answer("EXAMINE .*QRESYNC", _usual_opening(script))
        items, cursor = await drain(reader, cursor)
        assert [one.raw for one in whole(items)] == [message(40)]


def _usual_opening(script: Script) -> bytes:
    return (
        f"* OK [CLOSED] x\r\n* {len(script.mails)} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n"
        f"* OK [UIDNEXT 5] x\r\n* OK [HIGHESTMODSEQ {script.modseq}] x\r\n"
        "{tag} OK [READ-ONLY] done\r\n"
    ).encode()


# --- Dovecot ----------------------------------------------------------------------------------


@pytest.mark.parametrize("extensions", [(), ("QRESYNC",), ("QRESYNC", "CONDSTORE")])
async def test_every_way_of_comparing_finds_the_same(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, extensions: tuple[str, ...]
) -> None:
    note = ImapConnection._set_capabilities

    def set_capabilities(self: ImapConnection, words: bytes) -> None:
        note(self, b" ".join(w for w in words.split() if w.decode().upper() not in extensions))

    monkeypatch.setattr(ImapConnection, "_set_capabilities", set_capabilities)
    mailbox.append(*messages(8))
    mailbox.append(*messages(2), folder="Work")
    async with opened(EmailConnector(mailbox.config())) as reader:
        _, cursor = await drain(reader, None)
        with other_client(mailbox) as client:
            client.uid("STORE", "2:3", "+FLAGS", "(\\Seen)")
            client.uid("MOVE", "5", "Work")
            client.uid("STORE", "7", "+FLAGS", "(\\Deleted)")
            client.expunge()
        await asyncio.to_thread(mailbox.deliver, message(20))

        items, cursor = await drain(reader, cursor)
        for _ in range(50):  # Dovecot looks after other folders' counts a moment later
            if len(whole(items)) == 2:
                break
            await asyncio.sleep(0.1)
            later, cursor = await drain(reader, cursor)
            items += later

        assert seen(items) == {2: True, 3: True}
        assert gone(items) == [5, 7]
        assert sorted(one.location.uid for one in whole(items)) == [3, 9]
        items, _ = await drain(reader, cursor)
        assert items == []
