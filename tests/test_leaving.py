"""`--quit`, by which an installer closes the program; and a start without standard streams."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = (sys.executable, "-m", "desktop_inbox")
OFFSCREEN = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


def leave(folder: Path) -> int:
    command = [*PROGRAM, "--data-dir", str(folder), "--quit"]
    return subprocess.run(command, env=OFFSCREEN, timeout=60, check=False).returncode


def test_the_window_ends_as_by_hand_before_the_installer_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    window = subprocess.Popen([*PROGRAM, "--data-dir", str(folder)], env=OFFSCREEN)
    try:
        lock = folder / "engine.lock"
        deadline = time.monotonic() + 60
        while not (lock.exists() and lock.stat().st_size):  # the engine starts last
            assert time.monotonic() < deadline
            assert window.poll() is None
            time.sleep(0.05)
        assert leave(folder) == 0
        assert lock.read_bytes() == b""  # nothing was left as after a crash
        assert window.wait(10) == 0
    finally:
        window.kill()
        window.wait()


def test_where_no_window_is_open_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    began = time.monotonic()
    assert leave(tmp_path) == 0
    assert time.monotonic() - began < 20
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("--help",), ("--data-dir", "x", "show", "1"), ("--no",)])
def test_a_start_without_standard_streams_says_nothing_and_does_not_fail_of_it(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    # As a program for windows is started on Windows.
    code = (
        "import sys; sys.stdin = sys.stdout = sys.stderr = None\n"
        "from desktop_inbox.__main__ import main\n"
        f"sys.exit(main({list(arguments)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (b"", b"")
    assert done.returncode == {"--help": 0, "--data-dir": 1, "--no": 2}[arguments[0]]
