"""What runs for the window: it is kept alive, it ends with it, and no failure goes unheard."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

import pytest
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.errors import UserError
from desktop_inbox.ui.tasks import Tasks
from tests.support.qt_waits import until


async def test_a_failure_is_reported(qtbot: QtBot) -> None:
    told: list[BaseException] = []
    tasks = Tasks(told.append)

    async def fail() -> None:
        raise UserError("conversation-missing")

    tasks.start(fail())
    await until(lambda: told)
    assert isinstance(told[0], UserError)
    await tasks.stop()


async def test_who_still_waits_is_told_and_nobody_else(qtbot: QtBot) -> None:
    told: list[BaseException] = []
    tasks = Tasks(told.append)
    writing: Future[None] = Future()
    waiting = asyncio.ensure_future(tasks.result(writing, to_the_end=True))
    await asyncio.sleep(0)
    writing.set_exception(UserError("conversation-missing"))
    with pytest.raises(UserError):
        await waiting
    assert not told
    await tasks.stop()


@pytest.mark.parametrize("window_is_there", [True, False])
async def test_a_refusal_is_told_although_the_page_that_asked_was_left(
    qtbot: QtBot, window_is_there: bool
) -> None:
    told: list[BaseException] = []
    tasks = Tasks(told.append)
    writing: Future[None] = Future()
    waiting = asyncio.ensure_future(tasks.result(writing, to_the_end=True))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    if not window_is_there:
        await tasks.stop()
    refused = UserError("conversation-missing")
    after = asyncio.wrap_future(writing)  # heard after the one before it
    writing.set_exception(refused)
    with pytest.raises(UserError):
        await after
    assert told == ([refused] if window_is_there else [])
    await tasks.stop()
