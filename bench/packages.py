"""What is handed out, beside the program from source: how soon it is there, how large it is."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.figures import Figure, Line, Missing, interleaved, median
from bench.options import Options

_BUILD = Path(__file__).parent.parent / "packaging" / "build.py"
_PACKAGES = {"deb": "*.deb", "rpm": "*.rpm", "tarball": "*.tar.xz"}
_MOST_MB = 50.0
# Qt itself says when it hands the first picture to the screen, in any copy of the program.
_PAINTING = {
    "QT_LOGGING_RULES": "qt.widgets.painting.info=true",
    "QT_MESSAGE_PATTERN": "%{message}",
}
_PAINTED = "Flushing"
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"


def measure(options: Options) -> Iterator[Line]:
    """Build the packages, then start the frozen program and the source in turns."""
    if sys.platform != "linux":
        yield Missing(what="packages", why="they are built on Linux")
        return
    with tempfile.TemporaryDirectory(prefix="bench-packages-") as folder:
        out = Path(folder)
        subprocess.run([sys.executable, _BUILD, "--out", out, *_PACKAGES], check=True)
        frozen = out / "desktop-inbox" / "desktop-inbox"
        starts = {
            "source": lambda: start([sys.executable, "-m", "desktop_inbox"]),
            "frozen": lambda: start([frozen]),
        }
        interleaved(1, starts)  # reads both from the disk, and compiles the source
        times = interleaved(max(5, options.rounds), starts)
        yield Figure(
            what="frozen start to first paint",
            value=median(times["frozen"]) * 1000,
            unit="ms",
            anchor="start from source",
            anchor_value=median(times["source"]) * 1000,
            reach=1.3,
        )
        for name, pattern in _PACKAGES.items():
            (package,) = out.glob(pattern)
            size_mb = package.stat().st_size / 1e6
            yield Figure(what=f"size of the {name}", value=size_mb, unit="MB", reach=_MOST_MB)
        unpacked = sum(path.lstat().st_size for path in frozen.parent.rglob("*")) / 1e6
        yield Figure(what="size of the frozen folder", value=unpacked, unit="MB")


def start(program: Sequence[str | Path]) -> float:
    """Return the seconds from starting a copy of the program to its first painted window.

    Raises:
        RuntimeError: it ended before; the text is what it said.
    """
    # The source starts with its bytecode beside it, as for everybody but for the first time.
    known = {name: value for name, value in os.environ.items() if name != _UNCOMPILED}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        began = time.perf_counter()
        process = subprocess.Popen(
            [*program, "--data-dir", f"{home}/data"],
            env={
                **known,
                **_PAINTING,
                "DESKTOP_INBOX_PASSPHRASE": "bench",
                "HOME": home,
                "QT_QPA_PLATFORM": "offscreen",
                "XDG_RUNTIME_DIR": home,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if _PAINTED in line:
                took = time.perf_counter() - began
                process.terminate()
                process.communicate()
                return took
        process.wait()
    raise RuntimeError("".join(said[-10:]))
