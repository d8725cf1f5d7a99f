"""Another language: the window ends in an orderly way and is there again in the new one."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from desktop_inbox import app, log
from desktop_inbox.paths import places
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.ui import application
from tests.support.qt_waits import until
from tests.ui.test_application import Start, offscreen, start  # noqa: F401


@offscreen
async def test_a_window_that_is_to_begin_anew_closes_and_says_so(start: Start) -> None:  # noqa: F811
    workspace = Workspace.open(start.folder)
    session = start.go_on(lambda: (workspace, None))
    try:
        await until(lambda: start.ready)
        closed: list[bool] = []
        start.window.closed.connect(lambda: closed.append(True))
        start.context.restart_requested.emit()
        assert await session == application.AGAIN
        assert closed == [True]
    finally:
        workspace.close()


@pytest.mark.parametrize("status", [0, 1])
def test_the_program_goes_on_with_the_next_window_and_ends_with_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    ends = [application.AGAIN, application.AGAIN, status]
    opened: list[str] = []

    def run(*_arguments: object, name: str, **_options: object) -> int:
        opened.append(name)
        return ends[len(opened) - 1]

    monkeypatch.setattr(application, "run", run)
    monkeypatch.setattr(gc, "disable", lambda: None)  # of the whole process
    monkeypatch.setattr(log, "start", lambda _folder: None)
    assert app.window(places(tmp_path)) == status
    assert len(opened) == 3
    assert set(opened) == {opened[0]}
