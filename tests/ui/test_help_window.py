"""The guide opens where one is, goes where its links lead, and finds words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.ui import help_topics
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.settings import PAGES
from desktop_inbox.ui.help_window import HelpWindow
from desktop_inbox.ui.main_window import MainWindow
from tests.services.test_guide import NAMES, PACKAGE


@pytest.fixture
def guide(qtbot: QtBot, context: AppContext) -> Iterator[HelpWindow]:
    parent = QWidget()
    window = HelpWindow(context, parent)
    window.open("start")
    yield window
    parent.deleteLater()


def test_it_shows_the_page_that_was_asked_for(guide: HelpWindow) -> None:
    assert guide.shown == "start.md"
    assert "Set up your mail" in guide.text.toPlainText()
    item = guide.list.currentItem()
    assert item is not None
    assert item.text() == "Set up your mail"
    assert guide.listed()[:2] == ["start.md", "gmail-outlook.md"]


def test_links_lead_on_and_the_way_back_is_known(guide: HelpWindow) -> None:
    guide.text.anchorClicked.emit(QUrl("gmail-outlook.md"))
    assert guide.shown == "gmail-outlook.md"
    assert "app password" in guide.text.toPlainText()
    guide.go_back()
    assert guide.shown == "start.md"
    guide.go_forward()
    assert guide.shown == "gmail-outlook.md"
    guide.go_back()
    guide.show_page("canned.md")
    guide.go_forward()
    assert guide.shown == "canned.md"  # what lay ahead is gone


def test_links_to_the_web_open_in_the_browser(
    guide: HelpWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    guide.text.anchorClicked.emit(QUrl("https://myaccount.google.com/security"))
    guide.text.anchorClicked.emit(QUrl("file:///etc/passwd"))
    assert opened == ["https://myaccount.google.com/security"]
    assert guide.shown == "start.md"


def test_words_are_found_and_lead_to_their_section(guide: HelpWindow) -> None:
    QTest.keyClicks(guide.search, "holidays")
    assert guide.listed() == ["deadlines.md#set-your-business-hours"]
    QTest.keyClick(guide.search, Qt.Key.Key_Return)
    assert guide.shown == "deadlines.md#set-your-business-hours"
    assert guide.text.verticalScrollBar().value() > 0
    QTest.keyClick(guide, Qt.Key.Key_Escape)
    assert guide.search.text() == ""
    assert len(guide.listed()) == len(NAMES) - 1
    QTest.keyClick(guide, Qt.Key.Key_Escape)
    assert not guide.isVisible()


def test_it_says_when_nothing_is_found(guide: HelpWindow) -> None:
    guide.search.setText("xylophone")
    assert guide.listed() == []
    assert guide._nothing.text() == "Nothing found for “xylophone”."


def test_every_place_that_has_a_page_is_a_widget_and_every_page_exists() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "ui").rglob("*.py"))
    for name in (*help_topics.PLACES, "ConversationList"):
        assert f"class {name}(" in code, name
    assert set(help_topics.SETTINGS) <= {page.id for page in PAGES}
    for table in (help_topics.PLACES, help_topics.SETTINGS, help_topics.VIEWS):
        assert set(table.values()) <= set(NAMES)


async def test_f1_opens_the_page_for_where_one_is(window: MainWindow) -> None:
    window.list.focus_list()

    def press_f1() -> str:
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_F1)
        guide = window.findChild(HelpWindow)
        assert isinstance(guide, HelpWindow)
        shown = guide.shown
        guide.hide()
        window.activateWindow()
        return shown

    assert press_f1() == "answering.md"
    window.navigation.choose_view("due")
    window.list.focus_list()
    assert press_f1() == "deadlines.md"
    window.cards.open_settings("backup")
    assert press_f1() == "backup.md"


async def test_the_help_menu_lists_what_can_be_asked_for(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[list[str]] = []
    monkeypatch.setattr(
        QMenu,
        "popup",
        lambda menu, _at: shown.append([one.text() for one in menu.actions() if one.text()]),
    )
    window.navigation.help.click()
    assert shown == [
        [
            "Help",
            "Keyboard shortcuts",
            "Tour in five tips",
            "What is new",
            "Look for new versions…",
            "Report for support…",
        ]
    ]
