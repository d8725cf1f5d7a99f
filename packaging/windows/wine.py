"""Windows programs on Linux: a Wine prefix of our own, and what Debian's Wine lacks in it.

For building and checking only; nothing of it is handed out.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("gcc-mingw-w64-x86-64", "nsis", "wine", "wine64")
_PROGRAMS = ("makensis", "wine", "wineboot", "wineserver", "x86_64-w64-mingw32-gcc")
_STAND_INS = Path(__file__).with_name("stand_ins")
_START_SECONDS = 300
_SETTINGS = (
    "WINEARCH=win64",
    "WINEDEBUG=-all",
    "WINEDLLOVERRIDES=mscoree,mshtml=",  # it would ask to download them
    "WINEQT_QPA_PLATFORM=offscreen",  # Wine keeps Qt's own variables back, for Linux
)


class Missing(Exception):
    """This machine lacks programs; says which packages bring them."""


def require() -> None:
    """Make sure that everything is there. *Raises:* Missing, with the line to type."""
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if missing:
        raise Missing(
            f"To build for Windows on this system, {', '.join(missing)} must be installed. On"
            " Debian and Ubuntu this line does it:\n\n"
            f"    sudo apt-get install --no-install-recommends {' '.join(PACKAGES)}\n"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """A Windows of its own, in a folder."""

    folder: Path

    @property
    def drive(self) -> Path:
        return self.folder / "drive_c"

    def prepare(self) -> None:
        """Make the prefix, unless it is there, and put in what an old Wine lacks.

        Raises:
            CalledProcessError: Wine or the compiler failed; the output says why.
        """
        if not (self.folder / "system.reg").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            _checked(self.native("wineboot", "--init"))
            _checked(self.native("winecfg", "/v", "win10"))
            _checked(self.native("wineserver", "--wait"))
        system = self.drive / "windows" / "system32"
        for source in sorted(_STAND_INS.glob("*.c")):
            target = system / f"{source.stem}.dll"
            if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
                compiler = ["x86_64-w64-mingw32-gcc", "-shared", "-O1", "-s", "-o", str(target)]
                _checked([*compiler, str(source), "-ladvapi32"])

    def command(self, program: str | Path, *arguments: str | Path) -> list[str]:
        """Return what starts a Windows program with these arguments, without a display."""
        return self.native("wine", str(program), *(str(argument) for argument in arguments))

    def native(self, *command: str) -> list[str]:
        """Return what runs one of Wine's own programs on this prefix."""
        return ["env", f"WINEPREFIX={self.folder.resolve()}", *_SETTINGS, *command]


def windows_path(path: Path) -> str:
    """Return a path of this machine as Windows programs in a prefix see it."""
    return "Z:" + str(path.resolve()).replace("/", "\\")


def _checked(command: Sequence[str]) -> None:
    # Wine's helpers go on in the background and keep what they were given: a pipe would not end.
    subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_START_SECONDS,
        check=True,
    )
