"""Secrets too large for a keyring: sealed in a file under a key that lies in the keyring.

Windows keeps 2,560 bytes a secret, and the tokens of some providers are longer. As with every
secret, calls may block; see `secrets`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

_LARGEST = 1000  # characters that every keyring takes
_KEY_NAME = "sealing-key"
_MARK = "sealed in a file"  # what the keyring holds of a secret that is
_FORMAT = "desktop-inbox sealed secrets 1: AES-256-GCM"

Replace = Callable[[Path, bytes], None]


class _Keyring(Protocol):
    name: str

    def get(self, name: str) -> str | None: ...
    def set(self, name: str, value: str) -> None: ...
    def delete(self, name: str) -> None: ...


class Unreadable(Exception):
    """The file, or the key to it, is damaged or gone."""


class SealingSecrets:
    """A keyring that takes secrets of any size."""

    def __init__(self, keyring: _Keyring, path: Path, *, replace: Replace) -> None:
        self.name = keyring.name
        self._keyring = keyring
        self._path = path
        self._replace = replace
        self._lock = threading.Lock()

    def get(self, name: str) -> str | None:
        """Return a secret, None where there is none. *Raises:* Unreadable."""
        value = self._keyring.get(name)
        return self._open(name) if value == _MARK else value

    def set(self, name: str, value: str) -> None:
        """Keep a secret, in the file where the keyring may not take it."""
        if len(value) <= _LARGEST:
            self._keyring.set(name, value)
            self._forget(name)
            return
        with self._lock:
            self._seal(name, value)
        self._keyring.set(name, _MARK)  # last: until then the old one counts

    def delete(self, name: str) -> None:
        """Forget a secret."""
        self._keyring.delete(name)
        self._forget(name)

    def _seal(self, name: str, value: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self._keyring.get(_KEY_NAME)
        if key is None:
            key = base64.b64encode(os.urandom(32)).decode()
            self._keyring.set(_KEY_NAME, key)
        nonce = os.urandom(12)
        # Under its name, so that one secret cannot be put in the place of another.
        sealed = AESGCM(base64.b64decode(key)).encrypt(nonce, value.encode(), name.encode())
        kept = self._read()
        kept[name] = base64.b64encode(nonce + sealed).decode()
        self._write(kept)

    def _open(self, name: str) -> str:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self._keyring.get(_KEY_NAME)
        try:
            packed = base64.b64decode(self._read()[name])
            cipher = AESGCM(base64.b64decode(key or ""))
            return cipher.decrypt(packed[:12], packed[12:], name.encode()).decode()
        except (InvalidTag, ValueError, KeyError) as error:
            raise Unreadable(str(self._path)) from error

    def _forget(self, name: str) -> None:
        with self._lock, contextlib.suppress(Unreadable):
            kept = self._read()
            if kept.pop(name, None) is not None:
                self._write(kept)

    def _read(self) -> dict[str, str]:
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            kept: dict[str, str] = document["secrets"]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unreadable(str(self._path)) from error
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        document = {"format": _FORMAT, "secrets": kept}
        self._replace(self._path, json.dumps(document, indent=1).encode())
