"""What the owner did to messages is done on the server: once, and to no other message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from desktop_inbox.connectors.contract import FolderRole, Letter, Location, Mark
from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.errors import PermanentError, TransientError
from tests.connectors.mailbox_desk import inbox, message, messages, opened, other_client
from tests.support.dovecot import Mailbox
from tests.support.outgoing import a_reply
from tests.support.scripted_imap import Cut, Script, scripted_imap


@pytest.fixture
async def writer(mailbox: Mailbox) -> AsyncIterator[EmailConnector]:
    async with opened(EmailConnector(mailbox.config())) as connector:
        yield connector


def letters(mailbox: Mailbox, *numbers: int, folder: str = "INBOX") -> list[Letter]:
    """Name messages that were put into an empty folder in the order of their numbers."""
    with other_client(mailbox, folder) as client:
        _, data = client.response("UIDVALIDITY")
    assert data[0] is not None
    return [
        Letter(
            location=Location(folder=folder, uidvalidity=int(data[0]), uid=number),
            message_id=f"m{number}@x",
        )
        for number in numbers
    ]


def subjects(mailbox: Mailbox, folder: str = "INBOX") -> list[str]:
    return [
        mailbox.raw(uid, folder).partition(b"\r\n")[0].decode().removeprefix("Subject: ")
        for uid in mailbox.uids(folder)
    ]


def without(monkeypatch: pytest.MonkeyPatch, *extensions: str) -> None:
    """Let the server offer less than it can."""
    has = ImapConnection.has
    monkeypatch.setattr(
        ImapConnection, "has", lambda self, name: name not in extensions and has(self, name)
    )


@pytest.mark.parametrize("mark", Mark)
async def test_messages_are_marked_and_the_mark_taken_off(
    mailbox: Mailbox, writer: EmailConnector, mark: Mark
) -> None:
    mailbox.append(*messages(3))
    for _ in range(2):  # doing it twice does no harm
        await writer.mark(letters(mailbox, 1, 3), mark, on=True)
        assert mailbox.uids(criterion=mark.upper()) == [1, 3]
    await writer.mark(letters(mailbox, 3), mark, on=False)
    assert mailbox.uids(criterion=mark.upper()) == [1]


@pytest.mark.parametrize("lacking", [(), ("MOVE",), ("MOVE", "UIDPLUS")])
async def test_a_message_moves_and_its_new_place_is_known(
    mailbox: Mailbox,
    writer: EmailConnector,
    monkeypatch: pytest.MonkeyPatch,
    lacking: tuple[str, ...],
) -> None:
    without(monkeypatch, *lacking)
    mailbox.append(*messages(3))
    (letter,) = letters(mailbox, 2)

    dealt = await writer.move([letter], role=FolderRole.JUNK)

    assert subjects(mailbox) == ["m1", "m3"]
    assert subjects(mailbox, "Junk") == ["m2"]
    place = dealt[letter.location]
    assert place is not None
    assert (place.folder, place.uid) == ("Junk", mailbox.uids("Junk")[0])


async def test_several_messages_move_in_one_go_each_to_its_own_place(
    mailbox: Mailbox, writer: EmailConnector
) -> None:
    mailbox.append(*messages(30))
    moving = letters(mailbox, *range(1, 31, 3))

    dealt = await writer.move(moving, role=FolderRole.TRASH)

    for letter in moving:
        place = dealt[letter.location]
        assert place is not None
        assert mailbox.raw(place.uid, "Trash") == message(letter.location.uid)


async def test_without_uidplus_nothing_that_others_marked_is_expunged(
    mailbox: Mailbox, writer: EmailConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behaviour 7."""
    without(monkeypatch, "MOVE", "UIDPLUS")
    mailbox.append(*messages(3))
    with other_client(mailbox) as client:
        client.uid("STORE", "1", "+FLAGS", "(\\Deleted)")

    dealt = await writer.move(letters(mailbox, 2), role=FolderRole.ARCHIVE)

    assert mailbox.uids() == [1, 2, 3]
    assert mailbox.uids(criterion="DELETED") == [1, 2]
    assert subjects(mailbox, "Archive") == ["m2"]
    assert [place.folder for place in dealt.values() if place] == ["Archive"]


async def test_a_message_that_is_gone_is_dealt_with(
    mailbox: Mailbox, writer: EmailConnector
) -> None:
    mailbox.append(*messages(2))
    (here, gone) = letters(mailbox, 1, 9)

    dealt = await writer.move([here, gone], role=FolderRole.JUNK)

    assert dealt[gone.location] is None
    assert subjects(mailbox, "Junk") == ["m1"]


async def test_a_message_that_somebody_else_moved_there_is_found(
    mailbox: Mailbox, writer: EmailConnector
) -> None:
    mailbox.append(*messages(2))
    (letter,) = letters(mailbox, 2)
    with other_client(mailbox) as client:
        client.uid("MOVE", "2", "Junk")

    dealt = await writer.move([letter], role=FolderRole.JUNK)

    assert [place.folder for place in dealt.values() if place] == ["Junk"]
    assert subjects(mailbox, "Junk") == ["m2"]


@pytest.mark.parametrize("lacking", [(), ("MOVE",), ("MOVE", "UIDPLUS")])
@pytest.mark.parametrize("step", ["UID MOVE", "UID COPY", "UID STORE", "UID EXPUNGE", "EXPUNGE"])
@pytest.mark.parametrize("answered", [False, True])
async def test_a_move_that_was_cut_off_anywhere_ends_with_one_message(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, lacking: tuple[str, ...], step: str,
    answered: bool,
) -> None:  # fmt: skip
    without(monkeypatch, *lacking)
    mailbox.append(*messages(2))
    change = ImapConnection.change
    cuts = [step]

    async def cut_off(self: ImapConnection, command: str, *parts: bytes) -> object:
        if cuts and command == cuts[0]:
            cuts.pop()
            if answered:  # the server did it, and we never heard of it
                await change(self, command, *parts)
            self.abort()
            raise TransientError("cut", step="change")
        return await change(self, command, *parts)

    monkeypatch.setattr(ImapConnection, "change", cut_off)
    (letter,) = letters(mailbox, 2)
    async with opened(EmailConnector(mailbox.config())) as writer:
        try:
            await writer.move([letter], role=FolderRole.JUNK)
        except TransientError:
            dealt = await writer.move([letter], role=FolderRole.JUNK, again=True)
            assert [place.folder for place in dealt.values() if place] == ["Junk"]

    assert subjects(mailbox) == ["m1"]
    assert subjects(mailbox, "Junk") == ["m2"]


async def test_in_a_renumbered_folder_a_message_is_found_by_its_name(
    mailbox: Mailbox, writer: EmailConnector
) -> None:
    mailbox.append(*messages(3))
    wrong = Letter(location=Location(folder="INBOX", uidvalidity=1, uid=1), message_id="m3@x")

    await writer.mark([wrong], Mark.SEEN, on=True)
    await writer.move([wrong], role=FolderRole.TRASH)

    assert subjects(mailbox) == ["m1", "m2"]
    assert subjects(mailbox, "Trash") == ["m3"]


async def test_what_cannot_be_found_for_now_is_left_out(
    mailbox: Mailbox, writer: EmailConnector
) -> None:
    mailbox.append(*messages(1))
    nameless = Letter(location=Location(folder="INBOX", uidvalidity=1, uid=1))

    assert await writer.move([nameless], role=FolderRole.TRASH) == {}
    assert await writer.mark([nameless], Mark.SEEN, on=True) == {}
    assert mailbox.uids(criterion="UNSEEN") == [1]


async def test_a_folder_that_is_missing_is_made(mailbox: Mailbox, writer: EmailConnector) -> None:
    mailbox.append(*messages(1))
    (letter,) = letters(mailbox, 1)

    await writer.move([letter], role=FolderRole.OTHER, folder="Kunden/Öztürk")

    assert mailbox.uids() == []
    async with opened(EmailConnector(mailbox.config())) as reader:
        batch = await reader.pull(None)
        while not any(getattr(one, "location", None) for one in batch.items):
            batch = await reader.pull(batch.cursor)
        assert batch.items[0].location.folder == "Kunden/Öztürk"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"{tag} NO [OVERQUOTA] your mailbox is full\r\n", PermanentError),
        (b"{tag} NO [NOPERM] not allowed\r\n", PermanentError),
        (b"{tag} NO [LIMIT] slower\r\n", TransientError),
        (b"{tag} NO not today\r\n", TransientError),
        (b"* BYE shutting down\r\n", TransientError),
        (b"gibberish\r\n", TransientError),
        (Cut.HANG_UP, TransientError),
        (Cut.RESET, TransientError),
    ],
)
async def test_a_refusal_says_whether_trying_again_makes_sense(
    answer: bytes | Cut, error: type[Exception]
) -> None:
    script = Script(
        capabilities="IMAP4rev1 MOVE UIDPLUS",
        mails=inbox(2),
        folders=('() "/" INBOX', '(\\Junk) "/" Junk'),
    )
    said = (answer, Cut.HANG_UP) if answer == b"* BYE shutting down\r\n" else answer
    script.answer("UID MOVE", said)
    letter = Letter(location=Location(folder="INBOX", uidvalidity=7, uid=2), message_id="m2@x")
    async with scripted_imap(script), opened(EmailConnector(script.config())) as writer:
        with pytest.raises(error):
            await writer.move([letter], role=FolderRole.JUNK)


async def test_writing_needs_no_connection_of_its_own(mailbox: Mailbox) -> None:
    """Behaviour 21: reading, idling, and one for everything else."""
    mailbox.append(*messages(2), at=datetime(2026, 1, 1, tzinfo=UTC))
    async with opened(EmailConnector(mailbox.config())) as writer:
        await writer.pull(None)
        await writer.mark(letters(mailbox, 1), Mark.SEEN, on=True)
        await writer.find_sent(a_reply(client_ref="a@b"))
        await writer.move(letters(mailbox, 2), role=FolderRole.TRASH)
        assert len(mailbox.sessions()) <= 3
