"""The first page leads to an account, to the sample shop, to the guide, and to another language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.help_window import HelpWindow
from desktop_inbox.ui.main_window import MainWindow
from tests.support.qt_waits import until

Open = Callable[[], Awaitable[MainWindow]]


def press(window: MainWindow, words: str) -> None:
    assert window.pages.welcome is not None
    found = window.pages.welcome.findChildren(QPushButton)
    next(one for one in found if one.text() == words).click()


async def test_whoever_reads_another_language_finds_it_there(
    open_window: Open, context: AppContext
) -> None:
    again: list[bool] = []
    context.restart_requested.connect(lambda: again.append(True))
    press(await open_window(), "Türkçe")
    assert context.settings.language == "tr"
    assert again == [True]


async def test_enter_takes_the_way_that_has_the_focus(open_window: Open) -> None:
    window = await open_window()
    welcome = window.pages.welcome
    assert welcome is not None
    await until(lambda: isinstance(window.focusWidget(), QPushButton))
    held = window.focusWidget()
    assert held is not None
    assert welcome.isAncestorOf(held)
    QTest.keyClick(held, Qt.Key.Key_Return)
    await until(lambda: window.pages.setup is not None)


async def test_the_guide_opens_at_the_page_on_setting_up_mail(
    open_window: Open, context: AppContext
) -> None:
    window = await open_window()
    press(window, "How to set up your mail")
    guide = window.findChild(HelpWindow)
    assert isinstance(guide, HelpWindow)
    assert guide.shown == "start.md"
    window.closed.emit()
    assert not guide.isVisible()
