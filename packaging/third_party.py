"""Lists what others wrote of a frozen program, with its licences, from what was really put in.

Runs inside the PyInstaller specification, in the virtual environment whose metadata it reads. A
part without the text of its licence stops the build.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

import project
import sbom
from project import ROOT

OWN = Path(__file__).resolve().parent / "licences"
NAME = "THIRD-PARTY.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One thing that others wrote."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...] = field(repr=False)
    purl: str = ""  # where it comes from, as bills of materials say it


class NoLicence(Exception):
    """Something would be handed out without the text of its licence."""


# What wheels carry inside without a licence of its own in their metadata, and those wheels that
# bring no text at all. Where there is a choice, the one that fits the GPL-3.0-or-later is taken.
_INSIDE: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "chunspell": (("Hunspell", "LGPL-2.1-or-later", "LGPL-2.1.txt"),),
    "cryptography": (("OpenSSL", "Apache-2.0", "Apache-2.0.txt"),),
    "pyside6-essentials": (
        ("Qt", "LGPL-3.0-only", "LGPL-3.txt"),
        ("ICU", "Unicode-3.0", "Unicode-3.0.txt"),
    ),
    "selectolax": (("Lexbor", "Apache-2.0", "Apache-2.0.txt"),),
    "soundfile": (
        ("libsndfile", "LGPL-2.1-or-later", "LGPL-2.1.txt"),
        ("mpg123", "LGPL-2.1-only", "LGPL-2.1.txt"),
        ("LAME", "LGPL-2.0-or-later", "LGPL-2.1.txt"),
        ("Opus", "BSD-3-Clause", "Opus-BSD-3-Clause.txt"),
        ("FLAC, Ogg and Vorbis", "BSD-3-Clause", "Xiph-BSD-3-Clause.txt"),
    ),
    "sqlcipher3": (
        ("SQLCipher", "BSD-3-Clause", "SQLCipher-BSD-3-Clause.txt"),
        ("OpenSSL", "Apache-2.0", "Apache-2.0.txt"),
    ),
}
_FREEZER = "pyinstaller"  # its loader is in every copy
_TEXTLESS = {
    "faust-cchardet": "LGPL-2.1.txt",
    "pyside6-essentials": "LGPL-3.txt",
    "shiboken6": "LGPL-3.txt",
}
_SEE_TEXT = "see its text"
_LICENCE_FILES = ("licen", "copying", "notice", "authors")


def write(folder: Path, bundled: Iterable[tuple[str, Path]]) -> list[Path]:
    """Write the lists of what `bundled`, files by the place that they got, belong to.

    Returns their paths: the one for people, with the licences, and the bill of materials.

    Raises:
        NoLicence: a part of them has no text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = components(bundled)
    listing, bill = folder / NAME, folder / sbom.NAME
    listing.write_text(_listing(found), encoding="utf-8")
    bill.write_text(sbom.text(project.read(), found), encoding="utf-8")
    return [listing, bill]


def components(bundled: Iterable[tuple[str, Path]]) -> list[Component]:
    """Return what `bundled` files belong to, in the order of their names.

    Raises:
        NoLicence: a part of them has no text.
    """
    owners = _owners()
    packages = Path(sysconfig.get_path("purelib"))
    used: dict[str, metadata.Distribution] = {}
    foreign: list[Path] = []
    for place, source in bundled:
        # A compiled module is known by its place only.
        module = place.removesuffix("c") if place.endswith(".pyc") else place
        owner = owners.get(str(source)) or owners.get(str(packages / module))
        if owner is not None:
            used[owner.name] = owner
        elif is_of_the_system(source):
            foreign.append(source.resolve())
    found = [_python(), _distribution(metadata.distribution(_FREEZER))]
    for distribution in used.values():
        found.append(_distribution(distribution))
        found += _inside(distribution)
    found += _resources()
    found += _system(foreign)
    return sorted(found, key=lambda one: (one.name.lower(), one.version))


def _owners() -> dict[str, metadata.Distribution]:
    return {
        str(distribution.locate_file(file)): distribution
        for distribution in metadata.distributions()
        for file in distribution.files or ()
    }


def is_of_the_system(source: Path) -> bool:
    """Tell a library of the machine that builds from our own files and Python's."""
    inside = (ROOT, Path(sys.base_prefix), Path(sys.prefix))
    name = source.name
    library = ".so" in name or name.endswith((".dylib", ".dll"))
    return library and not any(source.is_relative_to(folder) for folder in inside)


def _python() -> Component:
    places = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
    texts = [place / "LICENSE.txt" for place in places if (place / "LICENSE.txt").is_file()]
    version = ".".join(map(str, sys.version_info[:3]))
    purl = f"pkg:generic/python@{version}"
    return _component("Python", version, "PSF-2.0", [_read(path) for path in texts[:1]], purl=purl)


def _distribution(distribution: metadata.Distribution) -> Component:
    name = distribution.name
    texts = [
        _read(Path(str(distribution.locate_file(file))))
        for file in distribution.files or ()
        if ".dist-info" in str(file) and file.name.lower().startswith(_LICENCE_FILES)
    ]
    if not texts and _canonical(name) in _TEXTLESS:
        texts = [_read(OWN / _TEXTLESS[_canonical(name)])]
    purl = f"pkg:pypi/{_canonical(name)}@{distribution.version}"
    return _component(name, distribution.version, _licence(distribution), texts, purl=purl)


def _inside(distribution: metadata.Distribution) -> Iterator[Component]:
    for name, licence, file in _INSIDE.get(_canonical(distribution.name), ()):
        where = f"in {distribution.name} {distribution.version}"
        yield _component(name, where, licence, [_read(OWN / file)])


def _licence(distribution: metadata.Distribution) -> str:
    """Return what the metadata calls the licence, however old its form."""
    said = distribution.metadata
    if "License-Expression" in said:
        return said["License-Expression"]
    named = said["License"].strip() if "License" in said else ""
    if named and "\n" not in named and named != "UNKNOWN":
        return named
    classified = [one for one in said.get_all("Classifier") or () if one.startswith("License ::")]
    return "; ".join(one.rpartition(" :: ")[2] for one in classified) or _SEE_TEXT


def _resources() -> Iterator[Component]:
    """Yield what lies in `resources`, named by the files of its licences."""
    for path in sorted((ROOT / "resources" / "licences").glob("*.txt")):
        name, _dash, licence = path.stem.partition("-")
        if name == "dictionary":
            name, licence = path.stem, _SEE_TEXT
        yield _component(name, "in resources", licence, [_read(path)])


def _system(libraries: Iterable[Path]) -> Iterator[Component]:
    """Yield the packages of the system that `libraries` were taken from."""
    owners = sorted({_debian_package(library) for library in libraries})
    for package in owners:
        version = _said(["dpkg-query", "-W", "-f=${Version}", package])
        text = Path("/usr/share/doc") / package.partition(":")[0] / "copyright"
        name = package.partition(":")[0]
        purl = f"pkg:deb/debian/{quote(name)}@{quote(version)}"
        yield _component(name, version, _SEE_TEXT, [_read(text)], purl=purl)


def _debian_package(library: Path) -> str:
    # The database may know it by its place before /lib and /usr/lib became one.
    places = (str(library), str(library).removeprefix("/usr"), f"/usr{library}")
    for place in places:
        if answer := _said(["dpkg-query", "-S", place]):
            return answer.partition(": ")[0].split(",")[0]
    raise NoLicence(f"{library}: no Debian package has it, so its licence is not known")


def _said(command: list[str]) -> str:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _component(
    name: str, version: str, licence: str, texts: list[str], *, purl: str = ""
) -> Component:
    if not any(text.strip() for text in texts):
        raise NoLicence(f"{name} {version} ({licence}) has no licence text; add one to {OWN}")
    return Component(name=name, version=version, licence=licence, texts=tuple(texts), purl=purl)


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip()


def _listing(found: list[Component]) -> str:
    """Return the list, then each text once with those that it is of."""
    width = max(len(f"{one.name} {one.version}") for one in found)
    lines = ["What Desktop Inbox is made of besides its own code, and under which licences.", ""]
    of_text: dict[str, list[str]] = {}
    for one in found:
        label = f"{one.name} {one.version}"
        lines.append(f"  {label:<{width}}  {one.licence}")
        for text in one.texts:
            of_text.setdefault(text, []).append(label)
    for text, labels in of_text.items():
        lines += ["", "=" * 78, ", ".join(dict.fromkeys(labels)), "=" * 78, "", text]
    return "\n".join(lines) + "\n"
