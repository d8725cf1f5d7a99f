"""Starting and ending: one window per workspace, faults that are told, stalls that are noted."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop_inbox.ui.application import Hooks, SingleInstance
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs import crash
from desktop_inbox.ui.tasks import Tasks
from tests.support.qt_waits import until


def test_a_second_start_raises_the_first_window_and_ends(qtbot: QtBot, tmp_path: Path) -> None:
    first, second = SingleInstance(str(tmp_path)), SingleInstance(str(tmp_path))
    assert first.claim()
    with qtbot.waitSignal(first.raised):
        assert not second.claim()
    first.close()
    assert second.claim()
    second.close()


def test_windows_on_other_workspaces_do_not_meet(qtbot: QtBot, tmp_path: Path) -> None:
    first, other = SingleInstance(str(tmp_path / "a")), SingleInstance(str(tmp_path / "b"))
    assert first.claim()
    assert other.claim()
    first.close()
    other.close()


@pytest.mark.expects_log("a fault of the program")
async def test_a_fault_in_a_task_reaches_the_log_and_the_dialog(
    qtbot: QtBot, context: AppContext
) -> None:
    told: list[BaseException] = []
    hooks = Hooks(context)
    hooks.crashed.connect(told.append)
    hooks.install(asyncio.get_running_loop())
    try:
        fault = ZeroDivisionError("in a test")
        asyncio.get_running_loop().call_exception_handler({"exception": fault})
        assert told == [fault]
    finally:
        hooks.remove()


async def test_tasks_report_what_they_raise_and_start_nothing_after_the_end(qtbot: QtBot) -> None:
    reported: list[BaseException] = []
    tasks = Tasks(reported.append)

    async def fail() -> None:
        raise ValueError("no")

    tasks.start(fail())
    await until(lambda: reported)
    assert isinstance(reported[0], ValueError)
    await tasks.stop()
    tasks.start(fail())
    await asyncio.sleep(0)
    assert len(reported) == 1


def test_a_crash_report_names_versions_and_hides_addresses(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    try:
        raise RuntimeError("for elif.arslan@posta.example")
    except RuntimeError as error:
        dialog = crash.CrashDialog(error)
    qtbot.addWidget(dialog)
    text = dialog.findChildren(QPlainTextEdit)[0].toPlainText()
    assert "Desktop Inbox" in text
    assert "RuntimeError" in text
    assert "elif.arslan@posta.example" not in text
