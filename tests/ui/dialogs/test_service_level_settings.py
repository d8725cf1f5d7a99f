"""Writing service levels: order, conditions, targets, a preview that is true, and refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from PySide6.QtCore import QDate, QDateTime, QPoint, QPointF, Qt, QTime
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.policies import ClockKind, Target, Terms
from desktop_inbox.services import conversations, customers
from desktop_inbox.store import policies
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.settings_service_levels import ServiceLevelsPage
from tests.support import builders
from tests.support import service_levels as promises
from tests.support.qt_waits import until
from tests.support.settings_page import settings_desk

FRIDAY = QDateTime(QDate(2026, 9, 25), QTime(16, 30))


@pytest_asyncio.fixture
async def page(qtbot: QtBot, context: AppContext) -> AsyncIterator[ServiceLevelsPage]:
    """The page over a window, in a workspace in Berlin."""

    def fill(tx: Tx) -> None:
        builders.account(tx)
        promises.zone(tx, "Europe/Berlin")

    await context.write(fill)
    desk = settings_desk(qtbot, context)
    page = ServiceLevelsPage(desk)
    page.setParent(desk.window)
    page.show()
    await page.load()
    yield page


def names(page: ServiceLevelsPage) -> list[str]:
    return [page.list.item(row).text().split("\n")[0] for row in range(page.list.count())]


async def current(context: AppContext, name: str) -> Terms:
    kept = await context.read(policies.policies)
    return next(one.current for one in kept if one.current.name == name)


async def test_each_entry_says_for_whom_and_how_much_time_there_is(page: ServiceLevelsPage) -> None:
    assert names(page) == ["E-mail", "Live chat", "Messaging"]
    assert page.list.item(0).text().endswith("E-mail · First reply 8 h, Next reply 8 h")
    assert page.list.item(2).text().split("\n")[1].startswith("Everything else")


async def test_the_order_is_changed_with_the_keyboard_and_taken_back(
    page: ServiceLevelsPage, context: AppContext
) -> None:
    page.list.setCurrentRow(2)
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    await until(lambda: names(page) == ["E-mail", "Messaging", "Live chat"])
    assert page.list.currentRow() == 1
    await context.write(conversations.undo)
    await until(lambda: names(page) == ["E-mail", "Live chat", "Messaging"])


async def test_the_preview_is_what_a_conversation_would_be_judged_by(
    page: ServiceLevelsPage,
) -> None:
    editor = page.editor(page.list.chosen())
    editor.open()
    editor.asked.setDateTime(FRIDAY)
    editor.targets.rows[ClockKind.FIRST_RESPONSE].amount.setValue(1)
    editor.show_preview()
    assert editor.preview.text().split("\n")[0] == "First reply: due Monday 09:30"
    row = editor.targets.rows[ClockKind.NEXT_RESPONSE]
    row.time.setCurrentIndex(row.time.findData(False))
    row.amount.setValue(1)
    editor.show_preview()
    assert editor.preview.text().split("\n")[1] == "Next reply: due Friday 17:30"
    editor.leave()


async def test_what_is_written_is_kept_with_save_and_undone_at_once(
    page: ServiceLevelsPage, context: AppContext
) -> None:
    editor = page.editor(page.list.chosen())
    editor.open()
    assert not editor.save_button.isEnabled()
    editor.conditions.vip.setChecked(True)
    editor.targets.rows[ClockKind.RESOLUTION].on.setChecked(True)
    editor.warnings.setText("75 %, 2 h")
    editor.reopen.setValue(3)
    assert editor.save_button.isEnabled()
    assert await editor.save()
    kept = await current(context, "E-mail")
    assert kept.conditions.vip
    assert kept.targets[ClockKind.RESOLUTION] == Target(length=timedelta(hours=40))
    assert [one.key for one in kept.warnings] == ["p75", "b120"]
    assert kept.reopens_within == timedelta(days=3)
    assert kept.conditions.channels == {"email"}
    await context.write(conversations.undo)
    assert not (await current(context, "E-mail")).conditions.vip


async def test_what_cannot_be_kept_is_said_and_stays_written(page: ServiceLevelsPage) -> None:
    editor = page.editor("")
    editor.open()
    editor.warnings.setText("soon")
    assert not await editor.save()
    assert editor.error.text().startswith("Warn at 1 to 99 percent")
    editor.warnings.setText("")
    assert not await editor.save()
    assert editor.error.text().startswith("A service level needs a name")
    editor.name.setText("Gold")
    for row in editor.targets.rows.values():
        row.on.setChecked(False)
    assert not await editor.save()
    assert editor.error.text().startswith("Promise at least one time")
    editor.targets.rows[ClockKind.FIRST_RESPONSE].on.setChecked(True)
    assert await editor.save()
    await until(lambda: names(page) == ["E-mail", "Live chat", "Messaging", "Gold"])


async def test_escape_does_not_lose_what_was_written(page: ServiceLevelsPage) -> None:
    editor = page.editor(page.list.chosen())
    editor.open()
    QTest.keyClicks(editor.name, "!")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.isVisible()
    assert editor.error.text() == "Not saved yet. Save it, or cancel."
    editor.leave()
    assert not editor.isVisible()


async def test_a_service_level_is_removed_and_comes_back(
    page: ServiceLevelsPage, context: AppContext
) -> None:
    page.list.setCurrentRow(1)
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    await until(lambda: names(page) == ["E-mail", "Messaging"])
    await context.write(conversations.undo)
    await until(lambda: names(page) == ["E-mail", "Live chat", "Messaging"])


async def test_any_number_of_the_customers_fields_can_be_asked_for(
    page: ServiceLevelsPage, context: AppContext
) -> None:
    plan, size = await context.write(
        lambda tx: [customers.add_field(tx, name) for name in ("Plan", "Size")]
    )
    await page.load()
    editor = page.editor(page.list.chosen())
    editor.open()
    first, second = editor.conditions.fields.add(), editor.conditions.fields.add()
    assert editor.conditions.fields.add_button.isHidden()
    assert (first.uid, second.uid) == (plan, size)
    QTest.keyClicks(first.values, "Gold, Silver")
    QTest.keyClicks(second.values, "XL")
    assert await editor.save()
    kept = (await current(context, "E-mail")).conditions.fields
    assert kept == {plan: frozenset({"Gold", "Silver"}), size: frozenset({"XL"})}
    await until(lambda: "Plan: Gold, Silver, Size: XL" in page.list.item(0).text())

    editor = page.editor(page.list.chosen())
    editor.open()
    assert [line.values.text() for line in editor.conditions.fields.lines] == ["Gold, Silver", "XL"]
    assert not editor.is_edited
    editor.conditions.fields.lines[0].removed.emit()
    assert await editor.save()
    assert (await current(context, "E-mail")).conditions.fields == {size: frozenset({"XL"})}

    await context.write(lambda tx: customers.remove_field(tx, size))
    await page.load()
    editor = page.editor(page.list.chosen())
    editor.open()
    assert not editor.is_edited  # what is gone for now is asked for still
    editor.leave()


async def test_the_order_is_changed_by_dragging_and_taken_back(
    page: ServiceLevelsPage, context: AppContext
) -> None:
    drop(page.list, row=1, over=1)
    drop(page.list, row=2, over=0)
    await until(lambda: names(page) == ["Messaging", "E-mail", "Live chat"])
    kept = await context.read(policies.policies)
    assert [one.current.name for one in kept] == ["Messaging", "E-mail", "Live chat"]
    await context.write(conversations.undo)
    await until(lambda: names(page) == ["E-mail", "Live chat", "Messaging"])


def drop(items: QListWidget, *, row: int, over: int) -> None:
    """Let go of a line over the upper edge of another, as the pointer does at the end of a drag."""
    items.setCurrentRow(row)
    data = items.model().mimeData([items.model().index(row, 0)])
    above = QPointF(items.visualItemRect(items.item(over)).topLeft() + QPoint(20, 1))
    event = QDropEvent(
        above,
        Qt.DropAction.MoveAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    items.dropEvent(event)
