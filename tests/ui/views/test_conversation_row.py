"""What shows up on a row of the list while the pointer is on it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from desktop_inbox.ui.main_window import MainWindow
from tests.support.qt_waits import until


async def test_the_tooltip_of_a_row_leaves_the_next_row_to_be_read(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[QPoint] = []
    # An offscreen screen has no place for a real tooltip.
    monkeypatch.setattr(QToolTip, "showText", lambda at, _text, _view: shown.append(at))
    table = window.list.table
    view, rect = table.viewport(), table.visualRect(window.list.model.index(1, 0))
    for y in (rect.top() + 34, rect.center().y(), rect.bottom() - 2):
        at = QPoint(rect.left() + 80, y)
        QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, at, view.mapToGlobal(at)))
    tops = [view.mapFromGlobal(at).y() for at in shown]
    assert len(tops) == 3
    assert tops[0] == rect.top() + 34  # at the pointer, where there is room below it
    assert all(rect.bottom() - top >= 56 for top in tops)


async def test_a_star_is_given_and_taken_off_under_the_pointer(window: MainWindow) -> None:
    table, model = window.list.table, window.list.model
    key = model.ids[1]
    star = table._delegate.buttons(table.visualRect(model.index(1, 0)))[2].center()

    def starred() -> bool:
        row = model.peek(key)
        return row is not None and row.starred

    QTest.mouseMove(table.viewport(), star)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=star)
    await until(starred)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=star)
    await until(lambda: not starred())
