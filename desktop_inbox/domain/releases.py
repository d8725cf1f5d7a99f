"""What announces a new version, and when it is believed: a signed manifest and its rules.

A manifest is a small JSON text. It travels in an envelope with its signatures, which are over its
very bytes; nothing of it is read before one of them holds. Whoever replays an older manifest, or
holds the newest one back, is found out by its serial number and its date of expiry.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from desktop_inbox.domain.errors import UserError

FORMAT = 1
PRODUCT = "desktop-inbox"
PURPOSE = b"desktop-inbox version manifest 1\n"  # a signature made for anything else never holds
MAX_BYTES = 128 * 1024  # of an envelope
EVERY = timedelta(days=1)
KEY_BYTES, SIGNATURE_BYTES = 32, 64  # of Ed25519
_MAX_FILE_BYTES = 1024**3
_MAX_SIGNATURES = 8
_MAX_NOTES = 200
_NOTE_LENGTH = 1000
_AHEAD = timedelta(days=2)  # how far this computer's clock may be behind

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:-rc\.(\d{1,4}))?")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]{0,119}")
_DIGEST = re.compile(r"[0-9a-f]{64}")

Verify = Callable[[bytes, bytes, bytes], bool]
"""Tells whether, for a public key, a signature over a message holds."""


class Refusal(StrEnum):
    """Why a manifest is not believed; each has its sentence as `update-…`."""

    UNREADABLE = "unreadable"  # cut short, or none at all
    FORMAT = "format"  # written for newer programs
    UNSIGNED = "unsigned"
    STRANGER = "stranger"  # signed, but by nobody we know
    ALTERED = "altered"  # a known key's signature does not hold
    OLDER = "older"  # an earlier one, played again
    SWAPPED = "swapped"  # another one under the number of the last
    EXPIRED = "expired"
    FUTURE = "future"  # made at a time that has not come


class ManifestRefused(UserError):
    """A manifest is not believed, and nothing of it is used."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"update-{reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file of a version."""

    platform: str  # such as "linux-x86_64"
    form: str  # such as "deb"
    name: str  # of the file, without a folder
    url: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is known of the newest version."""

    serial: int  # grows with every manifest
    version: str
    released: datetime
    expires: datetime
    page: str  # for people, '' for none
    notes: Mapping[str, tuple[str, ...]]  # what is new, a sentence each, by language
    downloads: tuple[Download, ...]
    next_keys: frozenset[str]  # trusted from now on, in base64
    withdrawn_keys: frozenset[str]  # never again

    def is_newer_than(self, version: str) -> bool:
        """Tell whether it announces a later version than this one."""
        return order(self.version) > order(version)

    def download_for(self, platform: str, form: str) -> Download | None:
        """Return the file for a computer and for how the program came onto it."""
        for one in self.downloads:
            if (one.platform, one.form) == (platform, form):
                return one
        return None

    def notes_in(self, language: str) -> tuple[str, ...]:
        """Return what is new in a language, else in English."""
        return self.notes.get(language) or self.notes.get("en", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What this program has learned from the manifests it believed."""

    serial: int = 0
    digest: str = ""  # of the manifest with that number
    keys: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()


def order(version: str) -> tuple[int, int, int, int]:
    """Return what versions are compared by; a candidate comes before its version.

    *Raises:* ValueError.
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError(version)
    major, minor, patch, candidate = found.groups()
    return int(major), int(minor), int(patch), int(candidate) if candidate else 10_000


def is_due(last: datetime | None, *, now: datetime) -> bool:
    """Tell whether it is time to look again: at most once a day, or the clock was put back."""
    return last is None or abs(now - last) >= EVERY


def accept(
    envelope: bytes,
    *,
    built_in: Collection[str],
    known: Known,
    now: datetime,
    verify: Verify,
) -> tuple[Manifest, Known]:
    """Return a manifest that is to be believed, and what is known after it.

    `built_in` are the public keys in the program. A manifest may name the next ones: whoever has
    seen it believes those too, so that a key can be replaced before it is withdrawn.

    Raises:
        ManifestRefused: it is not; nothing was learned.
    """
    trusted = (frozenset(built_in) | known.keys) - known.withdrawn
    payload = _signed_payload(envelope, trusted, verify)
    manifest = read(payload)
    digest = hashlib.sha256(payload).hexdigest()
    if manifest.serial < known.serial:
        raise ManifestRefused(Refusal.OLDER)
    if manifest.serial == known.serial and digest != known.digest:
        raise ManifestRefused(Refusal.SWAPPED)
    if manifest.expires <= now:
        raise ManifestRefused(Refusal.EXPIRED)
    if manifest.released > now + _AHEAD:
        raise ManifestRefused(Refusal.FUTURE)
    learned = replace(
        known,
        serial=manifest.serial,
        digest=digest,
        keys=(known.keys | manifest.next_keys) - manifest.withdrawn_keys,
        withdrawn=known.withdrawn | manifest.withdrawn_keys,
    )
    return manifest, learned


def seal(payload: bytes, signatures: Mapping[str, bytes]) -> bytes:
    """Return the envelope of a manifest; `signatures`, over `signed_bytes`, by public key."""
    envelope = {
        "format": FORMAT,
        "manifest": base64.b64encode(payload).decode("ascii"),
        "signatures": [
            {"key": key, "signature": base64.b64encode(one).decode("ascii")}
            for key, one in signatures.items()
        ],
    }
    return json.dumps(envelope, indent=1).encode("ascii") + b"\n"


def signed_bytes(payload: bytes) -> bytes:
    """Return what a signature is over."""
    return PURPOSE + payload


def _signed_payload(envelope: bytes, trusted: Collection[str], verify: Verify) -> bytes:
    """Return the bytes of a manifest that one of the trusted keys has signed."""
    if len(envelope) > MAX_BYTES:
        raise ManifestRefused(Refusal.UNREADABLE)
    outer = _object(envelope)
    if _number(outer, "format") != FORMAT:
        raise ManifestRefused(Refusal.FORMAT)
    payload = _bytes(outer.get("manifest"))
    signatures = outer.get("signatures")
    if not signatures:
        raise ManifestRefused(Refusal.UNSIGNED)
    if not isinstance(signatures, list) or len(signatures) > _MAX_SIGNATURES:
        raise ManifestRefused(Refusal.UNREADABLE)
    ours = [one for one in signatures if isinstance(one, dict) and one.get("key") in trusted]
    if not ours:
        raise ManifestRefused(Refusal.STRANGER)
    for one in ours:
        signature = _bytes(one.get("signature"))
        if len(signature) == SIGNATURE_BYTES and verify(
            base64.b64decode(one["key"]), signature, signed_bytes(payload)
        ):
            return payload
    raise ManifestRefused(Refusal.ALTERED)


def read(payload: bytes) -> Manifest:
    """Return what a manifest says. *Raises:* ManifestRefused (UNREADABLE, FORMAT)."""
    values = _object(payload)
    if _number(values, "format") != FORMAT:
        raise ManifestRefused(Refusal.FORMAT)
    try:
        return _manifest(values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestRefused(Refusal.UNREADABLE) from error


def _manifest(values: Mapping[str, Any]) -> Manifest:
    version = _text(values["version"], 40)
    order(version)
    downloads = tuple(_download(one) for one in values["downloads"])
    if values["product"] != PRODUCT or len({(d.platform, d.form) for d in downloads}) < len(
        downloads
    ):
        raise ValueError
    return Manifest(
        serial=_positive(values["serial"], 2**53),
        version=version,
        released=_moment(values["released"]),
        expires=_moment(values["expires"]),
        page=_secure(values["page"]) if values.get("page") else "",
        notes={_text(name, 10): _notes(lines) for name, lines in values["notes"].items()},
        downloads=downloads,
        next_keys=_keys(values.get("next_keys", [])),
        withdrawn_keys=_keys(values.get("withdrawn_keys", [])),
    )


def _download(values: Mapping[str, Any]) -> Download:
    name, digest = _text(values["name"], 120), _text(values["sha256"], 64)
    if not _FILE_NAME.fullmatch(name) or not _DIGEST.fullmatch(digest):
        raise ValueError(name)
    return Download(
        platform=_text(values["platform"], 40),
        form=_text(values["form"], 20),
        name=name,
        url=_secure(values["url"]),
        size=_positive(values["size"], _MAX_FILE_BYTES),
        sha256=digest,
    )


def _object(raw: bytes) -> dict[str, Any]:
    try:
        values = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise ManifestRefused(Refusal.UNREADABLE)
    return values


def _number(values: Mapping[str, Any], name: str) -> int:
    value = values.get(name)
    if type(value) is not int:
        raise ManifestRefused(Refusal.UNREADABLE)
    return value


def _bytes(value: object) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else "-", validate=True)
    except (binascii.Error, ValueError):
        raise ManifestRefused(Refusal.UNREADABLE) from None


def _text(value: object, most: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise ValueError(value)
    return value


def _positive(value: object, most: int) -> int:
    if type(value) is not int or not 0 < value <= most:
        raise ValueError(value)
    return value


def _notes(lines: object) -> tuple[str, ...]:
    if not isinstance(lines, list) or len(lines) > _MAX_NOTES:
        raise ValueError
    return tuple(_text(line, _NOTE_LENGTH) for line in lines)


def _keys(values: object) -> frozenset[str]:
    if not isinstance(values, list):
        raise TypeError
    if any(len(_bytes(one)) != KEY_BYTES for one in values):
        raise ValueError
    return frozenset(values)


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value, 40))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(UTC)


def _secure(value: object) -> str:
    """An address that is asked over TLS; with it goes what is written into the log and shown."""
    url = _text(value, 1000)
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise ValueError(url)
    return url
