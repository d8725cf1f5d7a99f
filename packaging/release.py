"""The steps of a release that are not building. Standard library only.

    python3 packaging/release.py tag v1.2.0          the tag must name this version
    python3 packaging/release.py runtime FILE        fetch what AppImages begin with, and check it
    python3 packaging/release.py bill FROZEN OUT     put the bill of materials beside the packages
    python3 packaging/release.py sums OUT            write SHA256SUMS; every package must be there

Each ends with status 1 and one line where something is not as it must be.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import project
import sbom

RUNTIME = (
    "https://github.com/AppImage/type2-runtime/releases/download/20251108/runtime-x86_64",
    "2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d",
)
SUMS = "SHA256SUMS"
# How the names of what a release hands out end.
COMPLETE = (
    ".deb", ".rpm", ".AppImage", ".tar.xz", "-windows-x86_64.exe", "-macos-arm64.dmg",
    "-macos-x86_64.dmg", "-linux.cdx.json", "-windows.cdx.json", "-macos.cdx.json",
)  # fmt: skip
_SYSTEMS = {"darwin": "macos", "linux": "linux", "win32": "windows"}
_FETCH_SECONDS = 60
_PIECE = 1 << 20


class Mistake(Exception):
    """Something is not as it must be; its text says what."""


def main(arguments: Sequence[str]) -> int:
    """Carry out one step and return the exit status."""
    if not arguments or arguments[0] not in STEPS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        STEPS[arguments[0]](*arguments[1:])
    except (Mistake, OSError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


def tag(name: str) -> None:
    """Make sure that a tag names this version. *Raises:* Mistake."""
    version = project.read().version
    if name != f"v{version}":
        raise Mistake(f"the tag is {name}, and this is version {version}")


def runtime(target: str) -> None:
    """Fetch the runtime of AppImages. *Raises:* Mistake: it is not the one that was pinned."""
    address, sha256 = RUNTIME
    path = Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    with urllib.request.urlopen(address, timeout=_FETCH_SECONDS) as answer:  # noqa: S310 - https
        path.write_bytes(answer.read())
    if (found := digest(path)) != sha256:
        path.unlink()
        raise Mistake(f"what {address} gives is {found}, not {sha256}")


def bill(frozen: str, out: str) -> None:
    """Copy the bill of materials out of a frozen program. *Raises:* Mistake: it has none."""
    found = sorted(Path(frozen).rglob(sbom.NAME))
    if not found:
        raise Mistake(f"there is no {sbom.NAME} in {frozen}")
    said = project.read()
    name = f"{said.title.replace(' ', '-')}-{said.version}-{_SYSTEMS[sys.platform]}.cdx.json"
    shutil.copyfile(found[0], Path(out) / name)


def sums(out: str) -> None:
    """Write the sums of everything in `out`. *Raises:* Mistake: a package is missing or empty."""
    files = sorted(path for path in Path(out).iterdir() if path.is_file() and path.name != SUMS)
    missing = [end for end in COMPLETE if not any(path.name.endswith(end) for path in files)]
    if missing:
        raise Mistake(f"nothing in {out} ends in {', '.join(missing)}")
    empty = [path.name for path in files if path.stat().st_size == 0]
    if empty:
        raise Mistake(f"{', '.join(empty)}: empty")
    lines = [f"{digest(path)}  {path.name}\n" for path in files]
    (Path(out) / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def digest(path: Path) -> str:
    """Return the sha256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


STEPS: Mapping[str, Callable[..., None]] = {
    "tag": tag, "runtime": runtime, "bill": bill, "sums": sums,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
