"""Python's collector and Qt: what belongs to the window is destroyed on the window's thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_inbox.ui.garbage import Collector


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    usual = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own, whatever ran before
    made = Collector()
    yield made
    made.close()
    gc.set_threshold(*usual)
    assert not gc.isenabled()


class _Cycle:
    def __init__(self, died_on: list[str]) -> None:
        self.myself = self
        self.died_on = died_on

    def __del__(self) -> None:
        self.died_on.append(threading.current_thread().name)


def _litter(died_on: list[str]) -> None:
    for _ in range(5000):  # many times what makes Python collect by itself
        _Cycle(died_on)


def test_garbage_of_another_thread_waits_for_the_window(collector: Collector) -> None:
    died_on: list[str] = []
    littering = threading.Thread(target=_litter, args=[died_on], name="elsewhere")
    littering.start()
    littering.join()
    assert died_on == []
    collector.collect()
    assert len(died_on) == 5000
    assert set(died_on) == {threading.main_thread().name}


def test_nothing_is_looked_through_while_there_is_little(collector: Collector) -> None:
    gc.collect()
    before = gc.get_stats()[0]["collections"]
    collector.collect()
    assert gc.get_stats()[0]["collections"] == before


def test_what_the_start_loaded_is_never_looked_through(collector: Collector) -> None:
    loaded = [{"number": number} for number in range(1000)]
    collector._settle()
    assert gc.get_freeze_count() > len(loaded)
    assert collector._timer.isActive()
    collector.close()
    assert gc.get_freeze_count() == 0
