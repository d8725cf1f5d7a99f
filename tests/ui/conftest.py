"""A workspace and a context for the views: real store, no engine, everything in memory or tmp."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from pytestqt.qtbot import QtBot

from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.settings import Settings
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.garbage import Collector
from desktop_inbox.ui.theme import Choice, Theme


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
    context = AppContext(
        workspace=workspace,
        engine=None,
        settings=Settings(),
        secrets=MemorySecrets(),
        theme=theme,
    )
    bugs: list[BaseException] = []
    context.bug.connect(bugs.append)
    context.bridge.listen(workspace.db.subscribe(context.bridge.publish))
    yield context
    context.bridge.close()
    await context.tasks.stop()
    workspace.close()
    if bugs:
        raise bugs[0]
