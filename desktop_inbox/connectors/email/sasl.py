"""What is said to sign in, in the forms that servers take (RFC 4616, RFC 7628, XOAUTH2). Pure."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A mechanism, its first message, and what ends the talk once that was refused."""

    mechanism: str
    message: bytes
    after_refusal: bytes = b""  # the server accounts for the failure before it says NO

    def __repr__(self) -> str:
        return f"Saying(mechanism={self.mechanism!r}, …)"  # never the secret


def plain(username: str, password: str) -> Saying:
    """Sign in with a password."""
    return Saying(mechanism="PLAIN", message=f"\0{username}\0{password}".encode())


def bearer(username: str, token: str, *, offered: Collection[str], host: str, port: int) -> Saying:
    """Sign in with an OAuth access token; `offered` are mechanisms in upper case.

    XOAUTH2 unless only the standard's own OAUTHBEARER is offered: more servers have it right.
    """
    if "OAUTHBEARER" in offered and "XOAUTH2" not in offered:
        name = username.replace("=", "=3D").replace(",", "=2C")
        text = f"n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01"
        return Saying(mechanism="OAUTHBEARER", message=text.encode(), after_refusal=b"\x01")
    text = f"user={username}\x01auth=Bearer {token}\x01\x01"
    return Saying(mechanism="XOAUTH2", message=text.encode())


def encoded(message: bytes) -> bytes:
    """Return a message as it goes over the wire."""
    return base64.b64encode(message)
