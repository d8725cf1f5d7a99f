"""Chips and bars of service levels: what they say, and that they follow what happens."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from desktop_inbox.domain.business_hours import calendar
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import conversations, service_levels
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.schema import account
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import PlainLabel
from desktop_inbox.ui.views.row_words import chips_of, length_words
from desktop_inbox.ui.views.service_level_panel import ClockLine, ServiceLevelPanel
from desktop_inbox.ui.views.service_level_words import week_words
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until

DAY = timedelta(days=1)


@pytest_asyncio.fixture
async def row(context: AppContext) -> ConversationRow:
    """A conversation in which somebody has just written and waits."""

    def fill(tx: Tx) -> int:
        key = builders.account(tx)
        tx.conn.execute(update(account).values(clocks_from=utc_now() - DAY))
        talk = builders.conversation(tx)
        builders.message(tx, talk, Mail(at=utc_now()), account_id=key)
        return talk

    talk = await context.write(fill)
    found = await context.read(lambda conn: conversations.row(conn, talk))
    assert found is not None
    return found


async def shown(qtbot: QtBot, context: AppContext, row: ConversationRow) -> ServiceLevelPanel:
    """Show what is owed in a conversation."""
    panel = ServiceLevelPanel(context)
    qtbot.addWidget(panel)
    panel.show_conversation(row.id)
    await until(lambda: len(panel.lines()) == 2)
    return panel


async def test_a_chip_says_how_long_there_is_then_warns_then_says_how_late_it_is(
    row: ConversationRow,
) -> None:
    assert row.next_due_at is not None
    assert row.warn_at is not None

    def chip(at: datetime) -> tuple[str, str]:
        return next((one.text, one.tone) for one in chips_of(row, now=at) if one.icon)

    assert chip(row.warn_at - timedelta(seconds=1))[0].startswith("Reply in ")
    assert chip(row.warn_at - timedelta(seconds=1))[1] == "ok"
    assert chip(row.next_due_at - timedelta(minutes=12)) == ("Reply in 12 min", "warn")
    assert chip(row.next_due_at + timedelta(minutes=4)) == ("Overdue 4 min", "bad")


async def test_waiting_is_not_said_twice(row: ConversationRow) -> None:
    later = utc_now() + timedelta(hours=3)
    assert not any("Waits" in chip.text for chip in chips_of(row, now=later))


async def test_the_panel_shows_what_is_owed_and_hides_once_it_is_done(
    qtbot: QtBot, context: AppContext, row: ConversationRow
) -> None:
    panel = await shown(qtbot, context, row)
    line = panel.lines()[0]
    assert isinstance(line, ClockLine)
    assert line.accessibleName().startswith("First reply: ")
    assert 0 <= line.bar.share < 0.1
    assert line.bar.tone == "accent"
    assert not panel.isHidden()
    answer = Mail(direction=Direction.OUT, at=utc_now(), delivery=Delivery.SENT)
    await context.write(lambda tx: builders.message(tx, row.id, answer, account_id=row.account_id))
    await until(panel.isHidden)
    panel.show_conversation(None)
    assert panel.lines() == []


async def test_the_tooltip_tells_of_all_clocks_and_what_was_counted(
    qtbot: QtBot, context: AppContext, row: ConversationRow
) -> None:
    answer = Mail(direction=Direction.OUT, at=utc_now(), delivery=Delivery.SENT)
    await context.write(lambda tx: builders.message(tx, row.id, answer, account_id=row.account_id))
    again = Mail(at=utc_now() + timedelta(seconds=1))
    await context.write(lambda tx: builders.message(tx, row.id, again, account_id=row.account_id))
    panel = await shown(qtbot, context, row)
    told = panel.lines()[0].toolTip()
    assert "First reply: in time" in told
    assert "Next reply: running" in told
    assert told.count("Due ") == 2


async def test_a_line_stays_while_its_clock_goes_on(
    qtbot: QtBot, context: AppContext, row: ConversationRow
) -> None:
    panel = await shown(qtbot, context, row)
    line = panel.lines()[0]
    now = utc_now() + timedelta(days=9)
    later = await context.read(lambda conn: service_levels.promised(conn, row.id, now=now))
    panel.show_promised(later, now=now)
    assert panel.lines()[0] is line
    assert isinstance(line, ClockLine)
    assert (line.bar.tone, line.bar.share) == ("bad", 1.0)
    assert "Overdue" in line.accessibleName()


async def test_another_service_level_is_chosen_by_hand_and_left_to_its_conditions_again(
    qtbot: QtBot, context: AppContext, row: ConversationRow
) -> None:
    panel = ServiceLevelPanel(context)
    qtbot.addWidget(panel)
    context.commands = Commands(context, panel)
    panel.show_conversation(row.id)
    await until(lambda: len(panel.lines()) == 2)

    def choose(words: str) -> None:
        menu = panel.findChildren(QMenu)[-1]
        next(one for one in menu.actions() if one.text() == words).trigger()

    def said() -> str:
        return " ".join(label.text() for label in panel.findChildren(PlainLabel))

    choose("Live chat")
    await until(lambda: "Policy: Live chat" in said() and "chosen by hand" in said())
    choose("None")
    await until(lambda: "Nothing is promised here." in said())
    choose("As its conditions say")
    await until(lambda: "Policy: E-mail" in said() and "chosen by hand" not in said())


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=41), "41 min"),
        (timedelta(hours=4), "4 h"),
        (timedelta(hours=2, minutes=41), "2 h 41 m"),
        (timedelta(days=1, hours=3, minutes=20), "1 d 3 h"),
        (timedelta(days=2), "2 d"),
        (timedelta(days=40, hours=3), "40 d"),
    ],
)
def test_a_length_of_time_is_said_in_its_two_largest_units(length: timedelta, words: str) -> None:
    assert length_words(length) == words


def test_opening_hours_are_said_in_few_words() -> None:
    week = [[(540, 1020)]] * 5 + [[(540, 720), (780, 900)], []]
    assert week_words(calendar("UTC", week)) == (
        "Mon–Fri 09:00–17:00, Sat 09:00–12:00, 13:00–15:00"
    )
