"""The page on which canned responses are kept: found, written, doubled, removed, brought in.

UI thread only; the store and files are read and written on threads of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.folding import fold
from desktop_inbox.i18n import _
from desktop_inbox.services import canned as service
from desktop_inbox.services import canned_files
from desktop_inbox.services.canned import Content
from desktop_inbox.store import canned, tags
from desktop_inbox.store.rows import CannedRow
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.dialogs.canned_editor import CannedEditor
from desktop_inbox.ui.dialogs.tabbed import rule
from desktop_inbox.ui.views.canned_picker import rank
from desktop_inbox.ui.views.composer_files import take_in
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.roomy import TallArea, TellingList

_WIDTH, _HEIGHT, _LIST_WIDTH = 920, 480, 260
_LINE = 28
_ID = Qt.ItemDataRole.UserRole
_FILES = "CSV, JSON (*.csv *.json)"


class CannedResponses(Overlay):
    """A list with folders and a search on the left, the chosen response on the right."""

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(context, parent, width=_WIDTH)
        self._rows: list[CannedRow] = []
        self._current: int | None = None  # id; None while a new one is written
        self._build()
        context.bridge.changed.connect(self._on_changed)

    def open(self) -> None:
        """Show the page over the window."""
        self.present()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)
        self._context.start(self.reload())

    async def reload(self) -> None:
        """Read the responses again; what is being written stays."""
        self._rows = await self._context.read(canned.list_all)
        known = await self._context.read(tags.list_all)
        if not isValid(self):
            return
        self.editor.offer(
            folders=[row.folder for row in self._rows], tags=[tag.name for tag in known]
        )
        self._list()
        if self._current is None and not self.editor.dirty and self._rows:
            self._show(self._shown()[0] if self._shown() else self._rows[0])

    # --- what is shown ---

    def _shown(self) -> Sequence[CannedRow]:
        typed = self.search.text()
        if typed.strip():
            return rank(self._rows, typed)
        return sorted(self._rows, key=lambda row: (fold(row.folder), fold(row.title)))

    def _list(self) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        folder = ""
        for row in self._shown():
            if row.folder != folder and not self.search.text().strip():
                folder = row.folder
                self._add_line(visible(folder), None)
            self._add_line(f"/{row.shortcut}   {visible(row.title)}", row.id)
            if row.id == self._current:
                self.list.setCurrentRow(self.list.count() - 1)
        self.list.blockSignals(False)

    def _add_line(self, words: str, key: int | None) -> None:
        item = QListWidgetItem(words)
        item.setData(_ID, key)
        item.setSizeHint(QSize(0, self._context.theme.px(_LINE)))
        if key is None:  # the name of a folder
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setFont(self._context.theme.font(12, 600))
        self.list.addItem(item)

    def _show(self, row: CannedRow) -> None:
        self._current = row.id
        self._error.hide()
        self.editor.show_content(service.content_of(row))
        self._list()
        self._refresh()

    def _refresh(self) -> None:
        known = self._current is not None
        self.save_button.setEnabled(self.editor.dirty)
        for one in (self._copy, self._remove):
            one.setEnabled(known)

    def _on_changed(self, changes: Changes) -> None:
        if self.isVisible() and (changes.canned or changes.tags):
            self._context.start(self.reload())

    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        key = item.data(_ID) if item is not None else None
        row = next((one for one in self._rows if one.id == key), None)
        if row is not None and row.id != self._current:
            self._context.start(self._go(row))

    async def _go(self, row: CannedRow) -> None:
        """Show another response; what was written is kept first, or it stays where it is."""
        if not self.editor.dirty or await self.save():
            self._show(row)
        else:
            self._list()

    async def _preview(self, content: Content) -> None:
        key = self._context.selected_conversation
        rendered = await self._context.read(
            lambda conn: service.preview_of(conn, content, key, now=datetime.now(UTC))
        )
        if isValid(self):  # the page may have been closed meanwhile, here and below
            self.editor.show_preview(rendered)

    # --- what is done ---

    async def save(self) -> bool:
        """Keep what is written; False where it is refused, which is said below it."""
        content, key = self.editor.content(), self._current
        try:
            if key is None:
                key = await self._context.write(lambda tx: service.create(tx, content))
            else:
                await self._context.write(lambda tx: service.change(tx, key, content))
        except UserError as error:
            self._error.setText(errors.sentence(error.code, error.values))
            self._error.show()
            return False
        row = await self._context.read(lambda conn: canned.row(conn, key))
        self._rows = await self._context.read(canned.list_all)
        if row is not None:
            self._show(row)
        return True

    def new(self) -> None:
        """Begin another response."""
        self._context.start(self._new(Content(shortcut="", body="")))

    def duplicate(self) -> None:
        """Begin another response with what this one says."""
        self._context.start(self._new(self.editor.content()))

    async def _new(self, content: Content) -> None:
        if self._current is not None and self.editor.dirty and not await self.save():
            return
        like = content.shortcut
        if like:
            like = await self._context.read(lambda conn: service.free_shortcut(conn, like))
        self._current = None
        self._error.hide()
        self.editor.begin(replace(content, shortcut=like))
        self._list()
        self._refresh()
        self.editor.title.setFocus(Qt.FocusReason.OtherFocusReason)

    def remove(self) -> None:
        """Take the response away; the line at the foot gives it back."""
        key = self._current
        if key is None:
            return
        title = self.editor.content().title
        self._current = None
        self.editor.show_content(Content(shortcut="", body=""))
        self._context.commands.run(
            lambda tx: service.remove(tx, key), _("Removed {title}").format(title=visible(title))
        )

    async def attach(self, paths: Sequence[Path]) -> None:
        """Let the response bring files."""
        taken, refused = await take_in(self._context.workspace.files, paths)
        self.editor.files.add(taken)
        self._error.setText("\n".join(refused))
        self._error.setVisible(bool(refused))

    async def bring_in(self, path: Path) -> None:
        """Bring in a file of responses, undone at once; what it cannot keep is named."""
        files = self._context.workspace.files
        entries = await asyncio.to_thread(canned_files.read, path, files)
        done = await self._context.write(lambda tx: canned_files.bring_in(tx, entries))
        words = _("Brought in: {new} new, {changed} changed").format(
            new=len(done.created), changed=len(done.changed)
        )
        self._context.commands.run(lambda _tx: done.group, words)
        lines = [
            _("Line {line}: {why}").format(line=one.line, why=errors.sentence(one.code, one.values))
            for one in done.rejected
        ]
        self._error.setText("\n".join(lines[:5]))
        self._error.setVisible(bool(lines))

    async def write_out(self, path: Path) -> None:
        """Write every response to a file."""
        files = self._context.workspace.files
        left_out = await asyncio.to_thread(canned_files.write, path, self._rows, files)
        words = _("Exported to {path}").format(path=path)
        if left_out:
            words = _("Exported without attached files. Choose JSON to have them.")
        self._context.notice.emit(Notice(text=words, key="canned-export"))

    # --- what is asked ---

    def _ask_attach(self) -> None:
        dialog = self._dialog(_("Attach files"), QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(
            lambda names: self._context.start(self.attach([Path(name) for name in names]))
        )
        dialog.open()

    def _ask_import(self) -> None:
        dialog = self._dialog(_("Import canned responses"), QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_FILES)
        dialog.fileSelected.connect(lambda name: self._context.start(self.bring_in(Path(name))))
        dialog.open()

    def _ask_export(self) -> None:
        dialog = self._dialog(_("Export canned responses"), QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_FILES)
        dialog.setDefaultSuffix("json")
        dialog.selectFile("canned-responses.json")
        dialog.fileSelected.connect(lambda name: self._context.start(self.write_out(Path(name))))
        dialog.open()

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        return dialog

    # --- parts ---

    def _build(self) -> None:
        theme = self._context.theme
        head = QHBoxLayout()
        head.setContentsMargins(24, 18, 14, 12)
        head.addWidget(PlainLabel(_("Canned responses"), kind="title"), 1)
        head.addWidget(button(_("Import…"), kind="ghost", clicked=self._ask_import))
        head.addWidget(button(_("Export…"), kind="ghost", clicked=self._ask_export))
        head.addWidget(icon_button(theme, "x", _("Close"), clicked=self.dismiss))
        body = QHBoxLayout()
        body.setContentsMargins(16, 12, 24, 16)
        body.setSpacing(16)
        body.addLayout(self._build_list())
        body.addLayout(self._build_editor(), 1)
        self.card_layout.addLayout(head)
        self.card_layout.addWidget(rule())
        self.card_layout.addLayout(body, 1)
        self._refresh()

    def _build_list(self) -> QVBoxLayout:
        theme = self._context.theme
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search"))
        self.search.setAccessibleName(_("Search canned responses"))
        self.search.textChanged.connect(self._list)
        self.list = TellingList(name=_("Canned responses"), height=theme.px(_HEIGHT))
        self.list.setFixedWidth(theme.px(_LIST_WIDTH))
        self.list.currentItemChanged.connect(lambda item, _before: self._on_chosen(item))
        self._copy = icon_button(theme, "copy", _("Duplicate"), clicked=self.duplicate)
        self._remove = icon_button(theme, "trash-2", _("Remove"), clicked=self.remove)
        row = QHBoxLayout()
        row.addWidget(button(_("New"), clicked=self.new))
        row.addStretch(1)
        row.addWidget(self._copy)
        row.addWidget(self._remove)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        return column

    def _build_editor(self) -> QVBoxLayout:
        theme = self._context.theme
        self.editor = CannedEditor(theme)
        self.editor.edited.connect(self._refresh)
        self.editor.preview_wanted.connect(
            lambda content: self._context.start(self._preview(content))
        )
        self._error = PlainLabel(kind="error", wrap=True)
        self._error.hide()
        self.save_button = button(
            _("Save"), kind="primary", clicked=lambda: self._context.start(self.save())
        )
        self.default = self.save_button
        row = QHBoxLayout()
        row.addWidget(icon_button(theme, "paperclip", _("Attach files"), clicked=self._ask_attach))
        row.addWidget(self._error, 1)
        row.addStretch(1)
        row.addWidget(self.save_button)
        column = QVBoxLayout()
        column.setSpacing(8)
        area = TallArea(self.editor.sizeHint().height(), self.editor)
        area.setAccessibleName(_("Canned response"))
        column.addWidget(area, 1)
        column.addLayout(row)
        return column
