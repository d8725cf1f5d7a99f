"""What stands above the list during a search: mistakes, customers, files. UI thread only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox import words
from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import ElidedLabel, IconMark, PlainLabel, link_button

if TYPE_CHECKING:
    from desktop_inbox.domain.query import Problem
    from desktop_inbox.store.conversation_rows import ConversationRow
    from desktop_inbox.store.file_texts import FileHit, Progress
    from desktop_inbox.store.rows import CustomerRow
    from desktop_inbox.store.search_beside import Beside

_LINE = 30


class SearchFound(QFrame):
    """Reads and shows what a search found beside conversations; hides where that is nothing."""

    search_wanted = Signal(str)  # another search: the one that was meant, or that of a customer
    settled = Signal()  # what was read is shown

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._typed = ""
        self.found: Beside | None = None
        self.meant = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 6, 12, 6)
        self._column.setSpacing(2)
        self.hide()

    @property
    def lines(self) -> list[str]:
        """Everything that is said, from the top."""
        items = [self._column.itemAt(at) for at in range(self._column.count())]
        shown = [item.widget() for item in items if item is not None]
        return [one.accessibleName() or _words_of(one) for one in shown if one is not None]

    def show_for(self, typed: str) -> None:
        """Show what belongs to these words, '' for none; the old stays until it is read."""
        self._typed, self.meant = typed, ""
        if typed:
            self._context.start(self._read(typed))
        else:
            self.found = None
            self._fill()

    def explain_nothing(self) -> None:
        """No conversation was found: look for what may have been meant."""
        if self._typed and not self.meant:
            self._context.start(self._look_for_meant(self._typed))

    async def _read(self, typed: str) -> None:
        found = await self._context.read(lambda conn: _beside(conn, typed))
        if isValid(self) and typed == self._typed:
            self.found = found
            self._fill()

    async def _look_for_meant(self, typed: str) -> None:
        meant = await self._context.read(lambda conn: _meant(conn, typed))
        if isValid(self) and typed == self._typed and meant:
            self.meant = meant
            self._fill()

    # --- what is shown ---

    def _fill(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        found = self.found
        if found is not None:
            self._fill_with(found)
        self.setVisible(self._column.count() > 0)
        self.settled.emit()

    def _fill_with(self, found: Beside) -> None:
        for problem in found.problems[:2]:
            self._say(_problem(problem), kind="error")
        if self.meant:
            self._offer_meant()
        if found.waiting is not None:
            self._say(_progress(found.waiting), kind="caption")
        if found.numbered is not None:
            self._add_numbered(found.numbered)
        if found.customers:
            self._head(_("Customers"))
            for customer in found.customers:
                self._add_customer(customer)
        if found.files:
            self._head(_("Files"))
            for file in found.files:
                self._add_file(file)
        if found.numbered or found.customers or found.files:
            self._head(_("Conversations"))

    def _say(self, text: str, *, kind: str) -> None:
        self._column.addWidget(PlainLabel(text, kind=kind, wrap=True))

    def _head(self, text: str) -> None:
        self._column.addSpacing(4)
        self._column.addWidget(PlainLabel(text, kind="section"))

    def _offer_meant(self) -> None:
        meant = self.meant
        offer = link_button(
            _("Did you mean “{text}”?").format(text=meant.replace("&", "&&")),
            clicked=lambda: self.search_wanted.emit(meant),
        )
        self._column.addWidget(offer, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_numbered(self, row: ConversationRow) -> None:
        self._add(
            "message-square-text",
            _("Conversation {number}").format(number=row.id),
            row.subject,
            lambda: self._context.conversation_requested.emit(row.id),
        )

    def _add_customer(self, row: CustomerRow) -> None:
        label = row.identities[0].label if row.identities else ""
        wanted = _search_of(row)
        self._add("user", row.name or label, label, lambda: self.search_wanted.emit(wanted))

    def _add_file(self, file: FileHit) -> None:
        def open_it() -> None:
            self._context.message_requested.emit(file.conversation_id, file.message_id)

        self._add("file-text", file.name, file.snippet, open_it)

    def _add(self, icon: str, text: str, detail: str, run: Callable[[], object]) -> None:
        line = QPushButton()
        line.setProperty("kind", "ghost")
        line.setCursor(Qt.CursorShape.PointingHandCursor)
        line.setAccessibleName(", ".join(filter(None, (text, detail))))
        line.setMinimumHeight(self._context.theme.px(_LINE))
        line.clicked.connect(lambda _checked=False: run())
        row = QHBoxLayout(line)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(8)
        name = ElidedLabel(text, kind="strong")
        told = ElidedLabel(detail, kind="caption")
        for label in (name, told):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(IconMark(self._context.theme, icon))
        row.addWidget(name, 3)
        row.addWidget(told, 3)
        self._column.addWidget(line)


def _words_of(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, PlainLabel | QPushButton) else ""


def _problem(problem: Problem) -> str:
    return words.search(problem.code, problem.values)


def _progress(waiting: Progress) -> str:
    locale = QLocale()
    return _("Attachments searched so far: {count} of {total}").format(
        count=locale.toString(waiting.searched), total=locale.toString(waiting.total)
    )


def _search_of(row: CustomerRow) -> str:
    """Return the search that finds all conversations of a customer."""
    for kind in ("email", "phone"):
        for identity in row.identities:
            if identity.kind == kind:
                return f"{kind}:{identity.address}"
    name = row.name.replace('"', " ")
    return f'contact:"{name}"'


def _beside(conn: Any, typed: str) -> Beside:
    from desktop_inbox.store import search_beside

    return search_beside.beside(conn, typed)


def _meant(conn: Any, typed: str) -> str:
    from desktop_inbox.store import search_beside

    return search_beside.meant(conn, typed)
