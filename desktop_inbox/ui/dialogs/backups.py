"""Back up, restore, export and import from the window, and what it says of a damaged workspace.

The work is done on threads; the line at the foot says how far it is. UI thread only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QDir, QLocale, QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext, Banner, Notice

T = TypeVar("T")

_KEY = "backup"
_SECONDS = 3600.0  # a line that stays until the next one takes its place


class Backups(QObject):
    """Owns the four actions and the banner of the workspace's condition."""

    _progressed = Signal(str)  # from the thread that works
    _condition = Signal(object)  # from the engine's

    def __init__(self, context: AppContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._busy = False
        for action_id, ask in (
            ("backup", self._ask_backup),
            ("restore", self._ask_restore),
            ("export", self._ask_export),
            ("import", self._ask_import),
        ):
            context.actions.on(action_id, ask)
        self._progressed.connect(self._show_progress)
        self._condition.connect(self._show_condition)
        context.start(self._follow())

    async def _follow(self) -> None:
        """Hear what the engine finds when it looks after the workspace."""
        await self._context.read(lambda conn: None)  # once the workspace is open
        if self._context.engine is not None:
            upkeep = self._context.engine.engine.upkeep
            self.destroyed.connect(upkeep.subscribe(self._condition.emit))
            self._show_condition(upkeep.condition)

    # --- what is asked ---

    def _ask_backup(self) -> None:
        name = f"desktop-inbox-{datetime.now().astimezone().date().isoformat()}.zip"
        dialog = self._dialog(_("Back up"), QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_("Backups") + " (*.zip)")
        dialog.setDefaultSuffix("zip")
        dialog.selectFile(str(Path(QDir.homePath()) / name))
        self._open(dialog, self._back_up)

    def _ask_restore(self) -> None:
        dialog = self._dialog(_("Restore a backup"), QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_("Backups") + " (*.zip *.db)")
        self._open(dialog, self._restore)

    def _ask_export(self) -> None:
        dialog = self._dialog(_("Export into an empty folder"), QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._open(dialog, self._export)

    def _ask_import(self) -> None:
        # A folder, so that a Maildir, an export and loose mails are all chosen in one way.
        dialog = self._dialog(
            _("Import from a folder of mail or an export"), QFileDialog.FileMode.Directory
        )
        self._open(dialog, self._import)

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        return dialog

    def _open(self, dialog: QFileDialog, then: Callable[[Path], object]) -> None:
        def chosen(name: str) -> None:
            if not self._busy:
                then(Path(name))

        dialog.fileSelected.connect(chosen)
        dialog.open()

    # --- what is done ---

    def _back_up(self, target: Path) -> None:
        self._context.start(self._backed_up(target))

    async def _backed_up(self, target: Path) -> None:
        from desktop_inbox.services import backup

        workspace = self._context.workspace
        report = self._reporter(_("Backing up: {done} of {total} files"))
        await self._aside(lambda: backup.make(workspace, target, report=report))
        self._say(_("Backed up to {path}").format(path=target))

    def _restore(self, source: Path) -> None:
        self._context.start(self._restored(source))

    async def _restored(self, source: Path) -> None:
        from desktop_inbox.services import backup

        data_dir = self._context.workspace.data_dir
        report = self._reporter(_("Looking the backup over: {done} of {total} files"))
        await self._aside(lambda: backup.prepare(data_dir, source, report=report))
        self._say("")
        self._context.banner.emit(
            Banner(
                text=_(
                    "The backup is sound. It takes this workspace's place at the next start; "
                    "this one is kept beside it."
                ),
                tone="accent",
                action_text=_("Quit now"),
                action=self._context.actions["quit"].trigger,
                key=_KEY,
            )
        )

    def _export(self, folder: Path) -> None:
        self._context.start(self._exported(folder))

    async def _exported(self, folder: Path) -> None:
        from desktop_inbox.services import export

        workspace = self._context.workspace

        def report(_kind: str, count: int) -> None:
            self._progressed.emit(_("Exporting: {count}").format(count=QLocale().toString(count)))

        await self._aside(lambda: export.write(workspace, folder, report=report))
        self._say(_("Exported to {path}").format(path=folder))

    def _import(self, folder: Path) -> None:
        self._context.start(self._imported(folder))

    async def _imported(self, folder: Path) -> None:
        from desktop_inbox.services import imports

        workspace = self._context.workspace

        def report(_kind: str, count: int) -> None:
            self._progressed.emit(_("Importing: {count}").format(count=QLocale().toString(count)))

        done = await self._aside(
            lambda: asyncio.run(imports.bring_in(workspace, folder, report=report))
        )
        self._say(
            _("Imported: {new} new, {known} here before").format(
                new=QLocale().toString(done.mail.stored),
                known=QLocale().toString(done.mail.duplicates),
            )
        )

    async def _aside(self, work: Callable[[], T]) -> T:
        """Do one thing at a time on a thread; what it raises is shown in the message bar."""
        self._busy = True
        try:
            return await asyncio.to_thread(work)
        except BaseException:
            self._say("")
            raise
        finally:
            self._busy = False

    # --- what is said ---

    def _reporter(self, words: str) -> Callable[[int, int], None]:
        """Return what a working thread calls with how far it is."""

        def report(done: int, total: int) -> None:
            if done == total or done % 50 == 0:
                number = QLocale().toString
                self._progressed.emit(words.format(done=number(done), total=number(total)))

        return report

    def _show_progress(self, words: str) -> None:
        if self._busy:
            self._context.notice.emit(Notice(text=words, seconds=_SECONDS, key=_KEY))

    def _say(self, words: str) -> None:
        self._context.notice_cleared.emit(_KEY)
        if words:
            self._context.notice.emit(Notice(text=words, key=_KEY))

    def _show_condition(self, condition: object) -> None:
        from desktop_inbox.sync.upkeep import Condition, Trouble

        assert isinstance(condition, Condition)
        if condition.trouble is Trouble.NONE:
            self._context.banner_cleared.emit("condition")
            return
        if condition.trouble is Trouble.DAMAGED:
            text = _(
                "The workspace file is damaged. Recovering it saves what can still be read, and "
                "fetches mail again."
            )
            action_text, action = _("Recover…"), self._context.restart_requested.emit
        else:
            text = _("The daily backup could not be made. Free some space on the disk.")
            action_text, action = _("Back up…"), self._ask_backup
        self._context.banner.emit(
            Banner(
                text=text,
                detail=condition.detail,
                action_text=action_text,
                action=action,
                key="condition",
            )
        )
