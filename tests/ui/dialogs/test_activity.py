"""The activity page: what was done, found, and taken back with its reason where it cannot be."""

from __future__ import annotations

import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.conversations import Status
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import conversations
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.activity import ActivityPage
from tests.support import builders
from tests.support.qt_waits import until


class Desk:
    """The page over a window on a few conversations."""

    def __init__(self, context: AppContext, host: QWidget) -> None:
        self.context = context
        self.page = ActivityPage(context, host)

    async def rows(self) -> list[ConversationRow]:
        query = ListQuery(view="all")
        return await self.context.read(lambda conn: conversations.page(conn, query, limit=9)[0])

    async def open(self) -> None:
        self.page.open()
        await until(lambda: self.page.model.rowCount() > 0)

    async def settled(self) -> None:
        page = self.page
        await until(lambda: page.undo_button.isEnabled() or bool(page.why_not.text()))

    def texts(self) -> list[str]:
        model = self.page.model
        return [model.index(row, 0).data() for row in range(model.rowCount())]


@pytest_asyncio.fixture
async def desk(context: AppContext, qtbot: QtBot) -> Desk:
    await context.write(lambda tx: builders.fill(tx, conversation_count=3))
    host = QWidget()
    host.resize(1000, 640)
    qtbot.addWidget(host)
    host.show()
    desk = Desk(context, host)
    first, second, *_rest = await desk.rows()
    await context.write(lambda tx: actions.star(tx, first.id))
    await context.write(lambda tx: actions.close(tx, [first.id, second.id]))
    return desk


async def test_the_latest_action_is_taken_back_by_keyboard(desk: Desk) -> None:
    await desk.open()
    assert desk.texts()[0].startswith("You closed the conversation · 2 conversations")
    await desk.settled()
    desk.page.undo_button.setFocus()
    QTest.keyClick(desk.page.undo_button, Qt.Key.Key_Space)
    await until(lambda: desk.texts()[0].startswith("Taken back: You reopened"))
    assert {row.status for row in (await desk.rows())[:2]} == {Status.OPEN}


async def test_what_cannot_be_taken_back_says_why(desk: Desk) -> None:
    await desk.open()
    await desk.settled()
    desk.page.undo_button.click()
    await until(lambda: len(desk.texts()) == 3)
    desk.page.table.selectRow(1)
    await until(lambda: desk.page.why_not.text() == "This was taken back already.")
    assert not desk.page.undo_button.isEnabled()
    assert desk.texts()[1].endswith("Taken back")


async def test_enter_opens_the_conversation(desk: Desk, qtbot: QtBot) -> None:
    await desk.open()
    await until(lambda: desk.page.chosen is not None)
    with qtbot.waitSignal(desk.context.conversation_requested) as asked:
        QTest.keyClick(desk.page.table, Qt.Key.Key_Return)
    assert asked.args[0] in [row.id for row in await desk.rows()]
    assert not desk.page.isVisible()


async def test_a_filter_that_nothing_passes_says_so(desk: Desk) -> None:
    await desk.open()
    desk.page.family.setCurrentIndex(2)
    await until(lambda: desk.page.empty.isVisible())
    assert desk.page.empty.text() == "Nothing was done that fits."
