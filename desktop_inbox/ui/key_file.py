"""The file in which one person's keys are kept: read at the start and whenever somebody edits it.

It lies beside the settings. A file that makes no sense is said so and left alone, and the ready
set serves meanwhile. UI thread only.
"""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from desktop_inbox.i18n import _
from desktop_inbox.settings import Settings
from desktop_inbox.ui import keymap
from desktop_inbox.ui.context import AppContext, Banner
from desktop_inbox.ui.keymap import Conflict, Keymap

logger = logging.getLogger(__name__)

_BANNER = "keys"
_SETTLE_MS = 150  # an editor writes a file in several steps
_LARGEST = 1_000_000


class KeyFile(QObject):
    """Puts into force what the file says, and writes what a person chooses."""

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.path = _path(context.settings)
        self.keymap = Keymap()
        self.conflicts: list[Conflict] = []
        self._text: str | None = None  # as it was read or written last; None where there is none
        self._refused = ""  # why it cannot be read
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.reload)
        for told in (self._watcher.directoryChanged, self._watcher.fileChanged):
            told.connect(lambda _path: self._settle.start())
        self.reload()

    def reload(self) -> None:
        """Read the file again, where it says something else than before."""
        if self.path is None:
            return
        self._watch(self.path)
        try:
            text = self._read(self.path)
        except (OSError, ValueError) as error:
            self._refuse(str(error))
            return
        if text == self._text:
            return
        self._text, self._refused = text, ""
        try:
            found, problems = keymap.read(text) if text is not None else (Keymap(), [])
        except ValueError as error:
            self._refuse(str(error))
            return
        self._use(found)
        problems += [one.words() for one in self.conflicts]
        if problems:
            self._tell(_("Some of your keys make no sense: {problems}"), " ".join(problems))
        else:
            self._context.banner_cleared.emit(_BANNER)

    def choose(self, wanted: Keymap) -> None:
        """Put another keymap into force and keep it; a broken file is set aside first."""
        self._use(wanted)
        self._context.banner_cleared.emit(_BANNER)
        if self.path is None:
            return
        text = keymap.write(wanted)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self._refused:
                self.path.replace(self.path.with_suffix(".json.broken"))
            scratch = self.path.with_suffix(".json.new")
            scratch.write_text(text, encoding="utf-8")
            scratch.replace(self.path)
        except OSError as error:
            logger.warning("keys not written: %s", error.strerror)
            self._tell(
                _("Your keys could not be kept: {problems}. They serve until you quit."),
                error.strerror or "",
            )
            return
        self._text, self._refused = text, ""
        self._watch(self.path)

    def show(self) -> None:
        """Open the file in the system's editor; it is written first where there is none."""
        if self.path is None:
            return
        if not self.path.exists():
            self.choose(self.keymap)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.path)))

    def _use(self, wanted: Keymap) -> None:
        self.keymap = wanted
        keys, self.conflicts = keymap.in_force(wanted)
        self._context.actions.use_keys(keys)
        self.changed.emit()

    def _read(self, path: Path) -> str | None:
        try:
            with path.open(encoding="utf-8") as file:
                return file.read(_LARGEST)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except UnicodeDecodeError as error:
            raise ValueError(_("it is no text in UTF-8")) from error

    def _refuse(self, detail: str) -> None:
        """What cannot be read changes nothing on the disk: its owner may be in the middle of it."""
        if detail == self._refused:
            return
        self._refused = detail
        self._use(Keymap())
        self._tell(
            _("Your keys cannot be read: {problems}. The ready set serves until that is mended."),
            detail.rstrip("."),
        )

    def _tell(self, words: str, problems: str) -> None:
        self._context.banner.emit(
            Banner(
                text=words.format(problems=problems),
                tone="warn",
                detail=str(self.path or ""),
                action_text=_("Open the file"),
                action=self.show,
                key=_BANNER,
            )
        )

    def _watch(self, path: Path) -> None:
        """An editor that replaces the file ends the watching of it, so its folder is watched."""
        wanted = [str(one) for one in (path, path.parent) if one.exists()]
        known = {*self._watcher.files(), *self._watcher.directories()}
        new = [one for one in wanted if one not in known]
        if new:
            self._watcher.addPaths(new)


def _path(settings: Settings) -> Path | None:
    return settings.path.with_name("keys.json") if settings.path is not None else None
