"""Closing the window while something waits: leave now, stay in the outbox, or be a draft again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.messages import Address
from desktop_inbox.services import replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import drafts, outbox
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.rows import DraftRow, OutboxRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views import outbox_quit
from desktop_inbox.ui.views.outbox_quit import QuitQuestion
from tests.support import builders
from tests.support.qt_waits import until


class Desk:
    """A window that is about to close."""

    def __init__(self, context: AppContext, window: QWidget) -> None:
        self.context = context
        self.left: list[bool] = []
        self.question = QuitQuestion(context, window, leave=lambda: self.left.append(True))

    async def queue(self, *, hold: timedelta = replies.NO_HOLD, at: datetime | None = None) -> int:
        draft = DraftContent(
            mode="new",
            to=(Address(address="mina@example.org"),),
            bcc=(Address(address="boss@example.org"),),
            body="On its way.",
            caret=5,
        )
        files = self.context.workspace.files
        queued = await self.context.write(
            lambda tx: replies.queue_reply(tx, files, draft=draft, hold=hold, at=at)
        )
        return queued.message_id

    async def asked(self) -> QMessageBox:
        self.question.ask()
        await until(lambda: self.question.box is not None)
        assert self.question.box is not None
        return self.question.box

    @property
    def hastened(self) -> bool:
        (row,) = self.context.workspace.db.read(outbox.list_all).result(5)
        return row.not_before < utc_now()

    async def row(self, message_id: int) -> OutboxRow | None:
        return await self.context.read(lambda conn: outbox.row(conn, message_id))

    async def drafts(self) -> list[DraftRow]:
        return await self.context.read(drafts.list_all)


@pytest_asyncio.fixture
async def desk(qtbot: QtBot, context: AppContext) -> AsyncIterator[Desk]:
    await context.write(builders.account)
    window = QWidget()
    qtbot.addWidget(window)
    yield Desk(context, window)


def press(box: QMessageBox, words: str) -> None:
    """Press one of the answers."""
    (found,) = [one for one in box.buttons() if one.text().replace("&", "") == words]
    found.click()


HOLD = timedelta(seconds=60)


async def test_what_is_held_can_become_a_draft_again_exactly(desk: Desk) -> None:
    key = await desk.queue(hold=HOLD)
    press(await desk.asked(), "Back to draft")
    await until(lambda: desk.left == [True])
    assert await desk.row(key) is None
    (draft,) = await desk.drafts()
    assert (draft.body, draft.caret) == ("On its way.", 5)
    assert [one.address for one in draft.bcc] == ["boss@example.org"]


async def test_what_is_held_can_stay_in_the_outbox(desk: Desk) -> None:
    key = await desk.queue(hold=HOLD)
    press(await desk.asked(), "Keep in outbox")
    await until(lambda: desk.left == [True])
    row = await desk.row(key)
    assert row is not None
    assert (row.state, row.not_before > utc_now()) == ("queued", True)


async def test_what_is_held_can_leave_now_and_is_waited_for(desk: Desk) -> None:
    key = await desk.queue(hold=HOLD)
    press(await desk.asked(), "Send now")
    await until(
        lambda: desk.context.workspace.db.read(outbox.list_all).result(5)[0].not_before < utc_now()
    )
    assert desk.left == []

    def leave(tx: Tx) -> None:
        assert outbox.claim(tx, key, claimed_by="engine")
        outbox.sent(tx, key)

    await desk.context.write(leave)
    await until(lambda: desk.left == [True])


async def test_what_does_not_get_away_is_asked_about_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_quit, "SEND_SECONDS", 0.05)
    await desk.queue(hold=HOLD)
    press(await desk.asked(), "Send now")
    await until(lambda: desk.question.box is not None and not desk.question.box.isHidden())
    assert desk.left == []
    box = desk.question.box
    assert box is not None
    press(box, "Quit")
    await until(lambda: desk.left == [True])


async def test_staying_changes_nothing(desk: Desk) -> None:
    key = await desk.queue(hold=HOLD)
    press(await desk.asked(), "Stay")
    assert desk.left == []
    assert await desk.row(key) is not None


async def test_what_has_its_time_later_is_only_told(desk: Desk) -> None:
    await desk.queue(at=utc_now() + timedelta(days=1))
    box = await desk.asked()
    assert sorted(one.text().replace("&", "") for one in box.buttons()) == ["Quit", "Stay"]
    press(box, "Quit")
    assert desk.left == [True]


async def test_where_nothing_waits_any_more_it_leaves(desk: Desk) -> None:
    desk.question.ask()
    await until(lambda: desk.left == [True])
