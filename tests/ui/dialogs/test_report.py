"""A report can be read, copied and saved; it names no customer, and nothing is sent by itself."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from desktop_inbox import crashes
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.crash import CrashDialog
from desktop_inbox.ui.dialogs.report import ReportDialog
from desktop_inbox.ui.main_window import MainWindow
from tests.support.qt_waits import until

Open = Callable[[], Awaitable[MainWindow]]

LETTER = "Dear Kaya Ceramics, the plates came broken and I want them exchanged, yours, Elif Arslan"


def crashed(error: Exception) -> CrashDialog:
    try:
        raise error
    except type(error) as raised:
        return CrashDialog(raised)


@pytest.mark.expects_log("elif.arslan|login|fault")
def test_what_is_copied_and_saved_is_what_is_read(
    qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("desktop_inbox.test").warning("login of elif.arslan@posta.example failed")
    dialog = crashed(ValueError(f"'{LETTER}'"))
    qtbot.addWidget(dialog)
    shown = dialog.text.toPlainText()
    assert "ValueError" in shown
    assert "test_report.py" in shown  # where it happened
    assert "plates" not in shown
    assert "elif.arslan" not in shown
    dialog._copy()
    assert QGuiApplication.clipboard().text() == shown
    dialog.save(str(tmp_path / "report.txt"))
    assert (tmp_path / "report.txt").read_text(encoding="utf-8") == shown + "\n"
    assert dialog._said.text() == f"Saved to {tmp_path / 'report.txt'}"


def test_a_file_that_cannot_be_written_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = crashed(ValueError("x"))
    qtbot.addWidget(dialog)
    dialog.save(str(tmp_path / "missing" / "report.txt"))
    assert "could not be written" in dialog._said.text()


def test_a_long_traceback_is_there_in_full(qtbot: QtBot) -> None:
    def deep(level: int) -> None:
        if level == 0:
            raise RecursionError("deep")
        deep(level - 1) if level % 2 else deeper(level - 1)

    def deeper(level: int) -> None:
        deep(level)

    with pytest.raises(RecursionError) as failure:
        deep(40)
    dialog = CrashDialog(failure.value)
    qtbot.addWidget(dialog)
    shown = dialog.text.toPlainText()
    assert shown.count("in deeper") >= 10
    assert "RecursionError: deep" in shown


def test_an_error_of_the_database_says_nothing_of_what_was_to_be_stored(
    context: AppContext, qtbot: QtBot
) -> None:
    workspace: Workspace = context.workspace
    with pytest.raises(DBAPIError) as failure:
        workspace.db.write(
            lambda tx: tx.conn.execute(
                text("INSERT INTO message (snippet) VALUES (:words)"), {"words": LETTER}
            )
        ).result()
    dialog = CrashDialog(failure.value)
    qtbot.addWidget(dialog)
    assert "plates" not in dialog.text.toPlainText()
    assert "plates" not in str(failure.value)


async def test_an_end_in_the_middle_is_told_at_the_next_start(
    context: AppContext, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = 'Fatal Python error: Segmentation fault\n  File "/usr/lib/x.py", line 7 in paint'
    monkeypatch.setattr(crashes._watch, "found", trace)
    window = await open_window()
    banner = window.message_bar.current
    assert banner is not None
    assert banner.action_text == "Look at the report"
    assert banner.action is not None
    banner.action()
    dialog = window.findChild(ReportDialog)
    assert isinstance(dialog, ReportDialog)
    assert trace in dialog.text.toPlainText()
    dialog.accept()


async def test_the_report_for_support_tells_how_everything_is(
    window: MainWindow, context: AppContext
) -> None:
    context.actions["report"].trigger()
    await until(lambda: window.findChild(ReportDialog) is not None, timeout_seconds=20)
    dialog = window.findChild(ReportDialog)
    assert isinstance(dialog, ReportDialog)
    shown = dialog.text.toPlainText()
    assert shown.startswith("Desktop Inbox ")
    assert "database  ok: 6 conversation" in shown
    assert "account   1 <address>: " in shown
    assert "\n          server: " in shown  # nobody answers for this account
    assert "@" not in shown
    dialog.accept()
