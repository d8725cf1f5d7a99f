"""Tries an installer as its owner does: `python3 packaging/windows/check.py INSTALLER [OLDER]`.

Installs the older one silently, works with it, installs the newer one over it while its window is
open, works with what was kept, and uninstalls. On Windows it does so with the account it runs in,
so it belongs on a machine that nobody uses; elsewhere Wine makes a Windows of its own for it.
Without an older one, one is made that differs only in the version that it says. Prints one line a
step, and ends at the first that fails. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent)]

import project
from order import Order
from windows import installer as packing
from windows import wine

# What is to be tried on a real Windows before each release, and why Wine does not show it.
NOT_UNDER_WINE = (
    ("the window on a screen: dark title bar, styles, mixed scales", "it draws in its own way"),
    ("notifications and the icon beside the clock", "there is no Explorer that shows them"),
    ("the choice of the mail program in the settings", "it has no such page"),
    ("installing for everybody with a question for the administrator", "every user is one"),
    ("what SmartScreen and Defender say of the files", "there are neither"),
    ("signatures as Windows sees them", "it does not verify them"),
    ("limits on the memory of worker processes", "it takes job limits and does not enforce them"),
    ("logging off with an open draft, sleeping and waking", "it does not"),
    ("screen readers and input methods", "they are not there"),
    ("Windows' own ICU and random numbers", "Wine 8 has neither; stand_ins replaces them"),
)
_TITLE, _NAME = "Desktop Inbox", "desktop-inbox"
_UNINSTALL = rf"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\{_NAME}"
_LINK = rf"HKCU\Software\Classes\{_NAME}.mailto\shell\open\command"
_MAIL = rf"HKCU\Software\Clients\Mail\{_TITLE}"
_DATABASE = "workspace.db"
_STALE = "left-by-an-older-version.txt"
_OLDER = packing.WORK / "older"
_STILL_OPEN = 4  # an exit status of the installer
_SECONDS = 300.0


class Machine(ABC):
    """A Windows to try the installer on."""

    @property
    @abstractmethod
    def local(self) -> Path:
        """%LOCALAPPDATA%."""

    @property
    @abstractmethod
    def roaming(self) -> Path:
        """%APPDATA%."""

    @abstractmethod
    def command(self, program: str | Path, *arguments: str) -> list[str]:
        """Return what starts a program."""

    @property
    def installed(self) -> Path:
        return self.local / "Programs" / _TITLE

    @property
    def data(self) -> Path:
        return self.local / _TITLE

    @property
    def shortcut(self) -> Path:
        return self.roaming / "Microsoft/Windows/Start Menu/Programs" / f"{_TITLE}.lnk"

    def run(self, program: str | Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return subprocess.run(
            self.command(program, *arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )

    def start(self, program: Path, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a program and go on."""
        nothing = subprocess.DEVNULL
        command = self.command(program, *arguments)
        return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)

    def registry(self, key: str, name: str = "") -> str:
        """Return a value, '' where there is none."""
        which = ["/v", name] if name else ["/ve"]
        done = self.run("reg", "query", key, *which)
        lines = [line for line in done.stdout.splitlines() if "REG_SZ" in line]
        return lines[0].split("REG_SZ", 1)[1].strip() if lines else ""

    def cli(self, *arguments: str) -> str:
        """Run a command of the installed program and return what it prints."""
        done = self.run(self.installed / f"{_NAME}.exe", *arguments)
        _expect(done.returncode == 0, f"{arguments}: {done.returncode} {done.stdout}{done.stderr}")
        return done.stdout


class Windows(Machine):
    """This computer."""

    @property
    def local(self) -> Path:
        return Path(os.environ["LOCALAPPDATA"])

    @property
    def roaming(self) -> Path:
        return Path(os.environ["APPDATA"])

    def command(self, program: str | Path, *arguments: str) -> list[str]:
        return [str(program), *arguments]


class Wine(Machine):
    """A fresh Windows in a folder."""

    def __init__(self, folder: Path) -> None:
        wine.require()
        shutil.rmtree(folder, ignore_errors=True)
        self._prefix = wine.Prefix(folder=folder)
        self._prefix.prepare()
        (self._user,) = (
            path for path in (self._prefix.drive / "users").iterdir() if path.name != "Public"
        )

    @property
    def local(self) -> Path:
        return self._user / "AppData" / "Local"

    @property
    def roaming(self) -> Path:
        return self._user / "AppData" / "Roaming"

    def command(self, program: str | Path, *arguments: str) -> list[str]:
        return self._prefix.command(program, *arguments)


class Failed(Exception):
    """A step did not do what it should; says what was found."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the installer and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("installer", type=Path)
    parser.add_argument("older", type=Path, nargs="?", help="of an earlier version")
    options = parser.parse_args(arguments)
    machine = Windows() if sys.platform == "win32" else Wine(packing.WORK / "trial")
    older = options.older or _pretended(options.installer)
    for title, step in steps(machine, options.installer, older):
        began = time.monotonic()
        try:
            step()
        except (Failed, OSError, subprocess.TimeoutExpired) as error:
            print(f"FAILED  {title}: {error}", flush=True)
            return 1
        print(f"ok      {title} ({time.monotonic() - began:.1f} s)", flush=True)
    if isinstance(machine, Wine):
        print("Not seen under Wine:")
        for what, why in NOT_UNDER_WINE:
            print(f"  {what} ({why})")
    return 0


def _pretended(installer: Path) -> Path:
    """Make an installer of the same program that says it is an earlier version."""
    order = Order(project=project.read(), out=installer.resolve().parent)
    payload = packing.payload_of(order)
    earlier = replace(order.project, version="0.0.1")
    return packing.build(replace(order, project=earlier, out=_OLDER, quick=True, frozen=payload))


def steps(machine: Machine, installer: Path, older: Path) -> list[tuple[str, Callable[[], None]]]:
    """Return what is tried, in order."""
    return [
        ("the older version installs silently", lambda: _installs(machine, older)),
        ("both programs pass the self-test", lambda: _tests_itself(machine)),
        ("something is written", lambda: _writes(machine)),
        ("a program that cannot be closed stops the installer", lambda: _waits(machine, installer)),
        ("the newer one closes the window and replaces it", lambda: _upgrades(machine, installer)),
        ("both programs still pass the self-test", lambda: _tests_itself(machine)),
        ("what was written is still there", lambda: _finds(machine)),
        ("it is in the start menu and known for mailto:", lambda: _is_known(machine)),
        ("it uninstalls silently, and leaves the data", lambda: _uninstalls(machine)),
    ]


def _installs(machine: Machine, installer: Path) -> None:
    done = machine.run(installer, "/S")
    _expect(done.returncode == 0, f"the installer ended with {done.returncode}")
    for name in (f"{_TITLE}.exe", f"{_NAME}.exe", "uninstall.exe"):
        _expect((machine.installed / name).is_file(), f"no {name} in {machine.installed}")
    _expect(not (machine.installed / "new").exists(), "half of an installation lies about")


def _tests_itself(machine: Machine) -> None:
    for name in (f"{_NAME}.exe", f"{_TITLE}.exe"):
        done = machine.run(machine.installed / name, "--self-test")
        _expect(done.returncode == 0, f"{name}: {done.stdout}{done.stderr}")


def _writes(machine: Machine) -> None:
    machine.cli("canned", "add", "kept", "--title", "Kept", "--text", "Görüşmek üzere")
    _expect((machine.data / _DATABASE).exists(), f"no workspace in {machine.data}")
    (machine.installed / "_internal" / _STALE).write_text("old", encoding="utf-8")


def _finds(machine: Machine) -> None:
    found = json.loads(machine.cli("--json", "canned", "list"))
    texts = json.dumps(found, ensure_ascii=False)
    _expect("Görüşmek üzere" in texts, f"only {texts}")


def _waits(machine: Machine, installer: Path) -> None:
    before = machine.registry(_UNINSTALL, "DisplayVersion")
    told = _engine_lock(machine)
    engine = machine.start(machine.installed / f"{_NAME}.exe", "engine")
    try:
        _until_engine(machine, engine, told)
        done = machine.run(installer, "/S")
        _expect(done.returncode == _STILL_OPEN, f"the installer ended with {done.returncode}")
    finally:
        engine.kill()
        engine.wait()
    _expect(machine.registry(_UNINSTALL, "DisplayVersion") == before, "it is listed as installed")
    machine.cli("--version")


def _upgrades(machine: Machine, installer: Path) -> None:
    before = machine.registry(_UNINSTALL, "DisplayVersion")
    told = _engine_lock(machine)
    window = machine.start(machine.installed / f"{_TITLE}.exe")
    try:
        _until_engine(machine, window, told)
        _installs(machine, installer)
        status = window.wait(timeout=_SECONDS)
    finally:
        window.kill()
        window.wait()
    _expect(status == 0, f"the window ended with {status}")
    _expect(_engine_lock(machine) == b"", "the window ended as by a crash")
    after = machine.registry(_UNINSTALL, "DisplayVersion")
    _expect(before != after, f"{before} is still listed")
    _expect(after in machine.cli("--version"), f"{after} is listed, another version is installed")
    stale = machine.installed / "_internal" / _STALE
    _expect(not stale.exists(), "a file of the older version is still there")


def _engine_lock(machine: Machine) -> bytes:
    """Return who runs the engine, or who did before it crashed."""
    lock = machine.data / "engine.lock"
    return lock.read_bytes() if lock.exists() else b""


def _until_engine(machine: Machine, process: subprocess.Popen[bytes], before: bytes) -> None:
    """Wait until a program is so far that it runs the engine."""
    deadline = time.monotonic() + _SECONDS
    while _engine_lock(machine) in (b"", before):
        _expect(process.poll() is None, f"it ended by itself, with {process.returncode}")
        _expect(time.monotonic() < deadline, "it did not start")
        time.sleep(0.1)


def _is_known(machine: Machine) -> None:
    _expect(machine.shortcut.is_file(), f"no {machine.shortcut}")
    command = machine.registry(_LINK)
    _expect(command.endswith(f'\\{_TITLE}.exe" mailto "%1"'), f"links are opened by {command}")
    capabilities = machine.registry(r"HKCU\Software\RegisteredApplications", _TITLE)
    _expect(capabilities.endswith("Capabilities"), "it is not among the mail programs")
    quiet = machine.registry(_UNINSTALL, "QuietUninstallString")
    _expect(quiet.endswith(" /S"), f"it is removed by {quiet}")


def _uninstalls(machine: Machine) -> None:
    done = machine.run(machine.installed / "uninstall.exe", "/S")
    _expect(done.returncode == 0, f"the uninstaller ended with {done.returncode}")
    deadline = time.monotonic() + _SECONDS  # it goes on as a copy of itself
    while machine.installed.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    _expect(not machine.installed.exists(), f"{machine.installed} is still there")
    _expect(not machine.shortcut.exists(), f"{machine.shortcut} is still there")
    for key in (_UNINSTALL, _LINK, _MAIL):
        _expect(machine.run("reg", "query", key).returncode != 0, f"{key} is still there")
    _expect((machine.data / _DATABASE).exists(), "the owner's data is gone")


def _expect(well: bool, otherwise: str) -> None:
    if not well:
        raise Failed(otherwise)


if __name__ == "__main__":
    sys.exit(main())
