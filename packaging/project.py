"""What packages say of the program: read once, from pyproject.toml, the version and the changelog.

Standard library only; nothing of this is written anywhere else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

_VERSION = re.compile(r'^__version__ = "(?P<version>[^"]+)"$', re.MULTILINE)
_RELEASE = re.compile(r"## \[(?P<version>[^\]]+)\](?: - (?P<date>\d{4}-\d\d-\d\d))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said of the program in one language."""

    generic_name: str
    summary: str
    description: tuple[str, ...]  # paragraphs
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version of the changelog, with its lines."""

    version: str
    on: date
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The program as its packages name it."""

    name: str  # of the package, the command and the desktop file
    title: str
    version: str
    identifier: str  # reversed domain name
    licence: str  # SPDX
    author: str
    email: str
    homepage: str  # '' while there is none
    categories: tuple[str, ...]
    icon: Path
    words: Words
    translated: Mapping[str, Words]  # by language
    releases: tuple[Release, ...]  # newest first, this version always among them


def read(root: Path = ROOT, *, version: str = "") -> Project:
    """Return what `root` says of itself; `version` where it is to be called otherwise."""
    found = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    project, tool = found["project"], found["tool"]["desktop-inbox"]
    code = (root / "desktop_inbox" / "__init__.py").read_text(encoding="utf-8")
    match = _VERSION.search(code)
    assert match is not None, "desktop_inbox/__init__.py names the version"
    version = version or match["version"]
    author = project["authors"][0]
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    return Project(
        name=project["name"],
        title=tool["title"],
        version=version,
        identifier=tool["identifier"],
        licence=project["license"],
        author=author["name"],
        email=author["email"],
        homepage=project.get("urls", {}).get("Homepage", ""),
        categories=tuple(tool["categories"]),
        icon=root / tool["icon"],
        words=_words({"summary": project["description"], **tool}),
        translated={code: _words(said) for code, said in tool["translated"].items()},
        releases=releases(changelog, version=version),
    )


def releases(changelog: str, *, version: str) -> tuple[Release, ...]:
    """Return the releases of a changelog; what is not released yet counts as `version`, today."""
    found = []
    blocks = re.split(r"^(?=## \[)", changelog, flags=re.MULTILINE)[1:]
    for block in blocks:
        heading = _RELEASE.match(block)
        assert heading is not None
        lines = tuple(line[2:] for line in block.splitlines() if line.startswith("- "))
        if heading["date"]:
            on = date.fromisoformat(heading["date"])
            found.append(Release(version=heading["version"], on=on, changes=lines))
        elif lines:
            today = datetime.now(UTC).date()
            found.append(Release(version=version, on=today, changes=lines))
    return tuple(found)


def _words(said: Mapping[str, Any]) -> Words:
    return Words(
        generic_name=said["generic-name"],
        summary=said["summary"],
        description=tuple(said["description"]),
        keywords=tuple(said["keywords"]),
    )
