"""What opens under "More", and at a file: rows of the one table, about what was pressed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.store import conversations
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.action_table import TABLE
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.views.attachments import AttachmentStrip
from tests.support import builders
from tests.support.builders import MINA, Mail
from tests.support.qt_waits import until

# What the off-screen platform says of a menu that opens.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

WORDS = {spec.id: spec.text for spec in TABLE}


def _ids(menu: QMenu) -> list[str]:
    """The ids of what a menu offers, with those of the menus in it."""
    found: list[str] = []
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            found += _ids(inner)
        elif not action.isSeparator():
            found.append(action.objectName())
    return found


def _opened() -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def _more(window: MainWindow) -> QMenu:
    window.thread_view.head._more.click()
    return _opened()


def _choose(menu: QMenu, action_id: str) -> None:
    """Press one of a menu's lines, or of the menus in it."""
    every = [menu, *menu.findChildren(QMenu)]
    [action] = [one for part in every for one in part.actions() if one.objectName() == action_id]
    action.trigger()
    menu.close()


async def test_whatever_more_offers_is_in_the_palette_and_the_help_as_well(
    window: MainWindow,
) -> None:
    menu = _more(window)
    offered = _ids(menu)
    menu.close()
    assert offered == [
        "conversation.tag", "conversation.unread",
        "priority.urgent", "priority.high", "priority.normal", "priority.low",
        "conversation.rename", "conversation.merge", "conversation.copy", "conversation.spam",
    ]  # fmt: skip
    words = {WORDS[one] for one in offered}
    window.palette_overlay.open()
    window.palette_overlay.field.setText("")
    assert words <= set(window.palette_overlay.texts())
    window.palette_overlay.field.setText("priority")
    assert "Urgent" in window.palette_overlay.texts()
    window.palette_overlay.dismiss()
    window.shortcuts.open()
    for text in words:
        window.shortcuts.search.setText(text)
        assert text in window.shortcuts.listed()


async def test_more_is_about_the_conversation_shown_whatever_is_marked(
    window: MainWindow, context: AppContext
) -> None:
    shown = window.thread_view.conversation_id
    assert shown is not None
    window.list.table.mark_all()
    assert len(window.list.selected_ids()) > 1

    _choose(_more(window), "priority.high")
    await until(lambda: _priority(window) is Priority.HIGH)
    ids = window.list.selected_ids()
    rows = await context.read(lambda conn: conversations.rows(conn, ids))
    assert {key for key, row in rows.items() if row.priority is Priority.HIGH} == {shown}

    menu = _more(window)
    ticked = [one for part in menu.findChildren(QMenu) for one in part.actions() if one.isChecked()]
    assert [one.objectName() for one in ticked] == ["priority.high"]
    _choose(menu, "conversation.spam")
    await window.commands.settle()
    row = await context.read(lambda conn: conversations.row(conn, shown))
    assert row is not None
    assert row.status is Status.SPAM


def _priority(window: MainWindow) -> Priority | None:
    row = window.thread_view.row
    return None if row is None else row.priority


async def test_a_priority_is_given_to_all_that_is_selected(
    window: MainWindow, context: AppContext
) -> None:
    window.list.table.mark_all()
    ids = window.list.selected_ids()
    context.actions["priority.urgent"].trigger()
    await window.commands.settle()
    rows = await context.read(lambda conn: conversations.rows(conn, ids))
    assert {row.priority for row in rows.values()} == {Priority.URGENT}


@pytest_asyncio.fixture
async def strips(window: MainWindow, context: AppContext) -> AsyncIterator[list[AttachmentStrip]]:
    """The files below two messages of the conversation shown: two files, and one."""
    shown = window.thread_view.conversation_id
    assert shown is not None

    def write(tx: Tx) -> None:
        for number, names in enumerate((("list.pdf", "prices.csv"), ("note.txt",))):
            at = builders.NOON + timedelta(days=30, minutes=number)
            mail = Mail(text=f"Words {number}", at=at, who=MINA, attachments=names)
            builders.message(tx, shown, mail, account_id=1)

    await context.write(write)
    timeline = window.thread_view.timeline
    await until(lambda: len(timeline.message_ids()) >= 3)
    timeline.expand_all(expanded=True)

    def found() -> list[AttachmentStrip]:
        strips = [one.attachments for one in timeline.bubbles() if one.attachments is not None]
        return [one for one in strips if one.count()]

    await until(lambda: [one.count() for one in found()] == [2, 1])
    yield found()
    window.let_go()


async def test_a_file_is_saved_from_its_menu_or_as_the_one_that_had_the_focus(
    window: MainWindow, context: AppContext, strips: list[AttachmentStrip]
) -> None:
    chip = strips[0].chips()[1]
    chip.menu_wanted.emit(chip.mapToGlobal(QPoint(4, 4)))
    menu = _opened()
    assert _ids(menu) == ["file.open", "file.save", "file.save_all"]
    _choose(menu, "file.save")
    assert _asked(window) == "prices.csv"

    strips[0].chips()[0].setFocus(Qt.FocusReason.TabFocusReason)
    await until(lambda: strips[0].chips()[0].hasFocus())
    window.palette_overlay.open()
    window.palette_overlay.field.setText("save file")
    QTest.keyClick(window.palette_overlay.field, Qt.Key.Key_Return)
    assert _asked(window) == "list.pdf"


async def test_without_a_chosen_file_the_only_one_of_the_current_message_is_meant(
    window: MainWindow, context: AppContext, strips: list[AttachmentStrip]
) -> None:
    timeline, actions = window.thread_view.timeline, context.actions
    with_two, with_one = (strip.chips()[0].row.message_id for strip in strips)
    timeline.go_to(with_one)
    assert not actions["file.save_all"].isEnabled()
    actions["file.save"].trigger()
    assert _asked(window) == "note.txt"
    timeline.go_to(with_two)
    assert actions["file.save_all"].isEnabled()
    assert not actions["file.open"].isEnabled()
    window.thread_view.show_conversation(None)
    assert not actions["file.save_all"].isEnabled()


def _asked(window: MainWindow) -> str:
    """The name under which a dialog offers to save."""
    (dialog,) = window.findChildren(QFileDialog)
    [path] = dialog.selectedFiles()
    dialog.close()
    dialog.deleteLater()
    QApplication.sendPostedEvents(dialog, 0)
    return path.rpartition("/")[2]
