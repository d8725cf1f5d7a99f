#!/usr/bin/env python3
"""Set up and use this checkout: run, test, bench, lock, translations. Standard library only.

    python3 dev.py run                 open Desktop Inbox on the sample shop
    python3 dev.py run -- ARGS         start it with arguments of your own
    python3 dev.py test [-- ARGS]      check everything; ARGS go to pytest
    python3 dev.py bench [NAMES]       measure, beside an anchor in the same run
    python3 dev.py lock                lock the packages of pyproject.toml anew
    python3 dev.py translations        bring the catalogues up to date

The first start prepares what is missing (a virtual environment, locked packages, on Debian and
Ubuntu also system libraries); later starts find it done. Everything runs on the main thread.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SERVERS = ROOT / ".venv-servers"  # they need other versions of what the program uses
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SUPPORTED = ((3, 11), (3, 12), (3, 13))

# What Qt's wheels expect from the system, off-screen and on X11 or Wayland, plus readable fonts.
LIBRARIES = (
    "ca-certificates",
    "fonts-dejavu-core",
    "fonts-noto-color-emoji",
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libgl1",
    "libglib2.0-0",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
)
TEST_PROGRAMS = (
    "dbus",
    "dovecot-imapd",
    "dovecot-lmtpd",
    "mosquitto",
    "prosody",
    "x11-utils",
    "xdotool",
    "xvfb",
)
# What packages are built with and tried in; only root can lay out a bare system for that.
PACKAGE_PROGRAMS = (
    "appstream",
    "binutils",
    "cpio",
    "debian-archive-keyring",
    "debootstrap",
    "desktop-file-utils",
    "dpkg-dev",
    "lintian",
    "rpm",
    "xz-utils",
)
BENCH_PROGRAMS = ("isync", "notmuch")
WINDOW_TESTS = "tests/ui"
PACKAGE_TESTS = "tests/packaging"
_OFF_SCREEN = {"QT_QPA_PLATFORM": "offscreen"}

# Test servers are started by the tests themselves: Debian must not start them as services.
INSTALL_QUIETLY = r"""
policy=/usr/sbin/policy-rc.d
put_back() {
    rm -f "$policy"
    if [ -e "$policy.before" ]; then mv "$policy.before" "$policy"; fi
}
if [ -e "$policy" ] && [ ! -e "$policy.before" ]; then mv "$policy" "$policy.before"; fi
trap put_back EXIT
trap 'exit 1' HUP INT TERM
printf '#!/bin/sh\nexit 101\n' > "$policy"
chmod 755 "$policy"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q || echo "going on with the lists of packages as they are"
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
"""

NO_NETWORK = (
    "Temporary failure in name resolution",
    "Temporary failure resolving",
    "Name or service not known",
    "getaddrinfo failed",
    "nodename nor servname",
    "Network is unreachable",
    "Failed to establish a new connection",
    "Could not connect to",
    "Connection timed out",
    "Read timed out",
    "No route to host",
)


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says and return the exit status."""
    own, rest = _split(list(arguments))
    command = _parser().parse_args(own).command
    check_python()
    if command in WITH_ARGUMENTS:
        return WITH_ARGUMENTS[command](rest)
    if rest:
        fail(f"“{command}” takes no further arguments.")
    return ALONE[command]()


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if arguments[:1] == ["bench"] and "--" not in arguments:
        return arguments[:1], arguments[1:]
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").strip(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="open the program; arguments for it follow after --")
    commands.add_parser("test", help="check everything; arguments for pytest follow after --")
    commands.add_parser("bench", help="measure; everything, or what the names after it say")
    commands.add_parser("lock", help="lock the packages anew")
    commands.add_parser("translations", help="bring the catalogues up to date")
    return parser


# --- the commands ----------------------------------------------------------------------------


def run(arguments: Sequence[str]) -> int:
    """Start the program from this checkout."""
    prepare("run", LIBRARIES)
    compile_program()
    if arguments:
        return _call("-m", "desktop_inbox", *arguments)
    if has_display():
        return _call("-m", "desktop_inbox", "demo")
    return _tour()


def _tour() -> int:
    folder = ROOT / "screenshots"
    say("There is no display here, so this is the tour of the sample shop without one.")
    status = _call("-m", "desktop_inbox", "demo", "--tour", str(folder))
    pictures = sorted(folder.glob("*.png"))
    if pictures:
        say(f"{len(pictures)} screenshots are in {folder}")
    return status


def test(arguments: Sequence[str]) -> int:
    """Run every check; the first that fails ends it with its output."""
    began = time.monotonic()
    prepare("test", (*LIBRARIES, *TEST_PROGRAMS, *(PACKAGE_PROGRAMS if is_root() else ())))
    prepare_servers()
    step("Lint", [PYTHON, "-m", "ruff", "check"])
    step("Format", [PYTHON, "-m", "ruff", "format", "--check"])
    step("Types", [PYTHON, "-m", "mypy"])
    step("Layers", [PYTHON.with_name("lint-imports"), "--no-cache", "--no-logo"])
    say("Tests")
    status = _pytest(arguments) if arguments else _all_tests()
    say(f"{'All is well' if status == 0 else 'Tests failed'} ({seconds_since(began)})")
    return status


def _pytest(arguments: Sequence[str]) -> int:
    return _call("-m", "pytest", *arguments, folder=ROOT, environment=_OFF_SCREEN)


def _all_tests() -> int:
    """Run two lanes side by side, one a core: most is seen as it goes; window and packages after.

    More at once would make each of them slow enough to run out of patience.
    """
    aside = _tests_aside(
        ("Tests of the window", WINDOW_TESTS), ("Tests of the packages", PACKAGE_TESTS)
    )
    with aside as end:
        rest = _pytest([f"--ignore={folder}" for folder in (WINDOW_TESTS, PACKAGE_TESTS)])
        return max(rest, end())


@contextlib.contextmanager
def _tests_aside(*parts: tuple[str, str]) -> Iterator[Callable[[], int]]:
    """Run tests in the background, one folder after the other.

    Yields what waits for them, shows what they said, each under its title, and returns a status.
    """
    ended: list[tuple[str, int, bytes]] = []
    running: list[subprocess.Popen[bytes]] = []
    given_up = threading.Event()

    def run() -> None:
        for title, folder in parts:
            if given_up.is_set():
                return
            with tempfile.TemporaryFile() as said:
                process = subprocess.Popen(
                    [str(PYTHON), "-m", "pytest", folder],
                    cwd=ROOT,
                    env={**os.environ, **_OFF_SCREEN},
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                )
                running.append(process)
                if given_up.is_set():  # it came between
                    process.terminate()
                status = abs(process.wait())
                said.seek(0)
                ended.append((title, status, said.read()))

    lane = threading.Thread(target=run, name="tests aside")
    lane.start()

    def end() -> int:
        lane.join()
        for title, _status, said in ended:
            say(title)
            sys.stdout.write(said.decode(errors="replace"))
            sys.stdout.flush()
        return max(status for _title, status, _said in ended)

    try:
        yield end
    finally:
        given_up.set()
        for process in running:
            process.terminate()
        lane.join()


def bench(names: Sequence[str]) -> int:
    """Measure, and print each figure beside its anchor."""
    prepare("test", (*LIBRARIES, *TEST_PROGRAMS, *BENCH_PROGRAMS))
    compile_program()
    return _call("-m", "bench", *names, folder=ROOT)


def compile_program() -> None:
    """Write the program's bytecode, as an installer does, also where Python itself must not."""
    compileall.compile_dir(ROOT / "desktop_inbox", quiet=2)


def lock() -> int:
    """Write requirements/*.txt anew: exact versions and hashes for every supported system."""
    prepare("build", ())
    for name, groups in (("run", ()), ("test", ("dev",)), ("build", ("build",))):
        step(f"Locking requirements/{name}.txt", _lock_command(name, groups))
    command = [*_compile_command("servers"), "requirements/servers.in"]
    step("Locking requirements/servers.txt", command)
    return 0


def _lock_command(name: str, groups: Sequence[str]) -> list[str | Path]:
    command = [*_compile_command(name), "pyproject.toml"]
    for group in groups:
        command += ["--group", group]
    if name != "run":
        command += ["--constraint", "requirements/run.txt"]
    return command


def _compile_command(name: str) -> list[str | Path]:
    command: list[str | Path] = [PYTHON, "-m", "uv", "pip", "compile", "--quiet", "--upgrade"]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header"]
    return [*command, "--output-file", f"requirements/{name}.txt"]


def translations() -> int:
    """Collect the texts of the program and merge them into every language's catalogue."""
    prepare("test", ())
    locale = ROOT / "resources" / "locale"
    template = locale / "desktop_inbox.pot"
    step("Collecting texts", [*_babel("extract"), "--output-file", template, "desktop_inbox"])
    for catalogue in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        language = catalogue.parts[-3]
        command = [*_babel("update"), "--input-file", template, "--output-file", catalogue]
        command += ["--locale", language, "--no-fuzzy-matching", "--ignore-obsolete"]
        step(f"Merging into {language}", command)
        _drop_dates(catalogue)
    return 0


def _drop_dates(catalogue: Path) -> None:
    """Take out what changes without any text having changed; the history tells it better."""
    lines = catalogue.read_text(encoding="utf-8").splitlines(keepends=True)
    empty = ('"POT-Creation-Date', '"PO-Revision-Date', '"Report-Msgid-Bugs-To')
    kept = (line for line in lines if not line.startswith(empty))
    catalogue.write_text("".join(kept), encoding="utf-8")


def _babel(command: str) -> list[str | Path]:
    options = ["--no-wrap"]
    if command == "extract":
        options += ["--project", "Desktop Inbox", "--copyright-holder", "the Desktop Inbox authors"]
        options += ["--add-location", "file", "--sort-by-file", "--add-comments", "Translators:"]
    return [PYTHON, "-m", "babel.messages.frontend", command, *options]


# --- set-up ----------------------------------------------------------------------------------


def check_python() -> None:
    """Stop with words when this Python is not one that the locked packages are made for."""
    if sys.version_info[:2] in SUPPORTED:
        return
    names = ", ".join(f"{major}.{minor}" for major, minor in SUPPORTED)
    others = [f"python{major}.{minor}" for major, minor in SUPPORTED]
    found = [name for name in others if shutil.which(name)]
    hint = f" Try: {found[-1]} dev.py …" if found else " Install one of them and start again."
    fail(f"Desktop Inbox needs Python {names}; this is {sys.version.split()[0]}.{hint}")


def prepare(kind: str, packages: Sequence[str], *, venv: Path = VENV) -> None:
    """Bring system packages, the virtual environment and its packages up to date."""
    fresh = _is_prepared(kind, venv)
    system_packages(packages if fresh else (*packages, *_needed_for_venv()))
    if fresh:
        return
    make_venv(venv)
    install(kind, venv)
    check_qt(venv)
    _write_stamp(venv, kind)


def prepare_servers(venv: Path = SERVERS) -> None:
    """Bring the servers up to date that tests run against and Python brings.

    What cannot be installed stops nothing: the tests that need it are skipped, and say so.
    """
    if os.name == "nt" or _is_prepared("servers", venv):  # there are none for Windows
        return
    try:
        make_venv(venv)
        install_packages("servers", venv)
    except SystemExit:  # the reason stands above
        say("Going on without these servers: the tests that need them are skipped.")
        return
    _write_stamp(venv, "servers")


def python_of(venv: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return venv / PYTHON.relative_to(VENV)


def system_packages(packages: Sequence[str]) -> None:
    """Install what is missing on Debian and its relatives; elsewhere do nothing."""
    if not (packages and shutil.which("dpkg-query") and shutil.which("apt-get")):
        return
    missing = _not_installed(packages)
    if not missing:
        return
    become_root = _become_root()
    if become_root is None:
        fail(
            "Some system packages are missing. Run this line, then start again:\n\n"
            f"    sudo apt-get install --no-install-recommends {' '.join(missing)}\n"
        )
    step(
        f"Installing {count(len(missing), 'system package')}",
        [*become_root, "sh", "-eu", "-c", INSTALL_QUIETLY, "sh", *missing],
        advice="The packages could not be installed. The lines above, by apt-get, say why.",
    )


def _not_installed(packages: Sequence[str]) -> list[str]:
    # Ubuntu gave libraries with 64-bit times a new name; either will do.
    names = [name for package in packages for name in (package, f"{package}t64")]
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status} ${Package}\n", *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    installed = {
        line.split()[1].removesuffix("t64")
        for line in answer.stdout.splitlines()
        if line.startswith("installed ")
    }
    return [package for package in packages if package not in installed]


def _become_root() -> list[str] | None:
    if is_root():
        return []
    if shutil.which("sudo") and succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def _needed_for_venv() -> tuple[str, ...]:
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return ()
    return (f"python{sys.version_info[0]}.{sys.version_info[1]}-venv",)


def make_venv(venv: Path) -> None:
    """Make the virtual environment unless a sound one of this Python is there."""
    made_here = _read_stamp(venv).get("python") == _identity(venv)
    if made_here and succeeds([python_of(venv), "-V"]):
        return
    step(
        f"Making a virtual environment in {venv.relative_to(ROOT)}",
        [sys.executable, "-m", "venv", "--clear", str(venv)],
        advice=(
            "Python could not make a virtual environment. Where a distribution splits Python,"
            " its package python3-venv brings what is missing."
        ),
    )
    _write_stamp(venv)


def install(kind: str, venv: Path) -> None:
    """Install the locked packages and make this checkout importable."""
    install_packages(kind, venv)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    where = _captured([python_of(venv), "-c", code])
    link = Path(where.stdout.strip()) / "desktop_inbox_checkout.pth"
    link.write_text(f"{ROOT}\n", encoding="utf-8")


def install_packages(kind: str, venv: Path) -> None:
    """Install the locked packages."""
    requirements = ROOT / "requirements" / f"{kind}.txt"
    number = requirements.read_text(encoding="utf-8").count("==")  # some for other systems only
    python = python_of(venv)
    command: list[str | Path] = [python, "-m", "pip", "install", "--no-input", "--prefer-binary"]
    command += ["--disable-pip-version-check", "--require-hashes", "-r", requirements]
    step(f"Installing {count(number, 'Python package')}", command)


def check_qt(venv: Path) -> None:
    """Say which system library Qt misses, where no package manager was asked for it."""
    answer = _captured([python_of(venv), "-c", "import PySide6.QtWidgets"])
    if answer.returncode != 0 and "PySide6" in answer.stdout and "No module" not in answer.stdout:
        last = answer.stdout.strip().splitlines()[-1]
        fail(
            f"Qt cannot start on this system: {last}\n"
            "Install the package that brings this library, then start again."
        )


def _is_prepared(kind: str, venv: Path) -> bool:
    stamp = _read_stamp(venv)
    return stamp.get("python") == _identity(venv) and stamp.get(kind) == _digest(kind)


def _identity(venv: Path) -> str:
    # Not the whole version: the system may renew a Python while we install beside it.
    return f"{sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]} in {venv}"


def _digest(kind: str) -> str:
    return hashlib.sha256((ROOT / "requirements" / f"{kind}.txt").read_bytes()).hexdigest()


def _stamp(venv: Path) -> Path:
    return venv / "prepared.json"


def _read_stamp(venv: Path) -> dict[str, str]:
    try:
        stamp = json.loads(_stamp(venv).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(venv: Path, kind: str = "") -> None:
    stamp = _read_stamp(venv) if kind else {}
    stamp["python"] = _identity(venv)
    if kind:
        stamp[kind] = _digest(kind)
    if kind == "test":  # it holds everything that running needs
        stamp["run"] = _digest("run")
    _stamp(venv).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")


# --- small tools -----------------------------------------------------------------------------


def is_root() -> bool:
    """Tell whether nothing is forbidden to us."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def has_display() -> bool:
    """Tell whether a window could open here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def step(title: str, command: Sequence[str | Path], *, advice: str = "") -> None:
    """Run one slow step quietly; show its time, or its output and what to do when it fails."""
    print(f"· {title} … ", end="", flush=True)
    began = time.monotonic()
    answer = _captured(command)
    print(seconds_since(began) if answer.returncode == 0 else "failed", flush=True)
    if answer.returncode != 0:
        print(answer.stdout.rstrip(), flush=True)
        fail(_advice(answer.stdout) or advice or f"{title}: failed, see the lines above.")


def _advice(output: str) -> str:
    if any(sign in output for sign in NO_NETWORK):
        return (
            "The download failed for want of a connection. Check the network (or the proxy that"
            " pip and apt are told of), then start again; what is done will not be done twice."
        )
    if "No space left on device" in output:
        return "The disk is full. Desktop Inbox needs about 1 GB for its packages."
    if "DO NOT MATCH THE HASHES" in output:
        return "A downloaded package is not the one that was locked. Do not go on: report it."
    if "Permission denied" in output or "Read-only file system" in output:
        return f"Some files cannot be written. Is {ROOT} yours, and not mounted read-only?"
    return ""


def _captured(command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _call(
    *arguments: str, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> int:
    try:
        return subprocess.call(
            [PYTHON, *arguments], cwd=folder, env={**os.environ, **(environment or {})}
        )
    except KeyboardInterrupt:
        return 130


def succeeds(command: Sequence[str | Path]) -> bool:
    """Tell whether a command can be run and ends well; its output is nobody's business."""
    try:
        quiet = subprocess.DEVNULL
        return subprocess.run(command, stdout=quiet, stderr=quiet, check=False).returncode == 0
    except OSError:
        return False


def say(text: str) -> None:
    """Print one line at once."""
    print(f"· {text}", flush=True)


def fail(text: str) -> NoReturn:
    """Say what is wrong and what to do, and stop."""
    print(text, file=sys.stderr, flush=True)
    sys.exit(1)


def count(number: int, thing: str) -> str:
    """Return “1 package” or “2 packages”."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def seconds_since(began: float) -> str:
    """Return the seconds since a reading of the monotonic clock, for people."""
    return f"{time.monotonic() - began:.1f} s"


WITH_ARGUMENTS = {"run": run, "test": test, "bench": bench}
ALONE = {"lock": lock, "translations": translations}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
