"""Where the window of a workspace is looked for before it is painted, and what that misses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop_inbox.ui.instance import SingleInstance
from desktop_inbox.ui.meeting_place import may_be_taken, name_of

# The first start is there, but the second looked a moment before.
_AT_ONCE = """
import sys
from PySide6.QtCore import QCoreApplication
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.settings import Settings
from desktop_inbox.ui import application
from desktop_inbox.ui.instance import SingleInstance

folder = sys.argv[1]
application.may_be_taken = lambda _name: False
application.create_application(Settings())
first, asked = SingleInstance(folder), []
first.claim()
first.asked.connect(asked.append)
link = "mailto:mina@orders.example"
status = application.run(None, Settings(), MemorySecrets(), name=folder, rows=[], mailto=link)
while not asked:
    QCoreApplication.processEvents()
print(status, asked[0].mailto)
"""


def test_a_window_that_listens_is_found_and_one_that_closed_is_not(
    qtbot: QtBot, tmp_path: Path
) -> None:
    assert not may_be_taken(str(tmp_path))
    window = SingleInstance(str(tmp_path))
    assert window.claim()
    assert may_be_taken(str(tmp_path))
    assert not may_be_taken(str(tmp_path / "other"))
    window.close()
    assert not may_be_taken(str(tmp_path))


def test_each_workspace_has_a_place_of_its_own_that_stays() -> None:
    assert name_of("/home/mina/a") == name_of("/home/mina/a") != name_of("/home/mina/b")


def test_of_two_starts_at_once_one_gives_way_after_its_first_frame(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _AT_ONCE, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == (["0", "mailto:mina@orders.example"], "")
