"""Starting and ending: one window per workspace, faults that are told, stalls that are noted."""

from __future__ import annotations

import asyncio
import logging
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.settings import Settings
from desktop_inbox.store import DATABASE_NAME, first_page
from desktop_inbox.store.errors import DatabaseLocked
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.engine_thread import EngineThread
from desktop_inbox.ui import application
from desktop_inbox.ui.application import Hooks, OpenWorkspace
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs import crash
from desktop_inbox.ui.instance import SingleInstance
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.tasks import Tasks
from desktop_inbox.ui.theme import Theme
from tests.support import builders
from tests.support.qt_waits import until

offscreen = pytest.mark.expects_log("This plugin does not support")


class Start:
    """The program as it starts on a folder with six conversations, up to its first frame."""

    def __init__(self, folder: Path, theme: Theme) -> None:
        self.folder = folder
        application.create_application(Settings())
        workspace = Workspace.open(folder)
        workspace.db.write(lambda tx: builders.fill(tx, conversation_count=6)).result(10)
        workspace.close()
        self.context = AppContext(
            workspace=None,
            engine=None,
            settings=Settings(),
            secrets=MemorySecrets(),
            theme=theme,
        )
        self.context.tasks.hold()
        rows = first_page.read(folder / DATABASE_NAME, "inbox")
        assert rows is not None
        self.window = MainWindow(self.context, rows=rows)
        self.window.resize(1440, 900)
        self.window.show()
        self.ready: list[MainWindow] = []

    def go_on(self, open_workspace: OpenWorkspace) -> asyncio.Task[int]:
        """Run what follows the first frame."""
        return asyncio.create_task(
            application._session(
                self.window,
                SingleInstance(str(self.folder)),
                self.context,
                open_workspace,
                on_ready=lambda window, _engine: self.ready.append(window),
                on_sample=None,
            )
        )


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path, theme: Theme) -> Start:
    return Start(tmp_path / "workspace", theme)


@offscreen
async def test_the_list_is_there_before_the_workspace_and_what_was_chosen_is_opened(
    start: Start,
) -> None:
    window, release = start.window, threading.Event()
    opened: list[Workspace] = []

    def open_slowly() -> tuple[Workspace, EngineThread | None]:
        release.wait(10)
        opened.append(Workspace.open(start.folder))
        return opened[0], None

    session = start.go_on(open_slowly)
    try:
        ids = list(window.list.model.ids)
        assert len(ids) == 6
        assert all(window.list.model.peek(key) is not None for key in ids)
        assert window.list.empty_words == ""
        window.list.table.choose(ids[3], by_person=True)
        release.set()
        await until(lambda: start.ready == [window])
        await until(lambda: not window.list.model.loading)
        assert list(window.list.model.ids) == ids
        await until(lambda: window.thread_view.row is not None)
        assert window.thread_view.conversation_id == ids[3]
    finally:
        release.set()
        window.close()
        assert await session == 0
        opened[0].close()


@offscreen
async def test_a_window_closed_while_the_workspace_opens_ends_without_being_completed(
    start: Start,
) -> None:
    release = threading.Event()
    opened: list[Workspace] = []

    def open_slowly() -> tuple[Workspace, EngineThread | None]:
        release.wait(10)
        opened.append(Workspace.open(start.folder))
        return opened[0], None

    session = start.go_on(open_slowly)
    await asyncio.sleep(0)
    start.window.close()
    release.set()
    assert await session == 0
    assert start.ready == []
    opened[0].close()


@offscreen
async def test_an_opening_that_fails_takes_the_window_away_and_is_handed_on(start: Start) -> None:
    def fail() -> tuple[Workspace, EngineThread | None]:
        raise DatabaseLocked(start.folder)

    session = start.go_on(fail)
    with pytest.raises(DatabaseLocked):
        await session
    assert not [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    assert start.ready == []


async def test_what_is_started_before_there_is_a_loop_runs_once_there_is_one(qtbot: QtBot) -> None:
    done: list[str] = []

    async def note(word: str) -> None:
        done.append(word)

    tasks = Tasks(lambda _error: None)
    tasks.hold()
    tasks.start(note("held"))
    await asyncio.sleep(0)
    assert done == []
    tasks.go()
    tasks.start(note("later"))
    await until(lambda: done == ["held", "later"])
    tasks.hold()
    tasks.start(note("never"))
    await tasks.stop()
    await asyncio.sleep(0)
    assert done == ["held", "later"]


def test_a_second_start_raises_the_first_window_and_ends(qtbot: QtBot, tmp_path: Path) -> None:
    first, second = SingleInstance(str(tmp_path)), SingleInstance(str(tmp_path))
    assert first.claim()
    with qtbot.waitSignal(first.asked):
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
