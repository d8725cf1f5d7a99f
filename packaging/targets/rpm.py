"""The RPM package. What its files are linked with becomes what it requires, found by rpmbuild."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import textwrap
from pathlib import Path

import dev
from order import Order
from project import Project
from staging import TEMPLATES, epoch, stage, write, zipped


def build(order: Order) -> Path:
    """Build `dist/desktop-inbox-VERSION-1.ARCHITECTURE.rpm`.

    Raises:
        SystemExit: rpmbuild is missing or failed; its words were printed.
    """
    if shutil.which("rpmbuild") is None:
        dev.fail("An .rpm is built with rpmbuild, which the package rpm or rpm-build brings.")
    with tempfile.TemporaryDirectory(dir=order.out, prefix="rpm-") as folder:
        root = Path(folder) / "stage"
        program = stage(order, root)
        _document(order.project, root, program)
        spec = Path(folder) / "package.spec"
        write(spec, specification(order.project, program).encode())
        _pack(order, Path(folder), spec)
        made = next((Path(folder) / "RPMS").rglob("*.rpm"))
        package = order.out / made.name
        shutil.move(made, package)
    return package


def specification(project: Project, program: Path) -> str:
    """Return the specification of the package; its tree is `%{stage}`."""
    template = (TEMPLATES / "package.spec").read_text(encoding="utf-8")
    return template.format(
        name=project.name,
        version=_version(project.version),
        summary=project.words.summary,
        licence=project.licence,
        author=project.author,
        homepage=f"URL: {project.homepage}\n" if project.homepage else "",
        description="\n\n".join(textwrap.fill(text, 75) for text in project.words.description),
        own_libraries="|".join(sorted(_own_libraries(program))),
        identifier=project.identifier,
    )


def _version(version: str) -> str:
    return version.replace("-", "~")  # which sorts before the release, as it should


def _own_libraries(program: Path) -> set[str]:
    """Return the names, as a regular expression each, of libraries that nobody need bring."""
    found = (path.name for path in program.rglob("*.so*"))
    return {re.escape(name).replace("\\", "\\\\") for name in found}


def _document(project: Project, root: Path, program: Path) -> None:
    documents = root / "usr" / "share" / "doc" / project.name
    licences = program / "_internal" / "licences"
    others = (licences / "THIRD-PARTY.txt").read_text(encoding="utf-8")
    write(documents / "THIRD-PARTY.txt.gz", zipped(others))
    write(documents / "LICENSE", (licences / "LICENSE").read_bytes())


def _pack(order: Order, folder: Path, spec: Path) -> None:
    payload = "w1.gzdio" if order.quick else "w6T0.xzdio"
    command: list[str | Path] = ["rpmbuild", "-bb", "--quiet", "--nodeps"]
    for name, value in (
        ("_topdir", str(folder)),
        ("stage", str(folder / "stage")),
        ("_binary_payload", payload),
        ("_dbpath", str(folder / "db")),
    ):
        command += ["--define", f"{name} {value}"]
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch())
    dev.step("Packing the .rpm", [*command, spec])


def unpack(package: Path, folder: Path) -> None:
    """Lay out below `folder` what a package holds."""
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(["rpm2cpio", package], stdout=subprocess.PIPE) as reading:
        subprocess.run(
            ["cpio", "-idm", "--quiet", "--no-absolute-filenames"],
            stdin=reading.stdout,
            cwd=folder,
            check=True,
        )
