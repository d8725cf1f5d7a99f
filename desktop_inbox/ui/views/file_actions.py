"""What a person does with the files of messages: open, save, drag out. UI thread only."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from desktop_inbox.connectors.errors import ConnectorError
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.ui.context import Banner, Notice
from desktop_inbox.ui.views.attachments import Wish, listed
from desktop_inbox.ui.views.piece_words import is_lost
from desktop_inbox.ui.views.questions import question, save_dialog
from desktop_inbox.ui.views.sound_desk import SoundDesk

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView


class FileActions(QObject):
    """Carries out what the file chips of one thread view are asked for."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context
        self.sounds = SoundDesk(view, fetching=self._with_progress, elsewhere=self._open)

    def on_wish(self, row: AttachmentRow, wish: str) -> None:
        """A file chip was pressed, or its menu used."""
        match Wish(wish):
            case Wish.OPEN | Wish.PLAY if is_lost(row):
                text = _("{name} is no longer there: the service keeps files for a while only.")
                told = text.format(name=visible(row.name))
                self._context.notice.emit(Notice(text=told, key="fetch-file"))
            case Wish.OPEN:
                self._context.start(self._open(row))
            case Wish.SAVE:
                self._ask_where(row)
            case Wish.SAVE_ALL:
                self._ask_for_folder(row)
            case Wish.PREPARE:
                self._context.start(self._prepare(row))
            case heard:
                self.sounds.on_wish(row, heard)

    def _ask_where(self, row: AttachmentRow) -> None:
        dialog = save_dialog(self._view, _("Save file"), row.safe_name)
        dialog.fileSelected.connect(
            lambda chosen: self._context.start(self._save(row, Path(chosen)))
        )
        dialog.open()

    async def _open(self, row: AttachmentRow) -> None:
        async def work() -> None:
            if await self._view.desk.may_run(row):
                self._refuse_to_open(row)
            elif not await self._view.desk.open(row):
                self._say_that_nothing_opens(row)

        await self._with_progress(row, work())

    def _say_that_nothing_opens(self, row: AttachmentRow) -> None:
        text = _("No program is set up to open {name}. Save it, and open it with one you choose.")
        self._context.banner.emit(
            Banner(
                text=text.format(name=visible(row.name)),
                tone="warn",
                key="open-file",
                action_text=_("Save file"),
                action=lambda: self._ask_where(row),
            )
        )

    def _refuse_to_open(self, row: AttachmentRow) -> None:
        """A file that could run something is never started from here; it can be saved."""
        box = question(
            self._view,
            _("{name} is not opened from here.").format(name=visible(row.name)),
            _("Files of this kind can run programs. Save it only if you expected it."),
            _("Save file"),
        )
        box.accepted.connect(lambda: self._ask_where(row))
        box.open()

    async def _save(self, row: AttachmentRow, target: Path) -> None:
        await self._with_progress(row, self.writing(target, self._view.desk.save(row, target)))

    def _ask_for_folder(self, row: AttachmentRow) -> None:
        message = self._view.message(row.message_id)
        if message is None:
            return
        dialog = QFileDialog(self._view, _("Save all files into"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        rows = tuple(listed(message.attachments))
        dialog.fileSelected.connect(
            lambda chosen: self._context.start(self._save_all(rows, Path(chosen)))
        )
        dialog.open()

    async def _save_all(self, rows: tuple[AttachmentRow, ...], folder: Path) -> None:
        for row in rows:  # one that cannot be had does not keep back the others
            work = self._view.desk.save_into((row,), folder)
            await self._with_progress(row, self.writing(folder, work))

    async def _prepare(self, row: AttachmentRow) -> None:
        path = await self._view.desk.place(row)
        chip = self._view.chip(row)
        if chip is not None:
            chip.set_local(path)

    async def _with_progress(self, row: AttachmentRow, work: Coroutine[Any, Any, object]) -> None:
        """Show on the chip that a file is being fetched, and why it could not be had."""
        chip = self._view.chip(row)
        if chip is not None and chip.fault:
            chip.set_fault("")  # it is tried again
        if chip is not None and row.state == "server":
            chip.set_progress(0)
        try:
            await work
        except (ConnectorError, FileNotFoundError) as error:
            words = _("The file could not be fetched: {why}").format(why=visible(str(error)))
            chip = self._view.chip(row)
            if chip is not None:
                chip.set_fault(words)
            self._context.banner.emit(Banner(text=words, tone="warn", key="fetch-file"))
        else:
            chip = self._view.chip(row)
            if chip is not None:
                chip.set_progress(None)

    async def writing(self, target: Path, work: Coroutine[Any, Any, object]) -> None:
        """Wait for something to be written to `target`, and word what the disk says."""
        try:
            await work
        except OSError as error:
            if isinstance(error, FileNotFoundError) and target.parent.exists():
                raise  # what was to be written is missing, not where
            text = _("{path} could not be written: {why}").format(
                path=target, why=error.strerror or str(error)
            )
            self._context.banner.emit(Banner(text=text, tone="bad", key="save-file"))
