"""A chat in a thread view, and what its service brings, for tests of what is drawn."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtWidgets import QMenu

from desktop_inbox.connectors.chat import Chat
from desktop_inbox.connectors.contract import Item
from desktop_inbox.store import accounts, messages, remote_files
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.rows import AttachmentRow, MessageRow
from desktop_inbox.sync.chat_batch import keep_raw, reply_window
from desktop_inbox.sync.chat_ingest import store_chat
from desktop_inbox.sync.mailbox import mailbox_of
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.attachments import AttachmentChip
from desktop_inbox.ui.views.message_bubble import MessageBubble
from desktop_inbox.ui.views.message_card import MessageCard
from desktop_inbox.ui.views.piece_lines import PieceRow
from desktop_inbox.ui.views.piece_reactions import SignPill
from desktop_inbox.ui.views.thread_view import ThreadView
from tests.support.qt_waits import until

BEGUN = utc_now() - timedelta(hours=2)
ROOM = Chat(external_id="elif")


class Talk:
    """A thread view on one chat, and what its service brings."""

    def __init__(self, context: AppContext, view: ThreadView, kind: str) -> None:
        self.context = context
        self.view = view
        self.kind = kind

    async def bring(self, *items: Item) -> None:
        """Store what the service tells, and show the conversation with all of it open."""
        files = self.context.workspace.files

        def store(tx: Tx) -> None:
            rows = [row for row in accounts.list_all(tx.conn) if row.kind == self.kind]
            raw, window = keep_raw(files, items), reply_window(self.kind)
            store_chat(
                tx, mailbox_of(rows[0], rows), items, raw=raw, reply_window=window, cursor={}
            )

        await self.context.write(store)
        self.context.select(1)
        self.view.show_conversation(1)
        await until(lambda: self.view.data is not None and self.view.timeline.bubbles())
        self.view.timeline.expand_all(expanded=True)

    async def fetch(self, name: str, data: bytes) -> None:
        """Let a file have come."""
        sha256 = self.context.workspace.files.put(data)
        row = await self.file(name)
        await self.context.write(
            lambda tx: remote_files.fetched(tx, row.id, sha256=sha256, size=len(data))
        )

    async def give_up(self, name: str, problem: str) -> None:
        """Let fetching a file have ended for a reason."""
        row = await self.file(name)

        def store(tx: Tx) -> None:
            remote = remote_files.of_attachment(tx.conn, row.id)
            assert remote is not None
            remote_files.put_off(tx, remote, next_at=None, problem=problem)

        await self.context.write(store)

    async def file(self, name: str) -> AttachmentRow:
        rows = await self.context.read(lambda conn: messages.of_conversation(conn, 1))
        return next(one for row in rows for one in row.attachments if one.name == name)

    async def stored(self, external_id: str) -> MessageRow:
        rows = await self.context.read(lambda conn: messages.of_conversation(conn, 1))
        return next(row for row in rows if row.external_id == external_id)

    def bubble(self, external_id: str) -> MessageBubble:
        return next(
            one for one in self.view.timeline.bubbles() if one.message.external_id == external_id
        )

    def card(self, external_id: str) -> MessageCard:
        card = self.bubble(external_id).findChild(MessageCard)
        assert isinstance(card, MessageCard)
        return card

    def lines(self, external_id: str) -> list[PieceRow]:
        pieces = self.card(external_id)._pieces.made
        return pieces.rows if pieces is not None else []

    def chips(self, external_id: str) -> list[AttachmentChip]:
        strip = self.card(external_id).attachments
        return strip.chips() if strip is not None else []

    def pills(self, external_id: str) -> list[SignPill]:
        found = self.bubble(external_id).findChildren(SignPill)
        return [one for one in found if one.isVisible()]

    def press(self, row: PieceRow, words: str) -> None:
        next(link for link in row.links if link.text() == words).click()

    def offered(self, external_id: str) -> list[str]:
        """What the menu of a message offers."""
        menu = QMenu()
        self.view.message_menu.fill(self.bubble(external_id).message.id, menu)
        texts = [action.text() for action in menu.actions() if action.text()]
        menu.deleteLater()
        return texts


async def begin_talk(context: AppContext, view: ThreadView, kind: str) -> Talk:
    """A chat that an account of this kind brings."""
    await context.write(
        lambda tx: accounts.create(
            tx, kind=kind, title="Talk", address="+4930123456", settings={"name": "The shop"}
        )
    )
    return Talk(context, view, kind)


def at(minute: int) -> datetime:
    return BEGUN + timedelta(minutes=minute)
