"""The page of tags: made, renamed, coloured, taken away, and all of it undone."""

from __future__ import annotations

import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from desktop_inbox.services import tagging
from desktop_inbox.store import tags
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.tag_manager import TagManager
from tests.support.qt_waits import until
from tests.ui.conftest import Open


class Desk:
    def __init__(self, context: AppContext, page: TagManager) -> None:
        self.context, self.page = context, page

    def stored(self) -> list[TagRow]:
        return self.context.workspace.db.read(tags.list_all).result(5)

    async def named(self, *names: str) -> None:
        """Wait until these are the tags, here and in the store."""
        wanted = sorted(names)
        await until(
            lambda: self.names() == wanted and sorted(row.name for row in self.stored()) == wanted
        )

    def names(self) -> list[str]:
        fields = self.page.findChildren(QLineEdit)
        return sorted(field.text() for field in fields if field is not self.page.new_name)

    def field(self, name: str) -> QLineEdit:
        return next(one for one in self.page.findChildren(QLineEdit) if one.text() == name)

    async def click(self, words: str) -> None:
        """Click a button once there is one with this name."""

        def named() -> list[QToolButton]:
            buttons = self.page.findChildren(QToolButton)
            return [one for one in buttons if one.accessibleName() == words]

        await until(lambda: bool(named()))
        named()[-1].click()


@pytest_asyncio.fixture
async def desk(qtbot: QtBot, context: AppContext, open_window: Open) -> Desk:
    window = await open_window()
    await context.write(lambda tx: tagging.create(tx, "Order", hue=10))
    page = TagManager(context, window)
    page.open()
    desk = Desk(context, page)
    await desk.named("Order")
    return desk


async def test_a_tag_is_made_with_enter_and_taken_back_with_undo(desk: Desk) -> None:
    QTest.keyClicks(desk.page.new_name, "Wholesale")
    QTest.keyClick(desk.page.new_name, Qt.Key.Key_Return)
    await desk.named("Order", "Wholesale")
    assert desk.page.new_name.text() == ""
    desk.context.commands.undo()
    await desk.named("Order")


async def test_a_name_that_is_taken_is_refused_in_words(desk: Desk) -> None:
    QTest.keyClicks(desk.page.new_name, "order")
    QTest.keyClick(desk.page.new_name, Qt.Key.Key_Return)
    await until(lambda: desk.page.error.text() == "There already is a tag Order.")
    assert desk.page.new_name.text() == "order"


async def test_renaming_colouring_and_removing_are_undone_one_by_one(desk: Desk) -> None:
    field = desk.field("Order")
    field.setFocus()
    field.setText("Orders")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await desk.named("Orders")
    desk.page._colour(desk.stored()[0], 200)
    await until(lambda: desk.stored()[0].hue == 200)
    await desk.click("Remove Orders")
    await desk.named()
    desk.context.commands.undo()
    await desk.named("Orders")
    desk.context.commands.undo()
    await until(lambda: desk.stored()[0].hue == 10)
    desk.context.commands.undo()
    await desk.named("Order")
