"""The loop of the tests, as pytest-qt drives it."""

from __future__ import annotations

import asyncio

from pytestqt.qtbot import QtBot

from tests.support.qt_loop import qt_loop


def test_a_task_goes_on_where_events_are_handled_between_two_runs(qtbot: QtBot) -> None:
    loop = qt_loop()
    went_on = asyncio.Event()

    async def work() -> str:
        await asyncio.sleep(0)
        answer = await asyncio.to_thread(lambda: "read in a thread")
        went_on.set()
        return answer

    async def start() -> asyncio.Task[str]:
        return asyncio.get_running_loop().create_task(work())

    try:
        task = loop.run_until_complete(start())
        qtbot.waitUntil(went_on.is_set)
        assert loop.run_until_complete(task) == "read in a thread"
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
