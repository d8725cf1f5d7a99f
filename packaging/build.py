#!/usr/bin/env python3
"""Build what is handed out. Standard library only; everything else is fetched, locked by hashes.

python3 packaging/build.py deb rpm       these, for this system, in dist/
python3 packaging/build.py all           everything that this system can build
python3 packaging/build.py --list        what there is, and where it can be built
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent.parent))  # dev.py lies there

import dev
import project
from freezing import size_mb
from order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that can be built; its module has `build(order)`."""

    module: str
    text: str
    system: str = ""  # of sys.platform; '' where any will do
    packages: tuple[str, ...] = ()  # of Debian, that building it needs


TARGETS = {
    "onedir": Target(module="targets.onedir", text="a folder that runs without Python"),
    "deb": Target(
        module="targets.deb",
        text="a package for Debian 12, Ubuntu 24.04 and their relatives",
        system="linux",
        packages=("desktop-file-utils", "appstream", "dpkg-dev", "lintian"),
    ),
    "rpm": Target(
        module="targets.rpm",
        text="a package for Fedora, openSUSE and their relatives",
        system="linux",
        packages=("rpm",),
    ),
    "appdir": Target(
        module="targets.appdir", text="a folder in the form of an AppImage", system="linux"
    ),
    "appimage": Target(
        module="targets.appimage",
        text="one file that runs; needs its runtime, see packaging/targets/appimage.py",
        system="linux",
        packages=("squashfs-tools",),
    ),
    "tarball": Target(
        module="targets.tarball",
        text="an archive with an installer for one user",
        system="linux",
        packages=("xz-utils",),
    ),
    "macos": Target(
        module="macos.image", text="a disk image for macOS; elsewhere only what leads up to it"
    ),
    "windows": Target(
        module="windows.installer", text="an installer for Windows; on Linux it needs Wine and NSIS"
    ),
}
NOT_IN_ALL = ("appimage", "macos", "windows")


def main(arguments: Sequence[str]) -> int:
    """Build what is asked for and return the exit status."""
    options = _parser().parse_args(arguments)
    if options.list:
        for name, target in TARGETS.items():
            print(f"{name:10} {target.text}{f' (on {target.system})' if target.system else ''}")
        return 0
    names = _chosen(options.targets)
    for name in names:
        if TARGETS[name].system not in ("", sys.platform):
            dev.fail(f"“{name}” can be built on {TARGETS[name].system} only.")
    dev.check_python()
    dev.system_packages([package for name in names for package in TARGETS[name].packages])
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    named = project.read(version=options.as_version)
    order = Order(project=named, out=out, quick=options.quick, frozen=options.frozen)
    for name in names:
        began = time.monotonic()
        made = importlib.import_module(TARGETS[name].module).build(order)
        dev.say(f"{made}: {size_mb(made):.1f} MB ({dev.seconds_since(began)})")
    return 0


def _chosen(asked: Sequence[str]) -> list[str]:
    names: list[str] = []
    for name in asked:
        here = [
            one
            for one, target in TARGETS.items()
            if target.system in ("", sys.platform) and one not in NOT_IN_ALL
        ]
        names += here if name == "all" else [name]
    return list(dict.fromkeys(names))


def _target(name: str) -> str:
    if name not in TARGETS and name != "all":
        raise argparse.ArgumentTypeError(f"there is no {name!r}; --list says what there is")
    return name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="packaging/build.py",
        description=(__doc__ or "").strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", type=_target)
    parser.add_argument("--list", action="store_true", help="show the targets and stop")
    parser.add_argument("--out", type=Path, default=project.ROOT / "dist", metavar="DIR")
    parser.add_argument("--quick", action="store_true", help="compress little, for trying out")
    parser.add_argument(
        "--frozen", type=Path, metavar="DIR", help="pack this folder instead of freezing anew"
    )
    parser.add_argument(
        "--as-version", metavar="V", default="", help="number the packages so, not as the code"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
