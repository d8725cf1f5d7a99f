"""What can be done with a file of a message: rows of the one table, in its menu and elsewhere.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu

from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.ui import action_menu
from desktop_inbox.ui.views.attachments import AttachmentStrip, Wish, listed

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView

_SAVE_ALL = "file.save_all"
_WISHES = {"file.open": Wish.OPEN, "file.save": Wish.SAVE, _SAVE_ALL: Wish.SAVE_ALL}


class FileMenu(QObject):
    """Knows which file of one thread view is meant, and which actions fit it.

    That is the one that had the focus last, else the only one of the current message.
    """

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context
        self._pointed: AttachmentRow | None = None

    def bind(self) -> None:
        """Say what the actions of the table do with the file that is meant."""
        for action_id, wish in _WISHES.items():
            self._context.actions.on(action_id, partial(self._on_meant, wish))
        self._view.timeline.current_changed.connect(self._leave)

    def listen(self, strip: AttachmentStrip) -> None:
        """Serve the files of one message."""
        strip.focused.connect(self._come_to)
        strip.menu_wanted.connect(self._show)

    def follow(self) -> None:
        """Have the actions follow the file that is meant."""
        files, meant = self._files(), self._meant()
        self._context.actions.set_state(file=meant is not None, files=len(files) > 1)

    def _come_to(self, row: AttachmentRow) -> None:
        self._pointed = row
        self.follow()

    def _leave(self, _message_id: int | None) -> None:
        self._pointed = None
        self.follow()

    def _files(self) -> Sequence[AttachmentRow]:
        """Return the files of the message that the pointed file is of, else of the current one."""
        pointed = self._pointed
        key = self._view.timeline.current if pointed is None else pointed.message_id
        message = self._view.message(key)
        return () if message is None else listed(message.attachments)

    def _meant(self) -> AttachmentRow | None:
        files = self._files()
        if self._pointed is None:
            return files[0] if len(files) == 1 else None
        return next((row for row in files if row.id == self._pointed.id), None)

    def _on_meant(self, wish: Wish) -> None:
        row = self._meant()
        if row is None and wish is Wish.SAVE_ALL:
            row = next(iter(self._files()), None)
        if row is not None:
            self._view.files.on_wish(row, wish)

    def _show(self, row: AttachmentRow, at: QPoint) -> None:
        """Offer what can be done with a file, next to the pointer."""
        self._come_to(row)
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        several = len(self._files()) > 1
        action_menu.fill_about(
            menu,
            self._context,
            [one for one in _WISHES if several or one != _SAVE_ALL],
            lambda action_id: self._view.files.on_wish(row, _WISHES[action_id]),
        )
        menu.popup(at)
