"""Automatic mail that stopped by itself is said in the message bar, with what can be done (D3)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_inbox.services import automatic
from desktop_inbox.store import suppression
from desktop_inbox.ui.automation import StoppedAutomation
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.message_bar import MessageBar
from tests.support import builders
from tests.support.qt_waits import until


@pytest_asyncio.fixture
async def bar(qtbot: QtBot, context: AppContext) -> AsyncIterator[MessageBar]:
    """The message bar of a window, just after automatic mail stopped."""
    await context.write(builders.account)
    bar = MessageBar(context)
    qtbot.addWidget(bar)
    StoppedAutomation(context, bar)
    await context.write(suppression.stop)
    await until(lambda: bar.current is not None)
    yield bar


def press(bar: MessageBar, words: str) -> None:
    found = [one for one in bar.findChildren(QPushButton) if one.text() == words]
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


async def test_it_says_what_happened_and_why(bar: MessageBar) -> None:
    assert bar.current is not None
    assert "more than 30 would have left within 10 minutes" in bar.current.text


async def test_resume_lets_answers_leave_again(bar: MessageBar, context: AppContext) -> None:
    press(bar, "Resume")
    assert bar.current is None
    await until(lambda: context.workspace.db.read(suppression.stopped_at).result() is None)


async def test_leaving_it_off_is_not_asked_again_at_the_next_start(
    bar: MessageBar, context: AppContext
) -> None:
    press(bar, "Leave it off")
    read = context.workspace.db.read
    await until(lambda: read(suppression.waits_for_answer).result() is None)
    assert read(suppression.stopped_at).result() is not None
    await context.tasks.stop()
    again = StoppedAutomation(context, bar)
    await again._look()
    assert bar.current is None


async def test_what_was_decided_elsewhere_takes_the_message_back(
    bar: MessageBar, context: AppContext
) -> None:
    await context.write(automatic.resume)
    await until(lambda: bar.current is None)
