"""The head of the thread: the subject is what it must not cut."""

from __future__ import annotations

import pytest
import pytest_asyncio
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from desktop_inbox.store import agents, conversations
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.thread_head import ThreadHead
from tests.support import builders

SUBJECT = "1042 numaralı sipariş kırık geldi"


@pytest_asyncio.fixture
async def head(qtbot: QtBot, context: AppContext) -> ThreadHead:
    def fill(tx: Tx) -> int:
        builders.account(tx)
        return builders.conversation(tx, subject=SUBJECT, at=utc_now())

    key = await context.write(fill)
    row = await context.read(lambda conn: conversations.row(conn, key))
    people = await context.read(agents.list_all)
    head = ThreadHead(context.theme, menu=lambda _menu: None)
    qtbot.addWidget(head)
    assert row is not None
    head.show_conversation(row, account=None, agents=people, me=people[0], now=utc_now())
    head.show()
    return head


@pytest.mark.parametrize("width", [430, 562, 900])
async def test_a_subject_of_usual_length_is_whole_at_every_usual_width(
    head: ThreadHead, width: int
) -> None:
    head.resize(width, head.sizeHint().height())
    head.layout().activate()  # type: ignore[union-attr]
    assert head.title.width() >= head.title.fontMetrics().horizontalAdvance(SUBJECT)
    more = head._more
    assert more.mapTo(head, QPoint(more.width(), 0)).x() <= width


async def test_in_a_narrow_pane_the_controls_stand_below_the_subject(head: ThreadHead) -> None:
    for width, below in ((430, True), (700, False), (430, True)):
        head.resize(width, head.sizeHint().height())
        head.layout().activate()  # type: ignore[union-attr]
        top = head._more.mapTo(head, QPoint(0, 0)).y()
        assert (top >= head.title.geometry().bottom()) is below
