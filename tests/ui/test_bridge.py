"""What other threads publish reaches the window united, in time, and on its own thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.changes import Changes
from desktop_inbox.ui.bridge import Bridge


@dataclass(frozen=True)
class Status:
    account_id: int
    text: str


def in_thread(*calls: object) -> None:
    def run() -> None:
        for call in calls:
            call()  # type: ignore[operator]

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_a_burst_of_commits_becomes_one_signal(qtbot: QtBot) -> None:
    bridge = Bridge()
    seen: list[Changes] = []
    bridge.changed.connect(seen.append)
    in_thread(
        *(
            lambda key=key: bridge.publish(Changes(conversations=frozenset({key})))
            for key in range(100)
        )
    )
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [Changes(conversations=frozenset(range(100)))]
    in_thread(lambda: bridge.publish(Changes(tags=frozenset({1}))))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[1] == Changes(tags=frozenset({1}))


def test_signals_arrive_on_the_windows_thread(qtbot: QtBot) -> None:
    bridge = Bridge()
    threads: list[QThread] = []
    bridge.changed.connect(lambda _changes: threads.append(QThread.currentThread()))
    in_thread(lambda: bridge.publish(Changes(accounts=frozenset({1}))))
    qtbot.waitUntil(lambda: bool(threads))
    assert threads[0] == bridge.thread()


def test_only_the_latest_status_of_each_account_is_passed_on(qtbot: QtBot) -> None:
    bridge = Bridge()
    seen: list[Status] = []
    bridge.account_status.connect(seen.append)
    in_thread(
        lambda: bridge.publish_status(Status(1, "connecting")),
        lambda: bridge.publish_status(Status(2, "online")),
        lambda: bridge.publish_status(Status(1, "online")),
    )
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert sorted(seen, key=lambda s: s.account_id) == [Status(1, "online"), Status(2, "online")]


def test_a_closed_bridge_ends_its_subscriptions_and_says_nothing_more(qtbot: QtBot) -> None:
    bridge = Bridge()
    ended: list[bool] = []
    seen: list[Changes] = []
    bridge.listen(lambda: ended.append(True))
    bridge.changed.connect(seen.append)
    bridge.close()
    bridge.publish(Changes(tags=frozenset({1})))
    qtbot.wait(2 * 30)
    assert (ended, seen) == ([True], [])
