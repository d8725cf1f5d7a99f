"""The outbox on the screen: what waits, why, and its buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.messages import Address
from desktop_inbox.services import replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import outbox
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views import outbox_view
from desktop_inbox.ui.views.outbox_view import OutboxView
from tests.support import builders
from tests.support.qt_waits import until


class Desk:
    """The view, and what was asked of it."""

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.asked: list[tuple[str, int]] = []
        self.opened: list[tuple[int, object]] = []
        names = ("undo", "edit", "retry", "again", "check", "let_go")
        self.view = OutboxView(context, actions={name: self._asker(name) for name in names})
        context.message_requested.connect(lambda *where: self.opened.append(where))

    def _asker(self, name: str) -> Callable[[int], None]:
        return lambda key: self.asked.append((name, key))

    async def queue(self, subject: str, *, hold: timedelta = replies.NO_HOLD) -> int:
        draft = DraftContent(
            mode="new", to=(Address(address="m@example.org"),), subject=subject, body="x"
        )
        files = self.context.workspace.files
        queued = await self.context.write(
            lambda tx: replies.queue_reply(tx, files, draft=draft, hold=hold)
        )
        return queued.message_id

    @property
    def states(self) -> list[str]:
        return [card.words.text for card in self.view.cards]


@pytest_asyncio.fixture
async def desk(qtbot: QtBot, context: AppContext) -> AsyncIterator[Desk]:
    await context.write(builders.account)
    desk = Desk(context)
    qtbot.addWidget(desk.view)
    desk.view.resize(340, 600)
    desk.view.show()
    yield desk


async def test_each_message_says_how_it_is_and_those_that_need_somebody_come_first(
    desk: Desk,
) -> None:
    await desk.queue("Held", hold=timedelta(seconds=60))
    unknown, refused = await desk.queue("Unknown"), await desk.queue("Refused")

    def happen(tx: Tx) -> None:
        outbox.uncertain(tx, unknown, code="uncertain", detail="")
        outbox.fail(tx, refused, code="recipient", detail="550 <b>no</b> such user")

    await desk.context.write(happen)
    await until(lambda: len(desk.states) == 3 and "Not sent" in desk.states)
    assert sorted(desk.states[:2]) == ["May have been delivered", "Not sent"]
    assert desk.states[2].startswith("Sending in")
    (card,) = [card for card in desk.view.cards if card.row.message_id == refused]
    assert "550 <b>no</b> such user" in card.words.detail
    assert card._detail.textFormat() is Qt.TextFormat.PlainText


async def test_its_buttons_act_on_the_message_and_enter_opens_it(desk: Desk) -> None:
    key = await desk.queue("Refused")
    await desk.context.write(lambda tx: outbox.fail(tx, key, code="recipient", detail="550"))
    await until(lambda: desk.states == ["Not sent"])
    (card,) = desk.view.cards
    for action, _words in card.words.actions:
        card.press(action)
    assert desk.asked == [("retry", key), ("edit", key)]
    QTest.keyClick(card, Qt.Key.Key_Return)
    assert desk.opened == [(card.row.conversation_id, key)]


async def test_arrows_walk_through_it(desk: Desk) -> None:
    for number in range(3):
        await desk.queue(f"Number {number}", hold=timedelta(seconds=30 + number))
    await until(lambda: len(desk.view.cards) == 3)
    desk.view.activateWindow()
    await until(desk.view.isActiveWindow)
    desk.view.setFocus()
    first, second, _third = desk.view.cards
    assert first.hasFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert second.hasFocus()


async def test_nothing_is_read_while_nobody_looks_at_it(desk: Desk) -> None:
    await desk.queue("Held", hold=timedelta(seconds=60))
    await until(lambda: len(desk.view.cards) == 1)
    desk.view.hide()
    assert not desk.view._tick.isActive()
    heard: list[object] = []
    desk.context.bridge.changed.connect(heard.append)
    await desk.queue("Later", hold=timedelta(seconds=60))
    await until(lambda: bool(heard))
    assert not desk.view._reading
    desk.view.show()
    await until(lambda: len(desk.view.cards) == 2)
    assert desk.view._tick.isActive()


async def test_what_has_left_is_gone_and_what_changed_stays_the_same_card(desk: Desk) -> None:
    first, second = await desk.queue("One"), await desk.queue("Two")
    await until(lambda: len(desk.view.cards) == 2)
    kept = next(card for card in desk.view.cards if card.row.message_id == second)

    def happen(tx: Tx) -> None:
        outbox.sent(tx, first)
        outbox.fail(tx, second, code="recipient", detail="550")

    await desk.context.write(happen)
    await until(lambda: desk.states == ["Not sent"])
    assert desk.view.cards == [kept]


async def test_very_many_are_counted_rather_than_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_view, "MOST_CARDS", 2)
    for number in range(5):
        await desk.queue(f"Number {number}")
    await until(lambda: desk.view._more.text() == "and 3 more")
    assert len(desk.view.cards) == 2


async def test_whoever_has_no_name_is_called_by_address(desk: Desk) -> None:
    await desk.queue("Held", hold=timedelta(seconds=60))
    await until(lambda: desk.view.cards)
    assert desk.view.cards[0]._who.text() == "m@example.org"
