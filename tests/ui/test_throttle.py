"""What is asked for too often is done at once, then rarely, and never left undone."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop_inbox.ui import throttle as throttling
from desktop_inbox.ui.throttle import Throttle


class Work:
    def __init__(self) -> None:
        self.times: list[float] = []

    def do(self) -> None:
        self.times.append(time.monotonic())


def test_the_first_call_is_done_at_once(qtbot: QtBot) -> None:
    parent, work = QObject(), Work()
    throttle = Throttle(work.do, pause_ms=10_000, parent=parent)
    throttle.ask()
    assert len(work.times) == 1
    assert not throttle.waiting


def test_calls_within_the_pause_become_one_after_it(qtbot: QtBot) -> None:
    parent, work = QObject(), Work()
    throttle = Throttle(work.do, pause_ms=40, parent=parent)
    for _call in range(20):
        throttle.ask()
    assert (len(work.times), throttle.waiting) == (1, True)
    qtbot.waitUntil(lambda: not throttle.waiting)
    assert len(work.times) == 2
    assert work.times[1] - work.times[0] >= 0.04


def test_after_a_pause_without_calls_the_next_is_done_at_once_again(qtbot: QtBot) -> None:
    parent, work = QObject(), Work()
    throttle = Throttle(work.do, pause_ms=1, parent=parent)
    throttle.ask()
    qtbot.waitUntil(lambda: time.monotonic() - work.times[0] > 0.001)
    throttle.ask()
    assert len(work.times) == 2


def test_what_cost_much_is_left_alone_for_longer(qtbot: QtBot) -> None:
    parent, work = QObject(), Work()
    throttle = Throttle(work.do, pause_ms=1, parent=parent)
    throttle.ask()
    throttle.rest(0.05)
    throttle.ask()
    qtbot.waitUntil(lambda: len(work.times) == 2)
    assert work.times[1] - work.times[0] >= 0.05


def test_while_calls_pour_in_the_pauses_grow_and_a_quiet_one_makes_them_short_again(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]  # a clock of our own: how busy the machine is says nothing
    monkeypatch.setattr(throttling, "time", SimpleNamespace(monotonic=lambda: now[0]))
    parent, work = QObject(), Work()
    throttle = Throttle(work.do, pause_ms=20, parent=parent)
    throttle.ask()
    pauses = []
    while len(work.times) < 6:
        throttle.ask()
        pauses.append(throttle._timer.interval())
        qtbot.waitUntil(lambda: not throttle.waiting)
    assert pauses == [21, 31, 46, 69, 81]
    now[0] += 1
    throttle.ask()
    assert len(work.times) == 7
    throttle.ask()
    assert throttle._timer.interval() == 21
