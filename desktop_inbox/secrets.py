"""Passwords and tokens: in the system's keyring, else in a file encrypted under a passphrase.

Never in the database, the log or the settings. Every method may block (a keyring may ask its user
to unlock it), so the engine and the window call them from a worker thread, never on a loop.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, TypeVar

from desktop_inbox.domain.errors import UserError
from desktop_inbox.sealing import SealingSecrets, Unreadable

T = TypeVar("T")

PASSPHRASE_VARIABLE = "DESKTOP_INBOX_PASSPHRASE"  # noqa: S105 - the name of it
_SERVICE = "desktop-inbox"
_KEYRING_TIMEOUT_SECONDS = 60.0  # long enough for a person to type the keyring's password
_PROBE_TIMEOUT_SECONDS = 5.0

# Back-ends that keep secrets from other users and from a stolen disk. Others exist (plain files,
# a chainer, third-party plug-ins) and are never chosen.
_ALLOWED = {
    "win32": (("keyring.backends.Windows", "WinVaultKeyring"),),
    "darwin": (("keyring.backends.macOS", "Keyring"),),
}
_ALLOWED_ELSEWHERE = (
    ("keyring.backends.SecretService", "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
)

AskPassphrase = Callable[[bool], str | None]
"""Asks a person: True for a new passphrase, False for the known one; None when they give up."""


class SecretsError(UserError):
    """A secret cannot be read or kept, and the user can do something about it.

    Codes: passphrase-needed, wrong-passphrase, vault-unreadable, vault-unwritable, keyring-silent,
    keyring-refused.
    """


class Secrets(Protocol):
    """Where secrets are kept, by name."""

    def get(self, name: str) -> str | None:
        """Return a secret, None where there is none. *Raises:* SecretsError."""
        ...

    def set(self, name: str, value: str) -> None:
        """Keep a secret under `name`, replacing what was there. *Raises:* SecretsError."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret; nothing happens where there is none. *Raises:* SecretsError."""
        ...


class MemorySecrets:
    """Secrets that end with the process: the sample shop, tests."""

    def __init__(self, values: dict[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def get(self, name: str) -> str | None:
        return self._values.get(name)

    def set(self, name: str, value: str) -> None:
        self._values[name] = value

    def delete(self, name: str) -> None:
        self._values.pop(name, None)


class SystemSecrets:
    """The keyring where there is a trustworthy one, else the vault file. Chosen at first use.

    An existing vault is always used, and so it is where the passphrase is in the environment: a
    keyring that is missing today must not make yesterday's secrets look lost.
    """

    def __init__(self, vault_file: Path, *, ask: AskPassphrase | None = None) -> None:
        self._vault = Vault(vault_file, ask=ask)
        self._chosen: Vault | SealingSecrets | None = None
        self._choosing = threading.Lock()

    @property
    def vault(self) -> Vault:
        """The encrypted file, whether it is in use or not."""
        return self._vault

    def get(self, name: str) -> str | None:
        try:
            return self._place().get(name)
        except Unreadable as error:
            raise SecretsError("vault-unreadable", path=str(error)) from error

    def set(self, name: str, value: str) -> None:
        try:
            self._place().set(name, value)
        except Unreadable as error:
            raise SecretsError("vault-unreadable", path=str(error)) from error
        except OSError as error:
            path = str(self._sealed_file)
            raise SecretsError("vault-unwritable", path=path, detail=error.strerror) from error

    def delete(self, name: str) -> None:
        self._place().delete(name)

    def place(self) -> str:
        """Say where secrets are kept, for support: a keyring's name, or the vault's path."""
        chosen = self._place()
        return str(chosen.path) if isinstance(chosen, Vault) else chosen.name

    def locked(self) -> bool:
        """Tell whether a passphrase must be asked for before anything can be read or kept."""
        return self._place() is self._vault and self._vault.locked

    def _place(self) -> Vault | SealingSecrets:
        with self._choosing:
            if self._chosen is None:
                wants_vault = self._vault.path.exists() or PASSPHRASE_VARIABLE in os.environ
                keyring = None if wants_vault else find_keyring()
                self._chosen = self._vault
                if keyring is not None:
                    self._chosen = SealingSecrets(keyring, self._sealed_file, replace=_replace)
            return self._chosen

    @property
    def _sealed_file(self) -> Path:
        return self._vault.path.with_name("sealed.json")


class _Backend(Protocol):
    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


class KeyringSecrets:
    """The system's keyring, each call bounded in time so that a silent one never hangs us."""

    def __init__(self, backend: _Backend, *, name: str) -> None:
        self._backend = backend
        self.name = name

    def get(self, name: str) -> str | None:
        return self._call(lambda: self._backend.get_password(_SERVICE, name))

    def set(self, name: str, value: str) -> None:
        self._call(lambda: self._backend.set_password(_SERVICE, name, value))

    def delete(self, name: str) -> None:
        if self.get(name) is not None:
            self._call(lambda: self._backend.delete_password(_SERVICE, name))

    def _call(self, function: Callable[[], T]) -> T:
        from keyring.errors import KeyringError

        try:
            return _within(_KEYRING_TIMEOUT_SECONDS, function)
        except TimeoutError as error:
            raise SecretsError("keyring-silent", keyring=self.name) from error
        except KeyringError as error:
            raise SecretsError("keyring-refused", keyring=self.name, detail=str(error)) from error


def find_keyring() -> KeyringSecrets | None:
    """Return the first allowed keyring that answers on this machine, None where there is none."""
    try:
        return _within(_PROBE_TIMEOUT_SECONDS, _probe)
    except TimeoutError as error:
        # It exists but does not answer: writing to another place now would hide what it holds.
        raise SecretsError("keyring-silent", keyring="keyring") from error


def _probe() -> KeyringSecrets | None:
    import importlib

    for module, class_name in _allowed():
        try:
            backend = getattr(importlib.import_module(module), class_name)
            if backend.priority > 0:
                return KeyringSecrets(backend(), name=module.rpartition(".")[2])
        except (ImportError, RuntimeError, OSError):
            continue  # how keyring's back-ends say that they do not work here
    return None


def _allowed() -> Iterable[tuple[str, str]]:
    return _ALLOWED.get(sys.platform, _ALLOWED_ELSEWHERE)


def _within(seconds: float, function: Callable[[], T]) -> T:
    """Run `function` in a thread of its own; the thread is left behind if it never returns."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(function())
        except BaseException as error:  # noqa: BLE001 - carried over to the caller
            failure.append(error)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not outcome:
        raise TimeoutError
    return outcome[0]


class Vault:
    """A file of secrets, AES-256-GCM under a key that scrypt derives from a passphrase.

    The passphrase comes from `unlock`, the environment, or `ask`, once a process. The file is read
    again for each call, because a command may add an account beside an open window.
    """

    def __init__(self, path: Path, *, ask: AskPassphrase | None = None) -> None:
        self.path = path
        self._ask = ask
        self._passphrase: str | None = os.environ.get(PASSPHRASE_VARIABLE) or None
        self._key: tuple[bytes, bytes] | None = None  # salt, key: deriving takes 0.1 s
        self._lock = threading.RLock()

    @property
    def locked(self) -> bool:
        """Whether the passphrase is still unknown to this process."""
        return self._passphrase is None

    def unlock(self, passphrase: str) -> None:
        """Take the passphrase. *Raises:* SecretsError("wrong-passphrase"), staying locked."""
        with self._lock:
            before, self._passphrase = self._passphrase, passphrase
            try:
                self._read()
            except SecretsError:
                self._passphrase = before
                raise

    def get(self, name: str) -> str | None:
        with self._lock:
            if not self.path.exists():
                return None
            return self._read().get(name)

    def set(self, name: str, value: str) -> None:
        with self._lock:
            values = self._read()
            values[name] = value
            self._write(values)

    def delete(self, name: str) -> None:
        with self._lock:
            if not self.path.exists():
                return
            values = self._read()
            if values.pop(name, None) is not None:
                self._write(values)

    def _read(self) -> dict[str, str]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not self.path.exists():
            return {}
        salt, nonce, sealed = self._parts()
        key = self._key_for(salt, new=False)
        try:
            plain = AESGCM(key).decrypt(nonce, sealed, _SERVICE.encode())
        except InvalidTag as error:
            self._passphrase, self._key = None, None
            raise SecretsError("wrong-passphrase", path=str(self.path)) from error
        values: dict[str, str] = json.loads(plain)
        return values

    def _parts(self) -> tuple[bytes, bytes, bytes]:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            salt, nonce, sealed = (
                base64.b64decode(document[name]) for name in ("salt", "nonce", "sealed")
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SecretsError("vault-unreadable", path=str(self.path)) from error
        return salt, nonce, sealed

    def _write(self, values: dict[str, str]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        salt = self._parts()[0] if self.path.exists() else os.urandom(16)
        key = self._key_for(salt, new=not self.path.exists())
        nonce = os.urandom(12)
        sealed = AESGCM(key).encrypt(nonce, json.dumps(values).encode(), _SERVICE.encode())
        document = {
            "format": "desktop-inbox vault 1: scrypt n=32768 r=8 p=1, AES-256-GCM",
            "salt": base64.b64encode(salt).decode(),
            "nonce": base64.b64encode(nonce).decode(),
            "sealed": base64.b64encode(sealed).decode(),
        }
        try:
            _replace(self.path, json.dumps(document, indent=1).encode())
        except OSError as error:
            raise SecretsError(
                "vault-unwritable", path=str(self.path), detail=error.strerror
            ) from error

    def _key_for(self, salt: bytes, *, new: bool) -> bytes:
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        if self._key is not None and self._key[0] == salt and self._passphrase is not None:
            return self._key[1]
        if self._passphrase is None and self._ask is not None:
            self._passphrase = self._ask(new) or None
        if self._passphrase is None:
            raise SecretsError("passphrase-needed", variable=PASSPHRASE_VARIABLE)
        key = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(self._passphrase.encode())
        self._key = (salt, key)
        return key


def _replace(path: Path, data: bytes) -> None:
    """Write `data` whole or not at all, readable by its owner only from the first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        scratch.unlink()
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
