"""What is offered where the workspace's file is damaged, or was written by a newer version.

Shown before any window, so it runs a loop of its own. UI thread only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import QDateTime, QEventLoop, QLocale, QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QProgressDialog

from desktop_inbox import words
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _
from desktop_inbox.services import recovery
from desktop_inbox.store.backup import Backup
from desktop_inbox.store.errors import StoreError
from desktop_inbox.store.lock import EngineBusy

T = TypeVar("T")


class Answer(Enum):
    """What became of the offer."""

    MENDED = auto()  # it can be opened again
    AS_IT_IS = auto()  # it is to be opened although it is damaged
    QUIT = auto()


def offer(data_dir: Path, *, still_opens: bool = False) -> Answer:
    """Ask what to do about a damaged workspace, and do it."""
    copy = _Work(lambda: recovery.newest_copy(data_dir), _("Looking for a sound copy…")).run()
    box = QMessageBox(
        QMessageBox.Icon.Warning, "Desktop Inbox", _("The workspace file is damaged.")
    )
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(
        _(
            "Recovering saves what can still be read, such as notes and drafts. Mail that is "
            "missing then is fetched again from its server. The damaged file is kept."
        )
    )
    recover = box.addButton(_("Recover"), QMessageBox.ButtonRole.AcceptRole)
    open_copy = None
    if copy is not None:
        open_copy = box.addButton(_copy_words(copy), QMessageBox.ButtonRole.ActionRole)
    as_it_is = None
    if still_opens:
        as_it_is = box.addButton(_("Open it as it is"), QMessageBox.ButtonRole.ActionRole)
    box.addButton(_("Quit"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(recover)
    box.exec()
    if box.clickedButton() is recover:
        return _carry_out(lambda: recovery.save_what_is_left(data_dir))
    if open_copy is not None and box.clickedButton() is open_copy:
        return _carry_out(lambda: recovery.open_copy(data_dir))
    if as_it_is is not None and box.clickedButton() is as_it_is:
        return Answer.AS_IT_IS
    return Answer.QUIT


def offer_older(data_dir: Path) -> Answer:
    """Say that a newer version wrote the workspace, and offer the copy from before it did."""
    copy = _Work(lambda: recovery.newest_copy(data_dir), _("Looking for a sound copy…")).run()
    box = QMessageBox(
        QMessageBox.Icon.Warning,
        "Desktop Inbox",
        _("A newer version of Desktop Inbox has worked on this workspace."),
    )
    box.setTextFormat(Qt.TextFormat.PlainText)
    told = _("Install that version again, and everything is as you left it.")
    open_copy = None
    if copy is not None:
        told += "\n\n" + _(
            "Or go on with the copy that this version can read. Mail that came since is fetched "
            "again; notes, tags and drafts made since stay in the newer file, which is kept."
        )
        open_copy = box.addButton(_copy_words(copy), QMessageBox.ButtonRole.ActionRole)
    box.setInformativeText(f"{told}\n\n{data_dir}")
    leave = box.addButton(_("Quit"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(leave)
    box.exec()
    if open_copy is not None and box.clickedButton() is open_copy:
        return _carry_out(lambda: recovery.open_copy(data_dir))
    return Answer.QUIT


def _copy_words(copy: Backup) -> str:
    made = QDateTime.fromSecsSinceEpoch(int(copy.at.timestamp()))
    when = QLocale().toString(made, QLocale.FormatType.ShortFormat)
    return _("Open the copy of {time}").format(time=when)


def _carry_out(work: Callable[[], object]) -> Answer:
    try:
        _Work(work, _("Recovering the workspace…")).run()
    except (StoreError, UserError, EngineBusy) as error:
        box = QMessageBox(QMessageBox.Icon.Critical, "Desktop Inbox", _explained(error))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.exec()
        return Answer.QUIT
    return Answer.MENDED


def _explained(error: StoreError | UserError | EngineBusy) -> str:
    if isinstance(error, UserError):
        return words.refusal(error.code, error.values)
    if isinstance(error, StoreError):
        return words.refusal(error.code, {"path": error.path, "detail": error.detail})
    return words.refusal("engine-busy", {"pid": error.holder.pid if error.holder else "?"})


class _Work(QObject, Generic[T]):
    """Something that takes long, on a thread, with a line that says so."""

    _done = Signal()

    def __init__(self, work: Callable[[], T], text: str) -> None:
        super().__init__()
        self._work = work
        self._text = text
        self._results: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> T:
        """Return what the work returned, or raise what it raised."""
        dialog = QProgressDialog(self._text, "", 0, 0)
        dialog.setCancelButton(None)
        dialog.setWindowTitle("Desktop Inbox")
        loop = QEventLoop()
        self._done.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
        thread = threading.Thread(target=self._run, name="recovery")
        thread.start()
        dialog.show()
        loop.exec()
        thread.join()
        dialog.close()
        if self._error is not None:
            raise self._error
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - carried over to the caller
            self._error = error
        self._done.emit()
