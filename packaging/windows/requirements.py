"""Says which locked packages Windows needs: `python requirements.py PYTHON_VERSION FILE FOLDER`.

Writes wheels.txt and plain.txt into FOLDER, for pip. Runs in the virtual environment of the build,
which has what reads the conditions of packages.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

# They hand out nothing built for Windows, and need nothing built: plain Python does all they do.
PLAIN = frozenset({"atomicwrites", "slixmpp"})
# The one only locks. The other serves a module of soundfile that is not packed, and ends Wine.
_LEFT_OUT = frozenset({"uv", "numpy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One line of a requirements file."""

    name: str
    line: str  # with every hash, and without its condition


def main(arguments: Sequence[str]) -> int:
    """Write what pip is to fetch as wheels for Windows, and what it may take from anywhere."""
    version, source, folder = arguments
    locked = for_windows(Path(source).read_text(encoding="utf-8"), python_version=version)
    for name, plain in (("wheels.txt", False), ("plain.txt", True)):
        lines = [one.line for one in locked if (one.name in PLAIN) is plain]
        Path(folder, name).write_text("\n".join([*lines, ""]), encoding="utf-8")
    return 0


def for_windows(text: str, *, python_version: str) -> list[Locked]:
    """Return what a requirements file asks for on Windows.

    pip weighs the conditions of packages for the system that it runs on, so they are weighed here.

    Raises:
        ValueError: a package has no hash, or is not at an exact version.
    """
    system = _system(python_version)
    found = []
    for entry in _entries(text):
        wanted, *hashes = (part.strip() for part in entry.split("--hash="))
        requirement = Requirement(wanted)
        if not hashes or not str(requirement.specifier).startswith("=="):
            raise ValueError(f"{requirement.name} is not locked")
        if requirement.name in _LEFT_OUT:
            continue
        if requirement.marker is None or requirement.marker.evaluate(system):
            pinned = f"{requirement.name}{requirement.specifier}"
            line = " ".join([pinned, *(f"--hash={value}" for value in hashes)])
            found.append(Locked(name=requirement.name, line=line))
    return found


def _entries(text: str) -> list[str]:
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in map(str.strip, lines) if line and not line.startswith("#")]


def _system(python_version: str) -> dict[str, str]:
    return {
        "implementation_name": "cpython",
        "os_name": "nt",
        "platform_machine": "AMD64",
        "platform_python_implementation": "CPython",
        "platform_system": "Windows",
        "python_full_version": python_version,
        "python_version": ".".join(python_version.split(".")[:2]),
        "sys_platform": "win32",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
