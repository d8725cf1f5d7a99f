"""A conversation is called what somebody typed, here and nowhere else."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_inbox.store import conversations
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.rename import RenameDialog
from desktop_inbox.ui.main_window import MainWindow
from tests.support.qt_waits import until


async def asked(window: MainWindow) -> RenameDialog:
    """The dialog that F2 brings up."""
    window.list.table.setFocus()
    QTest.keyClick(window.list.table, Qt.Key.Key_F2)
    await until(lambda: isinstance(QApplication.activeWindow(), RenameDialog))
    dialog = QApplication.activeWindow()
    assert isinstance(dialog, RenameDialog)
    return dialog


async def test_f2_renames_the_conversation_and_undo_brings_its_subject_back(
    window: MainWindow, context: AppContext
) -> None:
    key = window.thread_view.conversation_id
    assert key is not None
    before = window.thread_view.head.title.full_text()
    dialog = await asked(window)
    assert dialog.field.text() == before
    QTest.keyClicks(dialog.field, "Wedding order, June")  # what was there is selected
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    await until(lambda: window.thread_view.head.title.full_text() == "Wedding order, June")
    row = await context.read(lambda conn: conversations.row(conn, key))
    assert row is not None
    assert row.subject == "Wedding order, June"
    context.actions["undo"].trigger()
    await until(lambda: window.thread_view.head.title.full_text() == before)


async def test_nothing_and_what_it_is_called_already_cannot_be_saved(window: MainWindow) -> None:
    dialog = await asked(window)
    assert not dialog.save.isEnabled()
    dialog.field.setText("   ")
    assert not dialog.save.isEnabled()
    left: list[int] = []
    dialog.finished.connect(left.append)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert left == [RenameDialog.DialogCode.Rejected]
