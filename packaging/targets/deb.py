"""The Debian package. Its dependencies are what the files in it are linked with, and the fonts."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime, time
from email.utils import format_datetime
from pathlib import Path

import dev
from order import Order
from project import Project
from staging import TEMPLATES, epoch, stage, write, zipped

_ELF = b"\x7fELF"
# What no library says: colour emoji, authorities for TLS, time zones.
_DEPENDS = ("ca-certificates", "fonts-noto-color-emoji", "hicolor-icon-theme", "tzdata")
_RECOMMENDS = (
    "default-dbus-session-bus | dbus-session-bus",
    "gnome-keyring | kwalletmanager",
    "xdg-utils",
)
_OPTIONAL = ("printsupport",)  # plugins that Qt goes without where their libraries are missing


def build(order: Order) -> Path:
    """Build `dist/desktop-inbox_VERSION_ARCHITECTURE.deb`.

    Raises:
        SystemExit: a program of Debian failed; its words were printed.
    """
    project = order.project
    architecture = _said("dpkg", "--print-architecture")
    package = order.out / f"{project.name}_{project.version}_{architecture}.deb"
    with tempfile.TemporaryDirectory(dir=order.out, prefix="deb-") as folder:
        root = Path(folder) / "root"
        program = stage(order, root)
        _leave_to_the_system(program / "_internal")
        _document(project, root, program)
        _control(project, root, program, architecture=architecture)
        _check(project, root)
        _pack(order, root, package)
    return package


def _leave_to_the_system(folder: Path) -> None:
    """Remove the libraries that Debian has: as dependencies they get Debian's security updates."""
    ours = {
        library.name: library
        for library in folder.glob("lib*.so*")
        if not library.is_symlink() and not library.name.startswith("libpython")
    }
    # One question for all of them: each goes through the files of every package.
    asked = ["dpkg-query", "-S", *(f"*/{name}" for name in ours)]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    for found in {line.rpartition("/")[2] for line in answer.stdout.splitlines()}:
        ours[found].unlink()


def _document(project: Project, root: Path, program: Path) -> None:
    share = root / "usr" / "share"
    documents = share / "doc" / project.name
    write(documents / "changelog.gz", zipped(changelog(project)))
    write(documents / "copyright", copyright_of(project).encode())
    others = program / "_internal" / "licences" / "THIRD-PARTY.txt"
    write(documents / "THIRD-PARTY.txt.gz", zipped(others.read_text(encoding="utf-8")))
    overrides = (TEMPLATES / "lintian-overrides").read_bytes()
    write(share / "lintian" / "overrides" / project.name, overrides)


def changelog(project: Project) -> str:
    """Return the project's changelog in Debian's form."""
    entries = []
    for release in project.releases:
        at = datetime.combine(release.on, time(), tzinfo=UTC)
        wrapped = textwrap.TextWrapper(width=78, initial_indent="  * ", subsequent_indent="    ")
        lines = [wrapped.fill(change) for change in release.changes]
        signed = f" -- {project.author} <{project.email}>  {format_datetime(at)}"
        head = f"{project.name} ({release.version}) unstable; urgency=medium"
        entries.append("\n".join([head, "", *lines, "", signed]))
    return "\n\n".join(entries) + "\n"


def copyright_of(project: Project) -> str:
    """Return the licence of the program, and where those of its parts are."""
    return (
        f"{project.title} {project.version}\n"
        f"Copyright {project.releases[0].on:%Y} {project.author}\n\n"
        "This program is free software: you can redistribute it and/or modify it under the\n"
        "terms of the GNU General Public License as published by the Free Software\n"
        "Foundation, either version 3 of the License, or (at your option) any later version.\n"
        "On Debian systems its text lies in /usr/share/common-licenses/GPL-3.\n\n"
        "It carries parts that others wrote, from Python and Qt to fonts and dictionaries.\n"
        f"THIRD-PARTY.txt.gz, beside this file, names each with its version, its licence and\n"
        "the text of that.\n"
    )


def _control(project: Project, root: Path, program: Path, *, architecture: str) -> None:
    (root / "DEBIAN").mkdir()  # by which dpkg-shlibdeps knows that libraries in it are our own
    depends, recommends = _linked_with(root, program)
    said = project.words
    description = [f" {line}" for text in said.description for line in (*textwrap.wrap(text), ".")]
    size_kb = sum(path.lstat().st_size for path in root.rglob("*")) // 1024
    fields = {
        "Package": project.name,
        "Version": project.version,
        "Section": "mail",
        "Priority": "optional",
        "Architecture": architecture,
        "Depends": ", ".join((depends, *_DEPENDS)),
        "Recommends": ", ".join(filter(None, (recommends, *_RECOMMENDS))),
        "Installed-Size": str(size_kb),
        "Maintainer": f"{project.author} <{project.email}>",
        "Homepage": project.homepage,
        "Description": "\n".join([_synopsis(said.summary), *description[:-1]]),
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items() if value)
    sums = "".join(f"{digest}  {name}\n" for name, digest in _digests(root))
    write(root / "DEBIAN" / "control", text.encode())
    write(root / "DEBIAN" / "md5sums", sums.encode())
    write(root / "DEBIAN" / "postrm", (TEMPLATES / "postrm").read_bytes(), mode=0o755)


def _synopsis(summary: str) -> str:
    return summary[:1].lower() + summary[1:]


def _digests(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and "DEBIAN" not in path.parts:
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            yield str(path.relative_to(root)), digest


def _linked_with(root: Path, program: Path) -> tuple[str, str]:
    """Return the packages that the libraries in `program` need, and those that some plugins do."""
    files = [path for path in program.rglob("*") if path.is_file() and not path.is_symlink()]
    binaries = [path for path in files if path.open("rb").read(4) == _ELF]
    optional = [path for path in binaries if any(part in path.parts for part in _OPTIONAL)]
    command: list[str | Path] = ["dpkg-shlibdeps", "-O", "--warnings=0", f"-S{root}"]
    command += [f"-l{folder}" for folder in sorted({path.parent for path in binaries})]
    command += ["-dRecommends", *(f"-e{path}" for path in optional)]
    command += ["-dDepends", *(f"-e{path}" for path in binaries if path not in optional)]
    with tempfile.TemporaryDirectory() as folder:
        control = Path(folder) / "debian" / "control"
        write(control, b"Source: desktop-inbox\n\nPackage: desktop-inbox\nArchitecture: any\n")
        answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        dev.fail(answer.stderr)
    found = dict(line.partition("=")[::2] for line in answer.stdout.splitlines())
    return found["shlibs:Depends"], found.get("shlibs:Recommends", "")


def _check(project: Project, root: Path) -> None:
    share = root / "usr" / "share"
    entry = share / "applications" / f"{project.name}.desktop"
    about = share / "metainfo" / f"{project.identifier}.metainfo.xml"
    dev.step("Checking the desktop file", ["desktop-file-validate", entry])
    dev.step("Checking the metadata", ["appstreamcli", "validate", "--no-net", about])


def _pack(order: Order, root: Path, package: Path) -> None:
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch())
    strength = ["-Zgzip", "-z1"] if order.quick else ["-Zxz", "-z6"]
    command: list[str | Path] = [
        "dpkg-deb",
        "--root-owner-group",
        *strength,
        "--build",
        root,
        package,
    ]
    dev.step("Packing the .deb", command)
    if not order.quick:
        lint: list[str | Path] = [
            "lintian",
            "--fail-on",
            "error,warning",
            "--tag-display-limit",
            "0",
            package,
        ]
        dev.step("Checking the package", lint)


def _said(*command: str) -> str:
    if shutil.which(command[0]) is None:
        dev.fail(f"A .deb can be built on Debian or Ubuntu only: there is no {command[0]} here.")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
