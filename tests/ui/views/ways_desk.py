"""A conversation that one customer has on several channels, in a thread pane."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_inbox.connectors.chat import Person
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store import accounts, drafts, messages
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.rows import DraftRow, MessageRow
from desktop_inbox.sync.chat_ingest import store_chat
from desktop_inbox.sync.mailbox import mailbox_of
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.composer_menus import reply_menu
from desktop_inbox.ui.views.composer_parts import QuestionStrip
from desktop_inbox.ui.views.thread_view import ThreadView
from tests.support.qt_waits import until
from tests.support.scripted_chat import ELIF, also, said

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Elif as both services know her, with an address that one of them vouches for.
TALKER = also(ELIF, attested=(("email", "elif@example.org"),))
PAGED = Person(
    kind="pager", address="p7", name="Elif", scoped=True, attested=(("phone", ELIF.address),)
)


def buttons(strip: QuestionStrip) -> dict[str, QPushButton]:
    """What a strip offers, by its words."""
    return {one.text(): one for one in strip.buttons() if isinstance(one, QPushButton)}


class Desk:
    """A thread pane on Elif's conversation: mail, the talk (with a window) and the pager."""

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.now = utc_now()
        self.talk = self.pager = self.mail = 0
        self.view: ThreadView

    async def set_up(self, *, written: timedelta) -> None:
        """She wrote so long ago on the talk, and before that on the pager."""
        self.now = utc_now()
        await self.context.write(lambda tx: self._fill(tx, self.now - written))

    def _fill(self, tx: Tx, at: datetime) -> None:
        def add(kind: str, address: str) -> int:
            return accounts.create(tx, kind=kind, title=kind.title(), address=address, settings={})

        self.mail = add("email", "shop@example.org")
        self.talk, self.pager = add("talk", "+4930123456"), add("pager", "shop")
        rows = accounts.list_all(tx.conn)
        for key, item in (
            (self.talk, said("1", at=at - HOUR / 2, author=TALKER)),
            (self.pager, said("2", at=at - HOUR / 4, author=PAGED, chat="p7")),
            (self.talk, said("3", at=at, author=TALKER)),
        ):
            (row,) = (one for one in rows if one.id == key)
            window = DAY if key == self.talk else None
            store_chat(tx, mailbox_of(row, rows), [item], raw={}, reply_window=window, cursor={})

    def open(self, qtbot: QtBot) -> None:
        self.view = ThreadView(self.context)
        self.view.composer.clock = lambda: self.now
        qtbot.addWidget(self.view)
        self.view.resize(620, 760)
        self.view.show()

    async def show(self) -> None:
        self.view.show_conversation(1)
        await until(lambda: self.view.row is not None)

    def type(self, text: str) -> None:
        self.view.composer.editor.setFocus()
        QTest.keyClicks(self.view.composer.editor, text)

    def send(self) -> None:
        key, ctrl = Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier
        QTest.keyClick(self.view.composer.editor, key, ctrl)

    def choose(self, words: str) -> None:
        """Choose a way in the menu, by its words."""
        menu = reply_menu(self.view.composer)
        next(one for one in menu.actions() if words in one.text()).trigger()

    def offered(self) -> dict[str, str]:
        """The ways of the menu, with what stands beside each."""
        texts = [one.text() for one in reply_menu(self.view.composer).actions()]
        return dict(text.partition("\t")[::2] for text in texts if " · " in text)

    def pressed(self, words: str) -> None:
        strip = self.view.composer.sheet.channel_strip
        buttons(strip)[words].click()

    async def sent(self) -> MessageRow:
        """What was queued last."""
        await until(lambda: self.view.data is not None and len(self.view.data.messages) == 4)
        rows = await self.context.read(lambda conn: messages.of_conversation(conn, 1))
        return next(row for row in rows if row.delivery is Delivery.QUEUED)

    async def draft(self) -> DraftRow | None:
        await self.view.flush()
        return await self.context.read(lambda conn: drafts.of_conversation(conn, 1))


Begin = Callable[..., Awaitable[Desk]]
