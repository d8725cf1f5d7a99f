"""A workspace and a context for the views: real store, no engine, everything in memory or tmp."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from pytestqt.qtbot import QtBot

from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.settings import Settings
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.garbage import Collector
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.theme import Choice, Theme
from tests.support import builders
from tests.support.qt_waits import until

Open = Callable[[], Awaitable[MainWindow]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """End what still runs before pytest-qt deletes the widgets: the program ends in that order."""
    context = getattr(item, "funcargs", {}).get("context")
    if isinstance(context, AppContext):
        context.tasks.loop.run_until_complete(context.tasks.stop())
    return (yield)


@pytest.fixture(scope="session")
def collector(qapp: object) -> Collector:
    """What the program collects with, from the first test of the interface on."""
    return Collector()


@pytest.fixture(autouse=True)
def no_garbage(collector: Collector) -> Iterator[None]:
    """Collect between the tests, and never in the middle of one."""
    yield
    collector.collect()


@pytest.fixture(scope="session")
def theme(qapp: object) -> Theme:
    """The light theme, on the application as it is in the program."""
    theme = Theme()
    theme.choose(Choice.LIGHT)
    theme.apply()
    return theme


@pytest_asyncio.fixture
async def context(qtbot: QtBot, tmp_path: Path, theme: Theme) -> AsyncIterator[AppContext]:
    """A context on an empty workspace. A fault of ours that it is told about fails the test."""
    workspace = Workspace.open(tmp_path / "workspace")
    settings = Settings()
    settings.spelling = False  # else every test that types starts a process
    context = AppContext(
        workspace=workspace,
        engine=None,
        settings=settings,
        secrets=MemorySecrets(),
        theme=theme,
    )
    assert context.tasks.loop.is_running()  # known from here on
    bugs: list[BaseException] = []
    context.bug.connect(bugs.append)
    context.bridge.listen(workspace.db.subscribe(context.bridge.publish))
    yield context
    context.bridge.close()
    await context.tasks.stop()
    workspace.close()
    if bugs:
        raise bugs[0]


@pytest_asyncio.fixture
async def open_window(qtbot: QtBot, context: AppContext) -> AsyncIterator[Open]:
    """Opens windows, and closes them as the program does: first what runs, then the window."""
    windows: list[MainWindow] = []

    async def opened() -> MainWindow:
        window = MainWindow(context, with_sample=True)
        await window.complete()
        windows.append(window)
        window.resize(1440, 900)
        window.show()
        window.activateWindow()
        await until(lambda: window.accounts.known and not window.list.model.loading)
        await until(window.isActiveWindow)
        return window

    yield opened
    context.bridge.close()
    await context.tasks.stop()
    for window in windows:
        window.close()
        window.deleteLater()


@pytest_asyncio.fixture
async def window(open_window: Open, context: AppContext) -> MainWindow:
    """The window on six conversations, the first of them shown."""
    await context.write(lambda tx: builders.fill(tx, conversation_count=6))
    window = await open_window()
    await until(lambda: window.list.model.rowCount() == 6)
    await until(lambda: window.thread_view.conversation_id is not None)
    return window
