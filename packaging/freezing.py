"""Freezes the program into a folder that runs without Python, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import dev
from order import Order
from project import ROOT

WORK = ROOT / "build"
VENV = WORK / "venv"
PYTHON = dev.python_of(VENV)
PROGRAM = "desktop-inbox.exe" if os.name == "nt" else "desktop-inbox"


def freeze(order: Order) -> Path:
    """Return a frozen folder: the one that the order names, else a new one that proved itself.

    Raises:
        SystemExit: it could not be made, or failed; the reason was printed.
    """
    return order.frozen or _freeze(order.out)


def prepare() -> None:
    """Bring the build's own virtual environment up to date."""
    dev.check_python()
    WORK.mkdir(exist_ok=True)
    dev.prepare("build", (*dev.LIBRARIES, "binutils"), venv=VENV)


def size_mb(place: Path) -> float:
    """Return what a file, or the files of a folder, hold, in millions of bytes."""
    files = [place] if place.is_file() else place.rglob("*")
    found = (path for path in files if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in found) / 1e6


@cache
def _freeze(out: Path) -> Path:
    prepare()
    command: list[str | Path] = [PYTHON, "-m", "PyInstaller", "--noconfirm", "--clean"]
    command += ["--distpath", out, "--workpath", WORK / "pyinstaller", "--log-level", "WARN"]
    dev.step("Freezing the program", [*command, ROOT / "packaging" / "pyinstaller.spec"])
    folder = out / "desktop-inbox"
    _prove(folder / PROGRAM)
    return folder


def _prove(program: Path) -> None:
    """Let the frozen program check itself, as on a machine without Python."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    for variable in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(variable, None)
    with tempfile.TemporaryDirectory() as home:
        environment["HOME"] = home
        answer = subprocess.run(
            [program, "--self-test"], env=environment, cwd=home, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    if answer.returncode != 0:
        dev.fail(f"The frozen program is not sound:\n{answer.stdout}{answer.stderr}")
