"""Everybody who writes: searched as one types, each with all their talks.

Here they are edited, merged, separated again, brought in from files, and get fields of one's own.
UI thread only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.i18n import _
from desktop_inbox.services import customer_merging
from desktop_inbox.services.undoing import UNDONE_WITHIN
from desktop_inbox.store import conversations, customer_search
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.views.controls import button
from desktop_inbox.ui.views.customer_editor import CustomerEditor, read_known
from desktop_inbox.ui.views.customer_lines import HistoryLine
from desktop_inbox.ui.views.customer_parts import Section
from desktop_inbox.ui.views.customer_same import called
from desktop_inbox.ui.views.dialog import Dialog
from desktop_inbox.ui.views.message_bar import MessageBar
from desktop_inbox.ui.views.roomy import TellingList
from desktop_inbox.ui.views.toast import Toast

_SHOWN = 200  # the rest is found by typing more
_TALKS = 200
_LINE = 32
_SIZE = QSize(880, 740)
_LEAST = QSize(640, 560)  # for what lies over it, such as the fields of one's own
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
        self.resize(_SIZE.boundedTo(self.screen().availableSize() * 0.9).expandedTo(_LEAST))
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
        # The window's own toast is out of reach while this is open.
        self.toast = Toast(context, self, alone=True)
        self.editor = CustomerEditor(context, self, tell=self._tell)
        self.talks = Section(_("Conversations"))
        self.merge_button = button("", clicked=self._merge)
        self.separate_button = button(_("Separate again"), clicked=self._separate)
        self.bar = MessageBar(context)
        self._card = QFrame()
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
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._build_card())
        self._card.hide()  # until somebody is known, who is chosen
        area.setAccessibleName(_("Customer"))
        line = QHBoxLayout()
        line.setContentsMargins(16, 16, 16, 16)
        line.setSpacing(12)
        line.addLayout(left, 2)
        line.addWidget(area, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(line, 1)

    def _build_card(self) -> QFrame:
        self._card.setProperty("kind", "panel")
        deeds = QHBoxLayout()
        deeds.setContentsMargins(16, 0, 16, 12)
        deeds.addStretch(1)
        deeds.addWidget(self.merge_button)
        deeds.addWidget(self.separate_button)
        deeds.addStretch(1)
        editor = self.editor
        column = QVBoxLayout(self._card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(editor.person)
        column.addLayout(deeds)
        for part in (editor.same, editor.identities, editor.details, editor.notes, self.talks):
            column.addWidget(part)
        column.addStretch(1)
        return self._card

    def _on_changed(self, changes: Changes) -> None:
        if changes.customers or changes.customer_fields:
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
        with QSignalBlocker(self.list):
            self._list(rows)
            for number, row in enumerate(rows):
                self.list.item(number).setSelected(row.id in wanted)
            if not self.list.selectedItems() and rows:
                self.list.setCurrentRow(0)
        self._choose()

    def _list(self, rows: list[CustomerRow]) -> None:
        """Show them in place of those before; the list stays where it is scrolled to."""
        while self.list.count() > len(rows):
            self.list.takeItem(self.list.count() - 1)
        for number, row in enumerate(rows):
            item = self.list.item(number)
            if number == self.list.count():
                item = QListWidgetItem()
                item.setSizeHint(QSize(0, self._context.theme.px(_LINE)))
                self.list.addItem(item)
            item.setText(called(row) or _("Unknown"))
            item.setData(_ID, row)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down walk through what was found while somebody types."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = _STEPS.get(event.key())
            if step is not None and self.list.count():
                row = min(max(self.list.currentRow() + step, 0), self.list.count() - 1)
                self.list.setCurrentRow(row, QItemSelectionModel.SelectionFlag.ClearAndSelect)
                return True
        return super().eventFilter(watched, event)

    def _selected(self) -> list[CustomerRow]:
        found = (item.data(_ID) for item in self.list.selectedItems())
        return [row for row in found if isinstance(row, CustomerRow)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not (event.matches(QKeySequence.StandardKey.Undo) and self.toast.undo()):
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Save what is typed on the way out."""
        self.editor.flush()
        super().done(result)

    def _shown(self) -> CustomerRow | None:
        """Who is to be shown of those who are chosen: whoever is already, else the first."""
        rows, known = self._selected(), self.editor.known
        same = (row for row in rows if known is not None and row.id == known.customer.id)
        return next(same, rows[0] if rows else None)

    def _choose(self) -> None:
        rows = self._selected()
        self.merge_button.setText(_("Merge these two…") if len(rows) == 2 else _("Merge with…"))
        self.merge_button.setVisible(len(rows) in (1, 2))
        if len(rows) != 1:
            self.separate_button.hide()
        shown = self._shown()
        if shown is not None:
            self._context.start(self._show(shown), name="customer")
        else:
            self._card.hide()

    async def _show(self, row: CustomerRow) -> None:
        known, found, merged = await self._context.read(
            lambda conn: (
                read_known(conn, row),
                conversations.of_customer(conn, row.id, limit=_TALKS),
                customer_merging.merges_of(conn, row.uid),
            )
        )
        shown = self._shown() if isValid(self) else None
        if shown is None or shown.id != row.id:
            return
        fresh = bool(merged) and datetime.now(UTC) - merged[-1].at <= UNDONE_WITHIN
        self.separate_button.setVisible(fresh and len(self._selected()) == 1)
        self.editor.show(known)
        self.talks.fill([self._talk(one) for one in found], count=len(found))
        self._card.show()

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

    def _merge(self) -> None:
        """Ask with whom, unless two are chosen already; the one who is shown stays."""
        from desktop_inbox.ui.views.customer_picker import CustomerPicker

        stays, known = self._shown(), self.editor.known
        if stays is None or known is None or known.customer.id != stays.id:
            return  # they are still being read
        others = [row for row in self._selected() if row.id != stays.id]
        if others:
            self.editor.compare(others[0].id)
        else:
            CustomerPicker(self._context, self, known, picked=self.editor.compare).ask()

    def _tell(self, notice: Notice) -> None:
        if isValid(self):
            self.toast.show_notice(notice)
        else:  # it was closed in the same breath
            self._context.notice.emit(notice)

    def _separate(self) -> None:
        key = self._selected()[0].id  # the only one: else there is no such button
        self.editor.do(lambda tx: customer_merging.unmerge(tx, key), _("Separated again"))
