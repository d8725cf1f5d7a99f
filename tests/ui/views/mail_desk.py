"""A thread view on a workspace with two conversations by mail, and a person at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.messages import Address
from desktop_inbox.store import drafts as stored_drafts
from desktop_inbox.store import messages
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.rows import DraftRow, MessageRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.thread_view import ThreadView
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until

LENA = Address(name="Lena Vogt", address="lena@orders.example")


@dataclass
class Desk:
    """A thread view on a workspace with two conversations."""

    view: ThreadView
    context: AppContext
    account: int
    first: int
    second: int

    async def open(self, conversation_id: int) -> None:
        self.view.show_conversation(conversation_id)
        await until(lambda: self.view.row is not None and self.view.row.id == conversation_id)
        await asyncio.sleep(0)  # never processEvents: a task may not be entered inside another

    async def messages(self, conversation_id: int) -> list[MessageRow]:
        return await self.context.read(lambda conn: messages.of_conversation(conn, conversation_id))

    async def draft(self, conversation_id: int) -> DraftRow | None:
        return await self.context.read(
            lambda conn: stored_drafts.of_conversation(conn, conversation_id)
        )

    async def bodies(self) -> set[str]:
        """What every draft says."""
        return {row.body for row in await self.context.read(stored_drafts.list_all)}

    def type(self, text: str) -> None:
        """Type as an input method does: also what is not ASCII."""
        self.view.composer.editor.setFocus()
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(self.view.composer.editor, event)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        QTest.keyClick(self.view.composer.editor, key, modifier or Qt.KeyboardModifier.NoModifier)

    def send(self) -> None:
        self.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    @property
    def text(self) -> str:
        return self.view.composer.editor.toPlainText()

    def answer(self, words: str) -> None:
        """Press a button of the question strip."""
        for widget in self.view.composer.strip.buttons():
            if isinstance(widget, QPushButton) and widget.text() == words:
                widget.click()
                return
        raise AssertionError(f"no button {words}")


@pytest_asyncio.fixture
async def desk(qtbot: QtBot, context: AppContext) -> AsyncIterator[Desk]:
    def fill(tx: Tx) -> tuple[int, int, int]:
        account = builders.account(tx)
        now = utc_now()
        first = builders.conversation(tx, at=now - timedelta(hours=2))
        builders.message(
            tx,
            first,
            Mail(text="The bowl arrived with a crack.", at=now - timedelta(hours=2)),
            account_id=account,
        )
        second = builders.conversation(tx, subject="Rechnung", who=LENA, at=now)
        builders.message(
            tx,
            second,
            Mail(text="Bitte die Rechnung.", who=LENA, at=now - timedelta(hours=1)),
            account_id=account,
        )
        return account, first, second

    account, first, second = await context.write(fill)
    view = ThreadView(context)
    qtbot.addWidget(view)
    view.resize(620, 760)
    view.show()
    yield Desk(view, context, account, first, second)
    view.close_desk()
