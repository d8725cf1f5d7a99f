"""Whether there is a new version, and its file: looked up, verified, fetched, never installed.

The coroutines run on the engine's loop. What was learned from one announcement to the next, such
as its number, is kept in the settings, so that an older one is known when it is played again.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import platform
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desktop_inbox import __version__, project
from desktop_inbox.connectors.errors import TransientError
from desktop_inbox.connectors.web import client, download
from desktop_inbox.connectors.web.client import Web
from desktop_inbox.domain import releases
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.releases import Download, Known, Manifest, ManifestRefused
from desktop_inbox.settings import Settings
from desktop_inbox.store.errors import from_system

_SYSTEMS = {"win32": "windows", "darwin": "macos"}
_MACHINES = {"amd64": "x86_64", "aarch64": "arm64"}
_DEBIAN_LIST = Path("/var/lib/dpkg/info/desktop-inbox.list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where new versions are announced, and whose signature counts."""

    address: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What an announcement that was believed means for this copy."""

    manifest: Manifest
    newer: bool
    download: Download | None  # for this computer, and the way the program came onto it


# Where to look, and what is known


def source() -> Source | None:
    """Return where to look, None while this copy knows no address or no key."""
    address, keys = project.update_address(), project.update_keys()
    return Source(address=address, keys=keys) if address and keys else None


def known(settings: Settings) -> Known:
    """Return what was learned by now; nothing where the settings hold nonsense."""
    kept = settings.updates
    serial, digest = kept.get("serial", 0), kept.get("digest", "")
    if not isinstance(serial, int) or not isinstance(digest, str):
        return Known()
    return Known(
        serial=serial,
        digest=digest,
        keys=_texts(kept.get("keys")),
        withdrawn=_texts(kept.get("withdrawn")),
    )


def remember(settings: Settings, learned: Known, *, now: datetime) -> None:
    """Keep what was learned, and when."""
    settings.updates = {
        **settings.updates,
        "serial": learned.serial,
        "digest": learned.digest,
        "keys": sorted(learned.keys),
        "withdrawn": sorted(learned.withdrawn),
        "looked_at": now.isoformat(),
    }


def looked_at(settings: Settings) -> datetime | None:
    """Return when the last announcement was believed, None for never."""
    try:
        at = datetime.fromisoformat(str(settings.updates.get("looked_at", "")))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def declined(settings: Settings) -> str:
    """Return the version that the person does not want to be told of again, '' for none."""
    return str(settings.updates.get("declined", ""))


def decline(settings: Settings, version: str) -> None:
    """Be silent about a version from now on; a later one is told again."""
    settings.updates = {**settings.updates, "declined": version}


def _texts(value: object) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


# This copy


def platform_name() -> str:
    """Return what kind of computer this is, such as "linux-x86_64"."""
    machine = platform.machine().lower()
    return f"{_SYSTEMS.get(sys.platform, 'linux')}-{_MACHINES.get(machine, machine)}"


def form(environment: Mapping[str, str] | None = None) -> str:
    """Return how the program came onto this computer, such as "deb"; '' for a checkout."""
    if not getattr(sys, "frozen", False):
        return ""
    if sys.platform in _SYSTEMS:
        return {"win32": "exe", "darwin": "dmg"}[sys.platform]
    if (os.environ if environment is None else environment).get("APPIMAGE"):
        return "appimage"
    if Path(sys.executable).resolve().parts[1] not in ("usr", "opt"):
        return "tar"
    return "deb" if _DEBIAN_LIST.exists() else "rpm"


# Looking, fetching


async def look(
    where: Source, before: Known, *, now: datetime, kept: Path | None = None, web: Web | None = None
) -> tuple[News, Known]:
    """Ask what the newest version is; return it and what was learned.

    The announcement is written to `kept`, for `last`; where that is not possible, it is asked for
    again another day.

    Raises:
        ManifestRefused: the announcement is not believed; nothing was learned.
        UserError: "update-unreachable".
    """
    try:
        answer = await client.get(where.address, web=web, max_bytes=releases.MAX_BYTES)
    except TransientError as error:
        raise UserError("update-unreachable", detail=error.detail) from error
    if answer.status != 200:
        raise UserError("update-unreachable", detail=f"status {answer.status}")
    news, learned = _believed(answer.body, where, before, now=now)
    if kept is not None:
        with suppress(OSError):
            await asyncio.to_thread(kept.write_bytes, answer.body)
    return news, learned


def last(where: Source, before: Known, kept: Path, *, now: datetime) -> News | None:
    """Return what was announced last, believed anew; None where nothing is kept, or holds."""
    try:
        return _believed(kept.read_bytes(), where, before, now=now)[0]
    except (OSError, ManifestRefused):
        return None


def _believed(
    envelope: bytes, where: Source, before: Known, *, now: datetime
) -> tuple[News, Known]:
    manifest, learned = releases.accept(
        envelope, built_in=where.keys, known=before, now=now, verify=verify
    )
    news = News(
        manifest=manifest,
        newer=manifest.is_newer_than(__version__),
        download=manifest.download_for(platform_name(), form()),
    )
    return news, learned


def verify(key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether an Ed25519 signature holds."""
    from cryptography.exceptions import InvalidSignature  # once a day
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


async def fetch(
    wanted: Download,
    folder: Path,
    *,
    web: Web | None = None,
    report: Callable[[int], object] | None = None,
) -> Path:
    """Fetch the file of a version into a folder, and return it once it is known to be the one.

    Raises:
        UserError: "update-download-failed", "update-download-differs".
        StoreError: it cannot be written.
    """
    target = folder / wanted.name
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        if not await asyncio.to_thread(is_sound, target, wanted):
            await download.fetch_file(
                wanted.url, target, size=wanted.size, sha256=wanted.sha256, web=web, report=report
            )
    except TransientError as error:
        raise UserError("update-download-failed", detail=error.detail) from error
    except download.Differs as error:
        raise UserError("update-download-differs") from error
    except OSError as error:
        raise from_system(error, path=target) from error
    return target


def is_sound(path: Path, wanted: Download) -> bool:
    """Tell whether a file is still the announced one; asked again before it is opened."""
    try:
        if path.stat().st_size != wanted.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == wanted.sha256
    except OSError:
        return False
