"""The time zone this computer is set to, by its IANA name. Any thread."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

_LINK = Path("/etc/localtime")
_NAME = Path("/etc/timezone")


def own_zone(*, link: Path = _LINK, name: Path = _NAME, variable: str | None = None) -> str:
    """Return the name of this computer's zone, "UTC" where nothing tells it.

    Where only the distance from UTC is known, a zone of whole hours stands for it.
    """
    said = os.environ.get("TZ", "") if variable is None else variable
    for found in (said.removeprefix(":"), _linked(link), _written(name)):
        if found and _known(found):
            return found
    return _by_distance(datetime.now(UTC).astimezone().utcoffset() or timedelta())


def _linked(link: Path) -> str:
    """Return the name that a link into the folder of zones ends in."""
    _, folder, found = str(link.resolve()).rpartition("zoneinfo/")
    return found if folder else ""


def _written(name: Path) -> str:
    try:
        return name.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""  # many systems have no such file


def _by_distance(distance: timedelta) -> str:
    hours = round(distance / timedelta(hours=1))
    return f"Etc/GMT{-hours:+d}" if hours and _known(f"Etc/GMT{-hours:+d}") else "UTC"


def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return False
    return True
