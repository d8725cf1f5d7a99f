"""What a command works with: the workspace, the settings and the secrets, opened when asked for."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from desktop_inbox.cli.output import Output
from desktop_inbox.paths import Places
from desktop_inbox.secrets import PASSPHRASE_VARIABLE, SystemSecrets
from desktop_inbox.settings import Settings

if TYPE_CHECKING:
    from desktop_inbox.store.workspace import Workspace

T = TypeVar("T")


class Session:
    """One command's surroundings. Nothing is opened before it is needed; `close` ends it."""

    def __init__(self, *, places: Places, output: Output) -> None:
        self.places = places
        self.output = output
        self._open: Workspace | None = None

    @property
    def workspace(self) -> Workspace:
        """The workspace in the data folder. *Raises:* StoreError."""
        if self._open is None:
            from desktop_inbox.store.workspace import Workspace

            self._open = Workspace.open(self.places.data)
        return self._open

    @cached_property
    def settings(self) -> Settings:
        return Settings(self.places.settings_file)

    @cached_property
    def secrets(self) -> SystemSecrets:
        return SystemSecrets(self.places.vault_file, ask=ask_passphrase)

    def read(self, function: Callable[[Any], T]) -> T:
        """Run `function(connection)` and return what it returns."""
        return self.workspace.db.read(function).result()

    def write(self, function: Callable[[Any], T]) -> T:
        """Run `function(tx)` in one durable transaction and return what it returns."""
        return self.workspace.db.write(function).result()

    def close(self) -> None:
        """Let go of what was opened."""
        if self._open is not None:
            self._open.close()
            self._open = None


def ask_passphrase(new: bool) -> str | None:
    """Ask for the vault's passphrase on the terminal; None where nobody sits there."""
    if not _has_terminal():
        return None
    if not new:
        return getpass.getpass("Passphrase of the secrets file: ")
    sys.stderr.write(
        "This system has no keyring, so secrets are kept in a file encrypted under a passphrase.\n"
        f"Choose one now; {PASSPHRASE_VARIABLE} may hold it later.\n"
    )
    first = getpass.getpass("New passphrase: ")
    if first and getpass.getpass("Once more: ") != first:
        sys.stderr.write("The two differ.\n")
        return ask_passphrase(new)
    return first


def _has_terminal() -> bool:
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR) if os.name != "nt" else None
    except OSError:
        return False
    if descriptor is None:
        return sys.stdin.isatty()
    os.close(descriptor)
    return True
