"""A program that is ended by a fault below Python leaves a report for the next start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop_inbox import crashes

_WATCH = (
    "from pathlib import Path; from desktop_inbox import crashes; crashes.watch(Path({folder!r}))"
)
CRASH = "import faulthandler; faulthandler._sigsegv()"


def run(folder: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    code = [
        "from pathlib import Path",
        "from desktop_inbox import crashes",
        f"crashes.watch(Path({str(folder)!r}))",
        *lines,
    ]
    return subprocess.run(
        [sys.executable, "-c", "\n".join(code)],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_crash_is_found_at_the_next_start_and_only_then(tmp_path: Path) -> None:
    crashed = run(tmp_path, "def deep():", f"    {CRASH}", "deep()")
    assert crashed.returncode != 0
    after = run(tmp_path, "print(crashes.found())", "crashes.end()")
    assert "Fatal Python error" in after.stdout
    assert "in deep" in after.stdout
    assert not (tmp_path / crashes.FILE_NAME).exists()
    assert run(tmp_path, "print(crashes.found())").stdout.strip() == ""


def test_a_program_that_was_killed_from_outside_left_nothing(tmp_path: Path) -> None:
    run(tmp_path, "import os", "os._exit(9)")
    assert run(tmp_path, "print(crashes.found())").stdout.strip() == ""


def test_a_folder_that_cannot_be_written_costs_the_report_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert run(tmp_path / "file", "print('well')").stdout.strip() == "well"


def test_whoever_watches_already_is_left_alone(tmp_path: Path) -> None:
    code = f"{_WATCH.format(folder=str(tmp_path))}; {CRASH}"
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "Fatal Python error" in done.stderr


@pytest.fixture
def nothing_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crashes._watch, "found", "")


def test_without_a_watch_nothing_is_found(nothing_found: None) -> None:
    assert crashes.found() == ""
    crashes.end()
