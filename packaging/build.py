"""Build what is handed out: `python3 packaging/build.py dir`. Standard library only.

`dir` makes a folder that runs without Python, and proves it by its own self-test and tour.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import dev  # noqa: E402 - found through the line above

DIST = ROOT / "dist"
WORK = ROOT / "build"
TARGET = DIST / "desktop-inbox"
PROGRAM = TARGET / ("desktop-inbox.exe" if os.name == "nt" else "desktop-inbox")


def main(arguments: list[str]) -> int:
    """Build the named form and return the exit status."""
    if arguments != ["dir"]:
        print("usage: python3 packaging/build.py dir", file=sys.stderr)
        return 2
    dev.check_python()
    dev.prepare("build", (*dev.LIBRARIES, "binutils"))
    build_dir()
    return prove()


def build_dir() -> None:
    """Freeze the program into `dist/desktop-inbox`."""
    command: list[str | Path] = [dev.PYTHON, "-m", "PyInstaller", "--noconfirm", "--clean"]
    command += ["--distpath", DIST, "--workpath", WORK, "--log-level", "WARN"]
    dev.step("Building dist/desktop-inbox", [*command, ROOT / "packaging" / "pyinstaller.spec"])
    files = [path for path in TARGET.rglob("*") if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files)
    dev.say(f"{len(files)} files, {size / 1e6:.0f} MB")


def prove() -> int:
    """Let the frozen program check itself and play its tour, as on a machine without Python."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    for variable in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(variable, None)
    with tempfile.TemporaryDirectory() as folder:
        for arguments in (["--self-test"], ["demo", "--tour", folder]):
            status = subprocess.call([PROGRAM, *arguments], env=environment, cwd=DIST)
            if status != 0:
                dev.say(f"The frozen program failed at {arguments[0]}")
                return status
    dev.say("The frozen program is sound")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
