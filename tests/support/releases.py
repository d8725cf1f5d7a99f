"""Announcements of new versions as their makers, and those who are not, would write them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desktop_inbox.domain import releases

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MAKER = Ed25519PrivateKey.from_private_bytes(b"m" * 32)
NEXT = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
FILE = b"the installer " * 1000


def public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def download(**changed: Any) -> dict[str, Any]:
    return {
        "platform": "linux-x86_64",
        "form": "deb",
        "name": "desktop-inbox_9.0.0_amd64.deb",
        "url": "https://updates.shop.com/desktop-inbox_9.0.0_amd64.deb",
        "size": len(FILE),
        "sha256": "0" * 64,
        **changed,
    }


def values(**changed: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "product": "desktop-inbox",
        "serial": 7,
        "version": "9.0.0",
        "released": (NOW - timedelta(days=1)).isoformat(),
        "expires": (NOW + timedelta(days=90)).isoformat(),
        "page": "https://updates.shop.com/9.0.0",
        "notes": {"en": ["It is faster."], "tr": ["Daha hızlı."]},
        "downloads": [download()],
        "next_keys": [],
        "withdrawn_keys": [],
        **changed,
    }


def payload(**changed: Any) -> bytes:
    return json.dumps(values(**changed)).encode()


def sealed(content: bytes, *keys: Ed25519PrivateKey) -> bytes:
    message = releases.signed_bytes(content)
    return releases.seal(content, {public(key): key.sign(message) for key in keys})


def announcement(*keys: Ed25519PrivateKey, **changed: Any) -> bytes:
    return sealed(payload(**changed), *(keys or (MAKER,)))


def tampered(envelope: bytes, **changed: Any) -> bytes:
    """The same envelope, with other parts than its maker gave it."""
    outer: Mapping[str, Any] = json.loads(envelope)
    return json.dumps({**outer, **changed}).encode()
