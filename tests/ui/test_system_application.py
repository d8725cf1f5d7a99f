"""What a desktop asks of the program as a whole. There is one application a process, so each of
these has its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BEGIN = """
import sys
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QWidget
from desktop_inbox.settings import Settings
from desktop_inbox.ui.application import create_application
application = create_application(Settings())
told, left = [], []
def follow(): application.follow(told.append, leave=lambda: left.append(True))
def send(event): application.sendEvent(application, event); return event
"""


def act(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code], capture_output=True, text=True, timeout=60,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_link_that_a_mac_hands_over_is_written_to() -> None:
    act("""
follow()
send(QFileOpenEvent(QUrl("mailto:mina@orders.example?subject=K%C3%A2se%20%26%20Co")))
assert told == ["mailto:mina@orders.example?subject=K%C3%A2se%20%26%20Co"], told
""")


def test_one_that_comes_before_the_window_is_ready_is_kept_for_it() -> None:
    act("""
send(QFileOpenEvent(QUrl("MAILTO:mina@orders.example")))
assert told == []
follow()
assert [link.lower() for link in told] == ["mailto:mina@orders.example"], told
application.let_go(); follow()
assert len(told) == 1
""")


@pytest.mark.parametrize("address", ["https://evil.example/", "file:///etc/passwd", ""])
def test_nothing_else_is_opened(address: str) -> None:
    act(f"""
follow()
send(QFileOpenEvent(QUrl({address!r})))
assert told == []
""")


def test_asked_to_end_it_ends_when_it_is_ready() -> None:
    act("""
follow()
window = QWidget(); window.show()
assert not send(QEvent(QEvent.Type.Quit)).isAccepted()
assert left == [True]
assert window.isVisible()
""")


def test_a_click_in_the_dock_brings_a_hidden_window_back() -> None:
    act("""
follow()
sys.platform = "darwin"
window = QWidget(); window.show()
send(QEvent(QEvent.Type.ApplicationActivate))
assert told == []
window.hide()
send(QEvent(QEvent.Type.ApplicationActivate))
assert told == [""]
""")
