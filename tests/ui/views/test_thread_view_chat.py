"""A conversation of a messaging channel in the thread pane: shown and answered as any other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox import connectors
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store import accounts, messages
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync.chat_ingest import store_chat
from desktop_inbox.sync.mailbox import mailbox_of
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.thread_view import ThreadView
from tests.support.qt_waits import until
from tests.support.scripted_chat import INFOS, said

DAY = timedelta(days=1)


@pytest_asyncio.fixture
async def view(
    qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ThreadView]:
    monkeypatch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, *INFOS.values()))

    def fill(tx: Tx) -> None:
        key = accounts.create(tx, kind="talk", title="Talk", address="+4930123456", settings={})
        (row,) = accounts.list_all(tx.conn)
        assert row.id == key
        items = [
            said("1", "Is the blue mug still there?", at=utc_now()),
            said("2", "Hello?", at=utc_now()),
        ]
        store_chat(tx, mailbox_of(row, [row]), items, raw={}, reply_window=DAY, cursor={})

    await context.write(fill)
    shown = ThreadView(context)
    qtbot.addWidget(shown)
    shown.resize(620, 760)
    shown.show()
    yield shown
    shown.close_desk()


async def test_it_is_shown_and_answered_as_any_other(view: ThreadView, context: AppContext) -> None:
    view.show_conversation(1)
    await until(lambda: view.row is not None and view.row.id == 1)
    assert [row.channel for row in view.data.messages] == ["talk", "talk"]  # type: ignore[union-attr]
    view.composer.editor.setFocus()
    view.composer.editor.setPlainText("Yes, two are left.")
    QTest.keyClick(view.composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    async def latest() -> list[MessageRow]:
        return await context.read(lambda conn: messages.of_conversation(conn, 1))

    await until(lambda: view.data is not None and len(view.data.messages) == 3)
    row = (await latest())[-1]
    assert (row.channel, row.text, row.delivery) == ("talk", "Yes, two are left.", Delivery.QUEUED)
    assert not view.composer.fields.isVisible()
