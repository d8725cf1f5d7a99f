"""Without UIDPLUS a moved message may stay behind, marked as deleted: it is not mail again (O7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from desktop_inbox.connectors.contract import FolderRole, Letter, Location, RawMail
from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import accounts, schema
from tests.connectors.contract_suite import drain
from tests.connectors.mailbox_desk import inbox, opened
from tests.connectors.test_email_writing import without
from tests.support.desk import Desk
from tests.support.dovecot import Dovecot, dovecot  # noqa: F401
from tests.support.scripted_imap import Script, scripted_imap
from tests.support.smtp_server import SmtpServer, _smtp_process, smtp_server  # noqa: F401
from tests.support.tls_authority import authority  # noqa: F401
from tests.sync.test_mailbox_twins import letter, other_client

HERE = {("mug", "Archive"), ("bowl", "INBOX"), ("others", "INBOX")}


@pytest.fixture
def desk(
    tmp_path: Path,
    dovecot: Dovecot,  # noqa: F811
    smtp_server: SmtpServer,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """A desk whose mailbox holds two messages, on a server that can neither move nor UIDPLUS."""
    without(monkeypatch, "MOVE", "UIDPLUS")
    desk = Desk.open(tmp_path / "workspace", dovecot.mailbox("shop"), smtp_server)
    desk.mailbox.append(letter("mug"), letter("bowl"), letter("others"))
    with other_client(desk.mailbox) as client:
        client.uid("STORE", "3", "+FLAGS", "(\\Deleted)")
    yield desk
    desk.close()


def lying(desk: Desk) -> set[tuple[str, str]]:
    """Return (subject, folder) of every place that we know of."""
    query = select(schema.message.c.subject, schema.message_location.c.folder).join(
        schema.message_location, schema.message_location.c.message_id == schema.message.c.id
    )
    return desk.read(lambda conn: {(subject, folder) for subject, folder in conn.execute(query)})


async def archived(desk: Desk) -> tuple[int, int]:
    """Fetch the mailbox and have the mug archived; return the account and the conversation."""
    account = await desk.add_account()
    settings = {**desk.settings, "on_close": "archive"}
    desk.write(lambda tx: accounts.change(tx, account, settings=settings))
    await desk.sync()
    mug = desk.conversation_about("mug").id
    desk.write(lambda tx: actions.close(tx, [mug]))
    await desk.sync()
    return account, mug


async def test_what_a_move_leaves_behind_is_neither_fetched_nor_moved_again(desk: Desk) -> None:
    account, mug = await archived(desk)
    assert desk.mailbox.uids(criterion="DELETED") == [1, 3], "nobody's message was expunged"

    desk.write(lambda tx: accounts.ask_for_reconciliation(tx, account))
    await desk.sync()
    assert lying(desk) == HERE
    assert len(desk.messages()) == 3
    found = desk.read(lambda conn: conn.scalar(select(schema.sync_cursor.c.found_missing)))
    assert found == 0

    desk.write(lambda tx: actions.reopen(tx, [mug]))  # back to the inbox, and away once more
    await desk.sync()
    desk.write(lambda tx: actions.close(tx, [mug]))
    await desk.sync()
    await desk.sync()  # what was being read while it was moved is told of once more
    assert lying(desk) == HERE
    assert len(desk.mailbox.uids("Archive", criterion="UNDELETED")) == 1


async def test_a_mailbox_read_anew_knows_what_was_left_behind(desk: Desk) -> None:
    """The folder is renumbered, or the cursor is lost."""
    account, _ = await archived(desk)
    desk.write(lambda tx: accounts.set_cursor(tx, account, {}))
    await desk.sync()
    assert lying(desk) == HERE
    assert len(desk.messages()) == 3


async def test_a_server_without_extensions_is_never_told_to_expunge_for_others() -> None:
    script = Script(capabilities="IMAP4rev1", mails=inbox(3))
    script.folders = ('() "/" INBOX', '(\\Archive) "/" "Archive"')
    script.mails[3].flags = "\\Deleted"

    def store(text: str) -> None:
        script.mails[int(text.split()[2])].flags = "\\Deleted"

    script.answer("UID STORE", store)
    async with scripted_imap(script), opened(EmailConnector(script.config())) as connector:
        _, cursor = await drain(connector, None)
        place = Location(folder="INBOX", uidvalidity=7, uid=2)
        await connector.move([Letter(location=place, message_id="m2@x")], role=FolderRole.ARCHIVE)

        assert [one for one in script.commands if "COPY" in one] == ['UID COPY 2 "Archive"']
        assert not any("EXPUNGE" in one for one in script.commands)
        batch = await connector.reconcile(cursor, {("INBOX", 7): [1, 3]})
        assert (batch.missing, batch.items) == (0, ())
        items, _ = await drain(connector, batch.cursor)
        assert not [one for one in items if isinstance(one, RawMail)]
