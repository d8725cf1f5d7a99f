"""The tour of the sample shop: what a stranger's first command shows, played without anybody."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

STEPS = (
    "inbox", "conversation", "canned-responses", "composed", "sending", "sent", "answered", "dark",
    *(f"{language}-{name}" for language in ("en", "tr")
      for name in ("light", "palette", "keys", "dark", "small", "large")),
    "channels", "channels-large", "channels-dark", "chat",
)  # fmt: skip


def play(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not _shows(name)}
    return subprocess.run(
        [sys.executable, "-m", "desktop_inbox", "demo", "--tour", str(folder)],
        env={**known, **environment}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def _shows(variable: str) -> bool:
    return variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def _size(picture: Path, *, scale: int) -> tuple[int, int]:
    """Return how large it is by the measure of the window, however dense its dots are."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width // scale, height // scale


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1, 2])
def test_the_tour_syncs_answers_and_hears_back_without_a_display(
    tmp_path: Path, scale: int
) -> None:
    done = play(tmp_path / "tour", QT_SCALE_FACTOR=str(scale))
    assert done.returncode == 0, done.stderr
    pictures = sorted((tmp_path / "tour").iterdir())
    assert [path.stem.partition("-")[2] for path in pictures] == list(STEPS)
    assert done.stdout.splitlines() == [str(path) for path in pictures]
    sizes = {path.stem.rpartition("-")[2]: _size(path, scale=scale) for path in pictures}
    assert (sizes.pop("small"), sizes.pop("large")) == ((1000, 640), (2560, 1440))
    assert set(sizes.values()) == {(1440, 900)}
    assert len({path.read_bytes() for path in pictures}) == len(STEPS)


@pytest.mark.slow
def test_a_step_that_fails_fails_the_tour(tmp_path: Path) -> None:
    (tmp_path / "tour").mkdir()
    (tmp_path / "tour" / "02-conversation.png").mkdir()  # the picture cannot be written
    done = play(tmp_path / "tour")
    assert done.returncode == 1
    assert "02-conversation.png" in done.stderr
