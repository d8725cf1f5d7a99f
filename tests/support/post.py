"""Mail that arrives in a workspace without a server and without a worker process."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from desktop_inbox.connectors.contract import FolderRole, Item, RawMail
from desktop_inbox.mime.parse import parse_message
from desktop_inbox.store import accounts, raw_mails
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.sync.following import settle
from desktop_inbox.sync.ingest import Ingested, store_items
from desktop_inbox.sync.mail import message_id_of
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.parsing import Parsed
from tests.support.engine_room import ADDRESS, Room
from tests.support.scripted_connector import mail_text, raw_mail

START = datetime(2026, 9, 21, 8, tzinfo=UTC)
AYSE = "Ayşe <ayse@example.org>"
BO = "Bo <bo@example.net>"
EVE = "Eve <eve@evil.example>"
SHOP = f"Shop <{ADDRESS}>"


class Post:
    """Brings mail into one account's tables without a server or a worker."""

    def __init__(self, room: Room) -> None:
        self.room = room
        key = room.add_account()
        row = room.read(lambda conn: accounts.row(conn, key))
        assert row is not None
        self.mailbox = Mailbox(id=key, uid=row.uid, own=frozenset({ADDRESS}))
        self.pulls = itertools.count(1)
        self.uids = itertools.count(1)

    def bring(self, *items: Item) -> Ingested:
        """Store one batch."""
        parsed = [self._parsed(item) for item in items if isinstance(item, RawMail)]
        cursor = {"pull": next(self.pulls)}
        return self.room.write(
            lambda tx: store_items(tx, self.mailbox, items, parsed, cursor=cursor)
        )

    def look(self) -> None:
        """Have a look at the whole mailbox end here, with nothing else found."""
        self.room.write(lambda tx: settle(tx, self.mailbox.id))

    def _parsed(self, mail: RawMail) -> Parsed:
        sha256, packed = "", b""
        if mail.complete:
            sha256, packed = raw_mails.keep(self.room.workspace.files, mail.raw)
        return Parsed(
            mail=mail,
            message=parse_message(mail.raw, complete=mail.complete),
            raw_sha256=sha256,
            raw_packed=packed,
        )

    def mail(
        self,
        message_id: str,
        *,
        sender: str = AYSE,
        to: str = SHOP,
        minute: int = 0,
        reply_to: str = "",
        references: Iterable[str] = (),
        role: FolderRole | None = None,
        seen: bool = False,
        flagged: bool = False,
        complete: bool = True,
        **more: str,
    ) -> RawMail:
        """Return a mail; what the shop writes lies in Sent."""
        at = START + timedelta(minutes=minute)
        text = mail_text(
            message_id=message_id,
            sender=sender,
            to=to,
            date=format_datetime(at),
            in_reply_to=reply_to,
            references=references,
            **more,
        )
        if not complete:
            text = text.partition("\n\n")[0] + "\n\n"
        where = role or (FolderRole.SENT if sender == SHOP else FolderRole.INBOX)
        mail = raw_mail(
            text,
            uid=next(self.uids),
            folder=where.value,
            role=where,
            received_at=at + timedelta(seconds=5),
            seen=seen,
            complete=complete,
        )
        return replace(mail, flagged=flagged)

    def groups(self) -> set[frozenset[str]]:
        """Return the Message-IDs of each conversation."""
        return {
            frozenset(message_id_of(one) for one in self.room.messages(row.id))
            for row in self.room.conversations()
        }

    def only(self) -> ConversationRow:
        (row,) = self.room.conversations()
        return row

    def only_named(self, subject: str) -> ConversationRow:
        (row,) = (row for row in self.room.conversations() if row.subject == subject)
        return row
