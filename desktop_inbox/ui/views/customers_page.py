"""Everybody who writes: searched as one types, each with all their talks.

Here they are brought in from files, merged, separated again, and get fields of one's own. UI
thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.services import customer_merging, undoing
from desktop_inbox.services.undoing import UNDONE_WITHIN
from desktop_inbox.store import conversations, customer_fields, customer_search
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel, button
from desktop_inbox.ui.views.customer_lines import HistoryLine
from desktop_inbox.ui.views.customer_parts import Section
from desktop_inbox.ui.views.customer_same import called
from desktop_inbox.ui.views.dialog import Dialog
from desktop_inbox.ui.views.roomy import TellingList
from desktop_inbox.ui.views.write_button import WriteButton

_SHOWN = 200  # the rest is found by typing more
_TALKS = 200
_LINE = 32
_ID = Qt.ItemDataRole.UserRole
_STEPS: dict[int, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class CustomersPage(Dialog):
    """A list beside the one who is chosen in it."""

    def __init__(
        self, context: AppContext, *, parent: QWidget, chosen: CustomerRow | None = None
    ) -> None:
        """Begin with one of them, or with everybody."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Customers"))
        self.resize(860, 600)
        self._context = context
        self._generation = 0
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Name, company or address"))
        self.search.setAccessibleName(_("Search customers"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._find)
        self.search.installEventFilter(self)
        self.list = TellingList(name=_("Customers"))
        self.list.setSelectionMode(TellingList.SelectionMode.ExtendedSelection)
        self.list.itemSelectionChanged.connect(self._choose)
        self.name = PlainLabel(kind="title", wrap=True)
        self.company = PlainLabel(kind="caption", wrap=True)
        self.identities = Section(_("Identities"))
        self.talks = Section(_("Conversations"))
        self.merge_button = button(_("Merge these two…"), clicked=self._compare)
        self.separate_button = button(_("Separate again"), clicked=self._separate)
        self.write = WriteButton(context)
        self.how_to_merge = PlainLabel(
            _("To merge two customers, choose the second with Ctrl held."), kind="small", wrap=True
        )
        self.merge_button.hide()
        self.separate_button.hide()
        self._arrange()
        context.bridge.changed.connect(self._on_changed)
        context.message_wanted.connect(self.accept)
        self._wanted = chosen.id if chosen is not None else None
        if chosen is not None:
            self.search.setText(chosen.name or called(chosen))
        else:
            self._find()

    def _arrange(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        feet = QHBoxLayout()
        feet.addWidget(button(_("Import…"), clicked=self._ask_file))
        feet.addWidget(button(_("Fields…"), clicked=self._edit_fields))
        feet.addStretch(1)
        left.addLayout(feet)
        inside = QWidget()
        column = QVBoxLayout(inside)
        for part in (self.name, self.company):
            column.addWidget(part)
        for deed in (self.write, self.merge_button, self.separate_button):
            column.addWidget(deed, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.how_to_merge)
        for section in (self.identities, self.talks):
            column.addWidget(section)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        area.setAccessibleName(_("Customer"))
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 16, 16, 16)
        line.setSpacing(12)
        line.addLayout(left, 2)
        line.addWidget(area, 3)

    def _on_changed(self, changes: Changes) -> None:
        if changes.customers:
            self._find()

    def _find(self) -> None:
        self._generation += 1
        self._context.start(self._fill(self.search.text(), self._generation), name="customers")

    async def _fill(self, typed: str, generation: int) -> None:
        rows = await self._context.read(
            lambda conn: customer_search.find(conn, typed, limit=_SHOWN)
        )
        if not isValid(self) or generation != self._generation:
            return
        wanted: set[int | None] = {row.id for row in self._selected()} or {self._wanted}
        self.list.clear()
        for row in rows:
            item = QListWidgetItem(called(row) or _("Unknown"))
            item.setData(_ID, row)
            item.setSizeHint(QSize(0, self._context.theme.px(_LINE)))
            self.list.addItem(item)
            if row.id in wanted:
                item.setSelected(True)
        if not self.list.selectedItems() and rows:
            self.list.setCurrentRow(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down walk through what was found while somebody types."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = _STEPS.get(event.key())
            if step is not None and self.list.count():
                row = min(max(self.list.currentRow() + step, 0), self.list.count() - 1)
                self.list.setCurrentRow(row)
                return True
        return super().eventFilter(watched, event)

    def _selected(self) -> list[CustomerRow]:
        found = (item.data(_ID) for item in self.list.selectedItems())
        return [row for row in found if isinstance(row, CustomerRow)]

    def _choose(self) -> None:
        rows = self._selected()
        self.merge_button.setVisible(len(rows) == 2)
        self.how_to_merge.setVisible(len(rows) == 1 and self.list.count() > 1)
        self.separate_button.hide()
        if rows:
            self._context.start(self._show(rows[0]), name="customer")

    async def _show(self, row: CustomerRow) -> None:
        found, merged = await self._context.read(
            lambda conn: (
                conversations.of_customer(conn, row.id, limit=_TALKS),
                customer_merging.merges_of(conn, row.uid),
            )
        )
        chosen = self._selected() if isValid(self) else []
        if not chosen or chosen[0].id != row.id:
            return
        fresh = bool(merged) and datetime.now(UTC) - merged[-1].at <= UNDONE_WITHIN
        self.separate_button.setVisible(fresh and len(chosen) == 1)
        self.name.setText(visible(row.name) or called(row))
        self.company.setText(visible(row.company))
        self.write.show_customer(row, called=called(row))
        self.identities.fill(
            [ElidedLabel(visible(one.label or one.address)) for one in row.identities]
        )
        self.talks.fill([self._talk(one) for one in found], count=len(found))

    def _talk(self, row: ConversationRow) -> HistoryLine:
        return HistoryLine(self._context, row, now=datetime.now(UTC), clicked=self._open)

    def _open(self, conversation_id: int) -> None:
        self._context.conversation_requested.emit(conversation_id)
        self.accept()

    # --- what is done ---

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, _("Import customers"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_("Customers") + " (*.csv *.vcf)")
        dialog.fileSelected.connect(lambda name: self.bring_in(Path(name)))
        dialog.open()

    def bring_in(self, path: Path) -> None:
        """Show what becomes of the rows of a file, before any is stored."""
        from desktop_inbox.ui.dialogs.customer_import import CustomerImport

        self.importing = CustomerImport(self._context, self, path)
        self.importing.closed.connect(self.importing.deleteLater)
        self.importing.open()

    def _edit_fields(self) -> None:
        from desktop_inbox.ui.dialogs.customer_fields import CustomerFields

        self.fields = CustomerFields(self._context, self)
        self.fields.closed.connect(self.fields.deleteLater)
        self.fields.open()

    def _compare(self) -> None:
        into, source = self._selected()
        self._context.start(self._ask(source.id, into.id), name="compare")

    async def _ask(self, source_id: int, into_id: int) -> None:
        from desktop_inbox.ui.dialogs.customer_merge import CustomerMerge

        preview, fields = await self._context.read(
            lambda conn: (
                customer_merging.preview(conn, source_id, into_id),
                customer_fields.list_all(conn),
            )
        )
        if not isValid(self):
            return
        names = {one.uid: one.name for one in fields}
        self.merging = CustomerMerge(preview, names, parent=self)
        self.merging.agreed.connect(
            lambda chosen: self._do(
                lambda tx: customer_merging.merge(tx, source_id, into_id, chosen=chosen),
                _("Merged"),
            )
        )
        self.merging.open()

    def _separate(self) -> None:
        key = self._selected()[0].id
        self._do(lambda tx: customer_merging.unmerge(tx, key), _("Separated again"))

    def _do(self, change: Callable[[Any], str | None], words: str) -> None:
        self._context.start(self._done(change, words), name="customers")

    async def _done(self, change: Callable[[Any], str | None], words: str) -> None:
        group = await self._context.write(change)
        if group is not None:
            undo = partial(self._do, lambda tx: undoing.undo(tx, group), _("Undone"))
            self._context.notice.emit(Notice(text=words, action_text=_("Undo"), action=undo))
