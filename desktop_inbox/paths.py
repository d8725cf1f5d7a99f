"""Where things lie on this machine: the program's own resources and what it keeps for its user."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FOLDER = {"win32": "Desktop Inbox", "darwin": "Desktop Inbox"}.get(sys.platform, "desktop-inbox")


def default_data_dir() -> Path:
    """Return the platform's place for what a program keeps for its user."""
    if sys.platform == "win32":
        return _from_environment("LOCALAPPDATA", "AppData/Local") / _FOLDER
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / _FOLDER
    return _from_environment("XDG_DATA_HOME", ".local/share") / _FOLDER


def places(data_dir: Path | None = None) -> Places:
    """Return every folder the program writes to; all lie in `data_dir` where one is named."""
    if data_dir is not None:
        data_dir = data_dir.expanduser().absolute()
        return Places(data=data_dir, config=data_dir, logs=data_dir / "logs")
    data = default_data_dir()
    if sys.platform == "darwin":
        return Places(data=data, config=data, logs=Path.home() / "Library" / "Logs" / _FOLDER)
    if sys.platform == "win32":
        config = _from_environment("APPDATA", "AppData/Roaming") / _FOLDER
        return Places(data=data, config=config, logs=data / "logs")
    return Places(
        data=data,
        config=_from_environment("XDG_CONFIG_HOME", ".config") / _FOLDER,
        logs=_from_environment("XDG_STATE_HOME", ".local/state") / _FOLDER,
    )


@cache
def resources() -> Path:
    """Return the folder with icons, fonts, translations and the sample shop's mails.

    It lies beside the package in a checkout, in the bundle of a frozen build, and under the
    installation's `share` folder when installed as a wheel.
    """
    package = Path(__file__).resolve().parent
    candidates = (
        Path(getattr(sys, "_MEIPASS", package.parent)) / "resources",
        package.parent / "resources",
        Path(sys.prefix) / "share" / "desktop-inbox" / "resources",
    )
    return next((folder for folder in candidates if folder.is_dir()), candidates[0])


def own_program(*arguments: str, worker: bool = False) -> tuple[str, ...]:
    """Return what starts this program again; `worker` for a process that never shows a window.

    A frozen copy has an executable of its own for those, which loads nothing of Qt.
    """
    if not getattr(sys, "frozen", False):
        return (sys.executable, "-m", "desktop_inbox", *arguments)
    program = Path(sys.executable)
    if worker:
        program = program.with_name(f"desktop-inbox-worker{program.suffix}")
    return (str(program), *arguments)


def _from_environment(variable: str, below_home: str) -> Path:
    value = os.environ.get(variable, "")
    # The XDG rules: a relative path is to be ignored.
    return Path(value) if value and Path(value).is_absolute() else Path.home() / below_home


class Places(NamedTuple):
    """The folders of one installation or of one `--data-dir`. None need exist yet."""

    data: Path
    config: Path
    logs: Path

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.json"

    @property
    def vault_file(self) -> Path:
        return self.data / "vault.json"
