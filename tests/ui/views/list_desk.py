"""What the tests of the list share: a pane with rows, and a hand on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.paged import RowRole
from desktop_inbox.ui.views.conversation_list import ConversationList
from desktop_inbox.ui.views.view_choice import ViewChoice
from tests.support import builders
from tests.support.qt_waits import until

INBOX = ViewChoice(view="inbox", title="Inbox")


def shown(qtbot: QtBot, context: AppContext) -> ConversationList:
    """Show a list pane on the inbox."""
    pane = ConversationList(context)
    qtbot.addWidget(pane)
    pane.resize(344, 640)
    pane.show()
    pane.show_view(INBOX)
    return pane


@pytest_asyncio.fixture
async def pane(qtbot: QtBot, context: AppContext) -> AsyncIterator[ConversationList]:
    """The list pane on twenty conversations, shown, its rows loaded."""
    await context.write(lambda tx: builders.fill(tx, conversation_count=20))
    pane = shown(qtbot, context)
    await until(lambda: pane.model.rowCount() == 20)
    yield pane


def row(pane: ConversationList, number: int) -> ConversationRow:
    found = pane.model.index(number, 0).data(RowRole)
    assert isinstance(found, ConversationRow)
    return found


def press(pane: ConversationList, key: Qt.Key) -> None:
    QTest.keyClick(pane.table, key)


def click(
    pane: ConversationList, at: QPoint, *, modifier: Qt.KeyboardModifier | None = None
) -> None:
    QTest.mouseClick(
        pane.table.viewport(),
        Qt.MouseButton.LeftButton,
        modifier or Qt.KeyboardModifier.NoModifier,
        at,
    )


def middle(pane: ConversationList, number: int) -> QPoint:
    return pane.table.visualRect(pane.model.index(number, 0)).center()
