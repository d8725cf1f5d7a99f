"""Everybody who writes: searched as one types, each with all their talks. UI thread only."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store import conversations, customer_search
from desktop_inbox.store.rows import ConversationRow, CustomerRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel
from desktop_inbox.ui.views.customer_lines import HistoryLine
from desktop_inbox.ui.views.customer_parts import Section
from desktop_inbox.ui.views.customer_same import called

_SHOWN = 200  # the rest is found by typing more
_TALKS = 200
_ID = Qt.ItemDataRole.UserRole


class CustomersPage(QDialog):
    """A list beside the one who is chosen in it."""

    def __init__(
        self, context: AppContext, *, parent: QWidget, chosen: CustomerRow | None = None
    ) -> None:
        """Begin with one of them, or with everybody."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Customers"))
        self.resize(760, 560)
        self._context = context
        self._generation = 0
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Name, company or address"))
        self.search.setAccessibleName(_("Search customers"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._find)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Customers"))
        self.list.currentItemChanged.connect(self._choose)
        self.name = PlainLabel(kind="title", wrap=True)
        self.company = PlainLabel(kind="caption", wrap=True)
        self.identities = Section(_("Identities"))
        self.talks = Section(_("Conversations"))
        self._arrange()
        context.bridge.changed.connect(self._on_changed)
        self._wanted = chosen.id if chosen is not None else None
        if chosen is not None:
            self.search.setText(chosen.name or called(chosen))
        else:
            self._find()

    def _arrange(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        for part in (self.name, self.company, self.identities, self.talks):
            column.addWidget(part)
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
        chosen = self._chosen()
        wanted = chosen.id if chosen is not None else self._wanted
        self.list.clear()
        for row in rows:
            item = QListWidgetItem(called(row) or _("Unknown"))
            item.setData(_ID, row)
            self.list.addItem(item)
            if row.id == wanted:
                self.list.setCurrentItem(item)
        if self.list.currentItem() is None and rows:
            self.list.setCurrentRow(0)

    def _chosen(self) -> CustomerRow | None:
        found = (item.data(_ID) for item in self.list.selectedItems())
        return next((row for row in found if isinstance(row, CustomerRow)), None)

    def _choose(self) -> None:
        row = self._chosen()
        if row is not None:
            self._context.start(self._show(row), name="customer")

    async def _show(self, row: CustomerRow) -> None:
        found = await self._context.read(
            lambda conn: conversations.of_customer(conn, row.id, limit=_TALKS)
        )
        chosen = self._chosen() if isValid(self) else None
        if chosen is None or chosen.id != row.id:
            return
        self.name.setText(called(row))
        self.company.setText(visible(row.company))
        self.identities.fill(
            [ElidedLabel(visible(one.label or one.address)) for one in row.identities]
        )
        self.talks.fill([self._talk(one) for one in found], count=len(found))

    def _talk(self, row: ConversationRow) -> HistoryLine:
        return HistoryLine(self._context, row, now=datetime.now(UTC), clicked=self._open)

    def _open(self, conversation_id: int) -> None:
        self._context.conversation_requested.emit(conversation_id)
        self.accept()
