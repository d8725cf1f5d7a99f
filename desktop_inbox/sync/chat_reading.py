"""How far chats have been read: by the customer, and by us on another device.

Runs on the store's writer thread, as part of the one transaction of ingest. A chat remembers how
far, so that messages which come later than the news of their being read count as read too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from desktop_inbox.connectors.chat import ReadUntil
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store import chat_messages, chats, messages
from desktop_inbox.store.chats import ChatRow
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.spoken import Spoken, in_milliseconds


def follow(tx: Tx, mailbox: Mailbox, news: Iterable[ReadUntil]) -> set[int]:
    """Take account of what was read; return the conversations to refresh."""
    wanted = list(news)
    names = {one.chat.external_id: one.chat for one in wanted}
    known = chats.by_names(tx.conn, mailbox.id, names)
    touched: set[int] = set()
    for one in wanted:
        name = one.chat.external_id
        if name not in known:  # its messages may still be on their way
            chats.create(tx, mailbox.id, name, title=one.chat.title, is_group=one.chat.group)
            known |= chats.by_names(tx.conn, mailbox.id, [name])
        until = in_milliseconds(one.at)
        if one.by_me:
            touched |= _read_by_us(tx, known[name], until)
        else:
            chats.reach(tx, known[name].id, "read_until", until)
            touched |= _read_by_them(tx, known[name].id, until)
    return touched


def _read_by_us(tx: Tx, chat: ChatRow, until: datetime) -> set[int]:
    """Only what was not told of before: somebody may have marked the rest as unread again."""
    before = chats.reach(tx, chat.id, "seen_until", until)
    if before is not None and before >= until:
        return set()
    seen = chat_messages.unseen_until(tx.conn, chat.id, until, after=before)
    return messages.set_seen(tx, dict.fromkeys(seen, True))


def _read_by_them(tx: Tx, chat_id: int, until: datetime) -> set[int]:
    touched = set()
    for message_id in chat_messages.ours_until(tx.conn, chat_id, until):
        messages.set_delivery(tx, message_id, Delivery.READ)
        row = messages.row(tx.conn, message_id)
        if row is not None:
            touched.add(row.conversation_id)
    return touched


def seen_until(tx: Tx, mailbox: Mailbox, spoken: Sequence[Spoken]) -> dict[str, datetime]:
    """Return how far we had read the chats of these messages on another device, by name."""
    known = chats.by_names(tx.conn, mailbox.id, {one.chat.external_id for one in spoken})
    return {name: row.seen_until for name, row in known.items() if row.seen_until is not None}


def read_on_arrival(tx: Tx, mailbox: Mailbox, spoken: Sequence[Spoken]) -> None:
    """Let what we wrote elsewhere count as read where the customer has read on beyond it."""
    known = chats.by_names(
        tx.conn, mailbox.id, {one.chat.external_id for one in spoken if one.from_me}
    )
    for row in known.values():
        if row.read_until is not None:
            _read_by_them(tx, row.id, row.read_until)
