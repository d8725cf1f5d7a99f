"""Qt is in the process before PySide is imported; what fails is left to the import."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from desktop_inbox.ui import ahead

_ALONE = """
import sys
sys.modules["desktop_inbox.ui"] = type(sys)("desktop_inbox.ui")  # which imports PySide
sys.modules["desktop_inbox.ui"].__path__ = [{folder!r}]
import threading
from pathlib import Path
from desktop_inbox.ui import ahead
ahead.start()
for thread in threading.enumerate():
    if thread.name == "ahead":
        thread.join()
assert "PySide6" not in sys.modules
print(Path("/proc/self/maps").read_text())
from PySide6.QtCore import QCoreApplication, QThread
assert QThread.currentThread().isMainThread()
application = QCoreApplication([])  # which complains where this is not the main thread
"""


@pytest.mark.skipif(sys.platform != "linux", reason="loaded ahead on Linux alone")
def test_all_of_it_is_loaded_before_the_import_and_the_main_thread_stays_qts() -> None:
    folder = str(Path(ahead.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", _ALONE.format(folder=folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("libQt6Widgets", "libfontconfig", *map(_file, ahead.LIBRARIES)):
        assert f"/{name}" in done.stdout, name


def _file(path: str) -> str:
    return path.rpartition("/")[2]


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_the_import_does_all_of_it(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert _threads_of_a_start(monkeypatch) == 0


def test_without_pyside_the_import_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "find_spec", lambda _name: None)
    assert _threads_of_a_start(monkeypatch) == 0


def _threads_of_a_start(monkeypatch: pytest.MonkeyPatch) -> int:
    started: list[object] = []
    monkeypatch.setattr(threading.Thread, "start", started.append)
    ahead.start()
    return len(started)


def test_what_is_not_there_is_left_to_the_import(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ahead, "FONTS", "libnone.so.0")
    ahead.load(tmp_path)
