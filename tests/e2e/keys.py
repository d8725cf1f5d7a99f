"""Hands on a keyboard in front of the window, for tests that use nothing else."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop_inbox.store import conversations
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.conversations import ListQuery
from desktop_inbox.ui.main_window import MainWindow
from tests.support.desk import Desk
from tests.support.qt_waits import until

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key in whatever has the focus, as a keyboard does."""
    target = QApplication.focusWidget() or QApplication.activeWindow()
    assert target is not None
    QTest.keyClick(target, key, modifiers)


def type_in(text: str) -> None:
    """Type text; letters that no plain key makes come from an input method, as on real desks."""
    target = QApplication.focusWidget()
    assert target is not None
    for letter in text:
        if letter.isascii():
            QTest.keyClicks(target, letter)
        else:
            event = QInputMethodEvent()
            event.setCommitString(letter)
            QApplication.sendEvent(target, event)


async def has_focus(widget: QWidget) -> None:
    await until(lambda: QApplication.focusWidget() is widget)


async def walk_to(window: MainWindow, desk: Desk, wanted: ConversationRow) -> None:
    """Go up or down the list until the conversation is shown."""
    order = list(desk.read(partial(conversations.ids, query=ListQuery())))
    await until(lambda: list(window.list.model.ids) == order)
    for _row in range(len(order)):
        shown = window.list.table.shown
        if shown == wanted.id:
            break
        below = shown in order and order.index(shown) < order.index(wanted.id)
        press(Qt.Key.Key_J if below or shown is None else Qt.Key.Key_K)
        await until(partial(_moved, window, shown))
    await until(lambda: window.thread_view.row is not None)


def _moved(window: MainWindow, before: int | None) -> bool:
    return window.list.table.shown != before
