"""What every mail account of the tests is called, and what lets it in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

PASSWORD = "correct-horse"
FOREIGN = ("jürgen@desk.example", 'päss "wörd\\')  # an account whose sign-in needs literals
DOMAIN = "desk.example"
TOKEN_KEY = b"a key for the tokens of tests only"


def token(address: str, *, lifetime_seconds: int = 600) -> str:
    """Return an OAuth access token that this Dovecot accepts for an account."""
    now = int(time.time())
    head = _base64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = _base64url(
        json.dumps({"sub": address, "iat": now - 1000, "exp": now + lifetime_seconds}).encode()
    )
    signature = hmac.new(TOKEN_KEY, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{_base64url(signature)}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
