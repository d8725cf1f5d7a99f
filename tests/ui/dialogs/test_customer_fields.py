"""A business gives its customers fields of its own: makes, renames and removes them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.customer_fields import FieldKind
from desktop_inbox.store import customer_fields
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.dialogs.customer_fields import CustomerFields
from tests.support.qt_waits import until


async def test_a_field_is_made_renamed_removed_and_brought_back(
    qtbot: QtBot, context: AppContext
) -> None:
    window = QWidget()
    window.resize(700, 500)
    qtbot.addWidget(window)
    window.show()
    card = CustomerFields(context, window)
    card.open()

    QTest.keyClicks(card.name, "Glaze")
    card.kind.setCurrentIndex(card.kind.findData(FieldKind.CHOICE))
    assert card.choices.isVisible()
    QTest.keyClick(card.name, Qt.Key.Key_Return)
    await until(card.error.isVisible)  # a choice without choices
    QTest.keyClicks(card.choices, "matt, shiny")
    QTest.keyClick(card.choices, Qt.Key.Key_Return)
    await until(lambda: [one.name for one in card.rows] == ["Glaze"])
    assert card.rows[0].choices == ("matt", "shiny")
    assert not card.error.isVisible()

    line = next(one for one in card.findChildren(QLineEdit) if one.text() == "Glaze")
    line.selectAll()
    QTest.keyClicks(line, "Finish")
    QTest.keyClick(line, Qt.Key.Key_Return)
    await until(lambda: [one.name for one in card.rows] == ["Finish"])

    said: list[Notice] = []
    context.notice.connect(said.append)
    card._remove(card.rows[0])
    await until(lambda: not card.rows)
    assert said[-1].action is not None
    said[-1].action()
    await until(lambda: [one.name for one in card.rows] == ["Finish"])
    assert [one.name for one in await context.read(customer_fields.list_all)] == ["Finish"]
