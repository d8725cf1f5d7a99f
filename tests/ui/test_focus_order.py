"""Tab goes as the eye reads, whatever was built first."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_inbox.ui import focus_order
from desktop_inbox.ui.follows_eye import FollowsEye
from tests.support.qt_waits import until


class Window(FollowsEye, QWidget):
    """A window with nothing in it."""


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window()
    window.resize(400, 300)
    qtbot.addWidget(window)
    return window


def named(kind: type[QWidget], name: str, parent: QWidget | None = None) -> QWidget:
    made = kind(parent)
    made.setObjectName(name)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def order(window: QWidget) -> list[str]:
    return [one.objectName() for one in focus_order.controls(window)]


async def walked(window: QWidget, presses: int, key: Qt.Key = Qt.Key.Key_Tab) -> list[str]:
    window.show()
    window.activateWindow()
    await until(window.isActiveWindow)
    focus_order.controls(window)[0].setFocus()
    names = []
    for _press in range(presses):
        focused = QApplication.focusWidget()
        assert focused is not None
        names.append(focused.objectName())
        QTest.keyClick(focused, key)
    return names


async def test_what_is_built_late_stands_where_it_is_seen(window: Window) -> None:
    column = QVBoxLayout(window)
    first, last = named(QLineEdit, "first"), named(QPushButton, "last")
    column.addWidget(first)
    column.addWidget(last)
    column.insertWidget(1, named(QPushButton, "late"))
    assert await walked(window, 5) == ["first", "late", "last", "first", "late"]
    assert await walked(window, 3, Qt.Key.Key_Backtab) == ["first", "last", "late"]


def test_a_grid_is_read_in_rows_and_a_form_line_by_line(window: Window) -> None:
    grid, form = QGridLayout(), QFormLayout()
    for name, row, column in (("d", 1, 1), ("a", 0, 0), ("c", 1, 0), ("b", 0, 1)):
        grid.addWidget(named(QPushButton, name), row, column)
    form.addRow("two", named(QLineEdit, "f"))
    form.insertRow(0, "one", named(QLineEdit, "e"))
    column_of = QVBoxLayout(window)
    column_of.addLayout(grid)
    column_of.addLayout(form)
    assert order(window) == ["a", "b", "c", "d", "e", "f"]


def test_what_no_layout_holds_is_read_in_lines(window: Window) -> None:
    for name, x, y in (("d", 200, 40), ("a", 0, 2), ("c", 0, 42), ("b", 200, 0)):
        named(QPushButton, name, window).setGeometry(x, y, 80, 30)
    assert order(window) == ["a", "b", "c", "d"]
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert order(window) == ["b", "a", "d", "c"]


def test_what_is_hidden_disabled_or_a_part_is_left_out(window: Window) -> None:
    row = QHBoxLayout(window)
    hidden, disabled = named(QPushButton, "hidden"), named(QPushButton, "disabled")
    for widget in (hidden, disabled, named(QSpinBox, "number")):
        row.addWidget(widget)
    hidden.hide()
    disabled.setEnabled(False)
    assert order(window) == ["number"]


async def test_what_lies_further_down_is_scrolled_to(window: Window) -> None:
    inside, area = QWidget(), QScrollArea()
    column = QVBoxLayout(inside)
    for number in range(30):
        column.addWidget(named(QLineEdit, str(number)))
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    QVBoxLayout(window).addWidget(area)
    assert (await walked(window, 30))[-1] == "29"
    focus_order.controls(window)[29].setFocus()
    focus_order.step(window, forward=False)
    assert not focus_order.controls(window)[28].visibleRegion().isEmpty()
