"""What the project says of itself: its addresses and what is new, from the files it is made of.

`pyproject.toml` and the changelog lie beside the resources in every copy, so that each is written
once. A leaf; reading is safe anywhere.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from desktop_inbox.paths import resources


def folder() -> Path:
    """Return where the files of the project lie."""
    return resources().parent


def update_address() -> str:
    """Return where new versions are announced, '' while that is nowhere."""
    address = _read().get("project", {}).get("urls", {}).get("Updates", "")
    return str(address)


def update_keys() -> tuple[str, ...]:
    """Return the public keys that an announcement may be signed with, in base64."""
    return tuple(map(str, _read().get("tool", {}).get("desktop-inbox", {}).get("update-keys", ())))


def changelogs() -> dict[str, Path]:
    """Return what is new, a file by language; English is written for every version."""
    found = {"en": folder() / "CHANGELOG.md"}
    found |= {path.stem: path for path in sorted((resources() / "changes").glob("*.md"))}
    return {language: path for language, path in found.items() if path.is_file()}


@cache
def _read() -> dict[str, Any]:
    try:
        return tomllib.loads((folder() / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # a copy that somebody took apart runs, and asks nobody
        return {}
