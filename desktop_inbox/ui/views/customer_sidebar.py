"""Who the customer is: how to reach them, what was said before, which files went back and forth.

Shows only what there is data for. Lives on the UI thread; edits are saved by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.i18n import _
from desktop_inbox.store import conversations, customer_files, customers
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.customer_files import CustomerFile
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import link_button
from desktop_inbox.ui.views.customer_editor import CustomerEditor, Known, read_known
from desktop_inbox.ui.views.customer_lines import FileLine, HistoryLine
from desktop_inbox.ui.views.customer_parts import Section
from desktop_inbox.ui.views.service_level_panel import ServiceLevelPanel

_HISTORY = 6  # shown at once; the rest behind a button
_FILES = 6
_MOST_FILES = 300  # each is a widget; older ones are found by searching


@dataclass(frozen=True, slots=True, kw_only=True)
class SidebarData:
    """A customer as they were at one moment."""

    known: Known
    history: tuple[ConversationRow, ...]  # their other conversations, newest first
    files: tuple[CustomerFile, ...]  # of all their conversations, newest first
    file_count: int


def read_sidebar(
    conn: Any, conversation_id: int, *, most_files: int = _FILES
) -> SidebarData | None:
    """Return the customer of a conversation, None where nobody can be named. On a reader thread."""
    row = conversations.row(conn, conversation_id)
    customer = customers.row(conn, row.customer_id) if row and row.customer_id else None
    if customer is None:
        return None
    others = conversations.of_customer(conn, customer.id)
    return SidebarData(
        known=read_known(conn, customer),
        history=tuple(other for other in others if other.id != conversation_id),
        files=tuple(customer_files.of_customer(conn, customer.id, limit=most_files)),
        file_count=customer_files.count(conn, customer.id),
    )


class CustomerSidebar(QFrame):
    """The pane on the right."""

    conversation_requested = Signal(int)

    def __init__(self, context: AppContext, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.conversation_id: int | None = None
        self.data: SidebarData | None = None
        self._generation = 0
        self._whole_history = False
        self._most_files = _FILES
        self.setProperty("kind", "panel")
        self.setAccessibleName(_("Customer"))
        self.setMinimumWidth(220)
        self._body = QWidget()
        self._body.setMinimumWidth(1)  # one long word must not push the rest out of sight
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.editor = CustomerEditor(context, self, tell=context.notice.emit)
        self.service_level = ServiceLevelPanel(context)
        self.history = Section(_("History"))
        self.files = Section(_("Files"))
        editor = self.editor
        for part in (editor.person, editor.same, editor.identities, editor.details):
            self._column.addWidget(part)
        for part in (self.service_level, self.history, self.files, editor.notes):
            self._column.addWidget(part)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._body)
        area.setAccessibleName(_("Customer"))
        self._body.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.conversation_requested.connect(context.conversation_requested)
        context.bridge.changed.connect(self._on_changed)
        self._body.hide()

    def leave(self) -> None:
        """Save what is typed: another conversation is being opened, which is seen first."""
        self._generation += 1
        self.editor.flush()

    def show_conversation(self, conversation_id: int | None) -> None:
        """Show whose conversation this is, or nobody."""
        self.leave()
        self.conversation_id = conversation_id
        self.service_level.show_conversation(conversation_id)
        self._whole_history = False
        self._most_files = _FILES
        if conversation_id is None:
            self.data = None
            self.editor.show(None)
            self._body.hide()
            return
        self._context.start(self._load(conversation_id, self._generation), name="customer")

    async def _load(self, conversation_id: int, generation: int) -> None:
        most = self._most_files
        data = await self._context.read(
            lambda conn: read_sidebar(conn, conversation_id, most_files=most)
        )
        if generation != self._generation or not isValid(self):
            return
        self.data = data
        self._body.setVisible(data is not None)
        self.editor.show(data.known if data is not None else None)
        if data is not None:
            self._show_history(data)
            self._show_files(data)

    def _on_changed(self, changes: Changes) -> None:
        if self.conversation_id is None:
            return
        customer = self.data.known.customer.id if self.data is not None else None
        theirs = {row.id for row in self.data.history} if self.data is not None else set()
        touched = (
            changes.customer_fields
            or customer in changes.customers
            or self.conversation_id in changes.conversations
            or not theirs.isdisjoint(changes.conversations)
        )
        if touched:
            self._context.start(
                self._load(self.conversation_id, self._generation), name="customer again"
            )
        elif customer is not None and changes.conversations:
            self._context.start(
                self._look(customer, changes.conversations, self._generation), name="customer?"
            )

    async def _look(self, customer: int, changed: frozenset[int], generation: int) -> None:
        """Read again where one of these conversations is a new one of the customer's."""
        theirs = await self._context.read(
            lambda conn: customer_files.any_of(conn, customer, changed)
        )
        if theirs and generation == self._generation and self.conversation_id is not None:
            await self._load(self.conversation_id, generation)

    def _show_history(self, data: SidebarData) -> None:
        shown = data.history if self._whole_history else data.history[:_HISTORY]
        now = datetime.now(UTC)
        lines: list[QWidget] = [
            HistoryLine(self._context, row, now=now, clicked=self.conversation_requested.emit)
            for row in shown
        ]
        if len(shown) < len(data.history):
            lines.append(link_button(_("Show all"), clicked=self._show_whole_history))
        self.history.fill(lines, count=len(data.history))

    def _show_files(self, data: SidebarData) -> None:
        now = datetime.now(UTC)
        lines: list[QWidget] = [FileLine(self._context, file, now=now) for file in data.files]
        if len(lines) < min(data.file_count, _MOST_FILES):
            lines.append(link_button(_("Show all"), clicked=self._show_more_files))
        self.files.fill(lines, count=data.file_count)

    def _show_more_files(self) -> None:
        self._most_files = _MOST_FILES
        if self.conversation_id is not None:
            self._context.start(self._load(self.conversation_id, self._generation), name="files")

    def _show_whole_history(self) -> None:
        self._whole_history = True
        if self.data is not None:
            self._show_history(self.data)
