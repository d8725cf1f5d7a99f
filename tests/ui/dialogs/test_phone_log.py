"""A call or a visit is written down in a few keys, and stands where it belongs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.pieces import Call, CallOutcome, Piece
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import accounts, conversations, messages
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.channel_tiles import ChannelTiles
from desktop_inbox.ui.dialogs.phone_log import VISIT, WE_CALLED, PhoneLog
from desktop_inbox.ui.dialogs.phone_timer import CallTimer, read_length
from desktop_inbox.ui.main_window import MainWindow
from tests.support import builders
from tests.support.builders import MINA, Mail
from tests.support.qt_waits import until
from tests.ui.conftest import Open


class Clock:
    """Time that goes on when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest_asyncio.fixture
async def card(qtbot: QtBot, context: AppContext) -> AsyncIterator[PhoneLog]:
    """The card over a shop where Mina has one conversation, which is not shown."""

    def fill(tx: object) -> None:
        account = builders.account(tx)  # type: ignore[arg-type]
        key = builders.conversation(tx)  # type: ignore[arg-type]
        builders.message(tx, key, Mail(), account_id=account)  # type: ignore[arg-type]

    await context.write(fill)
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(1000, 640)
    ground.show()
    shown = PhoneLog(context, ground)
    yield shown
    ground.close()


async def notes_of(context: AppContext) -> list[MessageRow]:
    """Every call and visit that was written down, of all conversations."""

    def read(conn: object) -> list[MessageRow]:
        rows = conversations.of_customer(conn, 1)  # type: ignore[arg-type]
        rows += conversations.of_customer(conn, 2)  # type: ignore[arg-type]
        found = [one for row in rows for one in messages.of_conversation(conn, row.id)]  # type: ignore[arg-type]
        return [one for one in found if one.channel == "phone"]

    return await context.read(read)


def press(card: PhoneLog, kind: str) -> None:
    """Say who went to whom."""
    next(one for one in card.kinds.buttons() if one.property("value") == kind).click()


def calls(rows: list[MessageRow]) -> list[Piece]:
    return [piece for row in rows for piece in row.pieces]


# The clock


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("", 0), ("4", 240), ("4:30", 270), ("0:05", 5), ("1:02:03", 3723), (" 12 ", 720)],
)
def test_a_length_is_read_as_it_is_written(typed: str, seconds: int) -> None:
    assert read_length(typed) == seconds


@pytest.mark.parametrize("typed", ["four", "1:2:3:4", "-3", "4,5", "99999", "²"])
def test_what_is_no_length_is_none(typed: str) -> None:
    assert read_length(typed) is None


def test_the_clock_runs_stops_and_goes_on(qtbot: QtBot, context: AppContext) -> None:
    clock = Clock()
    timer = CallTimer(context, clock=clock)
    qtbot.addWidget(timer)
    timer.button.click()
    clock.now += 65
    timer.show_time()
    assert timer.field.text() == "1:05"
    assert timer.field.isReadOnly()
    timer.button.click()
    clock.now += 1000
    assert (timer.running, timer.seconds) == (False, 65)
    timer.field.setText("2")
    timer.button.click()
    clock.now += 5
    assert timer.seconds == 125


# The card


async def test_a_call_of_somebody_new_begins_a_conversation(
    card: PhoneLog, context: AppContext
) -> None:
    card.open()
    card.notes.setFocus()
    QTest.keyClicks(card.who, "Bob Lee")
    card.number.setText("+905324445566")
    card.timer.field.setText("4:30")
    card.notes.setPlainText("Wants 120 plates")
    assert await card.save()
    (row,) = await notes_of(context)
    assert row.pieces == (Call(outcome=CallOutcome.ANSWERED, seconds=270),)
    assert (row.author_name, row.text, row.direction) == (
        "Bob Lee", "Wants 120 plates", Direction.IN
    )  # fmt: skip
    found = await context.read(lambda conn: conversations.row(conn, row.conversation_id))
    assert found is not None
    assert (found.customer_name, found.waiting_since) == ("Bob Lee", None)


async def test_the_conversation_that_is_shown_is_suggested(
    card: PhoneLog, context: AppContext
) -> None:
    context.select(1)
    card.open()
    await until(lambda: card.place.currentData() == 1)
    assert card.who.text() == MINA.name
    press(card, WE_CALLED)
    card.outcome.setCurrentIndex(card.outcome.findData(CallOutcome.MISSED.value))
    card.outcome.activated.emit(card.outcome.currentIndex())
    assert not card.timer.isVisible()
    assert await card.save()
    (row,) = await notes_of(context)
    assert (row.conversation_id, row.direction) == (1, Direction.OUT)
    assert calls([row]) == [Call(outcome=CallOutcome.MISSED)]


async def test_a_customer_is_found_while_a_name_is_typed(
    card: PhoneLog, context: AppContext
) -> None:
    card.open()
    card.notes.setFocus()  # the list of offers opens for whoever is in the field alone
    QTest.keyClicks(card.who, "mina")
    await until(lambda: card._offers.stringList())
    (offered,) = card._offers.stringList()
    assert MINA.address in offered
    card._completer.activated.emit(offered)
    assert card.who.text() == MINA.name
    await until(lambda: card.place.findData(1) > 0)
    press(card, VISIT)
    assert not card.outcome.isVisible()
    assert await card.save()
    (row,) = await notes_of(context)
    assert calls([row]) == [Call(outcome=CallOutcome.WALK_IN)]
    found = await context.read(lambda conn: conversations.row(conn, row.conversation_id))
    assert found is not None
    assert found.customer_name == MINA.name


async def test_another_name_is_somebody_else(card: PhoneLog, context: AppContext) -> None:
    context.select(1)
    card.open()
    await until(lambda: card.place.currentData() == 1)
    card.notes.setFocus()
    QTest.keyClicks(card.who, " senior")
    assert card.place.count() == 1  # none of her conversations is offered
    assert await card.save()
    (row,) = await notes_of(context)
    assert (row.author_name, row.conversation_id != 1) == (f"{MINA.name} senior", True)


async def test_what_is_missing_is_said_and_nothing_is_lost(
    card: PhoneLog, context: AppContext
) -> None:
    card.open()
    card.notes.setPlainText("Wants a mug")
    assert not await card.save()
    assert card.error.text() == "Say who it was, or from which number."
    card.dismiss()
    assert card.isVisible()
    card.who.setText("A lady")
    card.timer.field.setText("soon")
    assert not await card.save()
    assert "soon" in card.error.text()
    assert await context.read(accounts.list_all) != []
    assert await notes_of(context) == []
    card.leave()


async def test_saving_twice_writes_it_down_once(card: PhoneLog, context: AppContext) -> None:
    card.open()
    card.who.setText("Barış")
    await card.keep()
    await card.keep()
    assert len(await notes_of(context)) == 1
    card.leave()


async def test_a_tile_and_the_menu_of_new_messages_open_it(
    window: MainWindow, context: AppContext
) -> None:
    context.actions["account.add"].trigger()
    tiles = window.pages.setup.findChild(ChannelTiles)  # type: ignore[union-attr]
    assert isinstance(tiles, ChannelTiles)
    QTest.mouseClick(tiles.tiles["phone"], Qt.MouseButton.LeftButton)
    await until(lambda: [one for one in window.findChildren(PhoneLog) if one.isVisible()])
    assert window.pages.setup is None
    (card,) = window.findChildren(PhoneLog)
    card.leave()


async def test_on_an_empty_workspace_the_first_note_begins_the_log(
    open_window: Open, context: AppContext
) -> None:
    window = await open_window()
    await until(lambda: window.pages.welcoming)
    context.actions["phone.log"].trigger()
    (card,) = window.findChildren(PhoneLog)
    card.who.setText("Barış")
    assert await card.save()
    await until(lambda: not window.pages.welcoming)
    await until(lambda: window.list.model.rowCount() == 1)
