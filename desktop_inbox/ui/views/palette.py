"""The command palette: every command, and a jump to any customer or conversation by name.

While somebody writes it offers the canned responses as well. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.folding import fold
from desktop_inbox.i18n import _
from desktop_inbox.store import canned, conversations, customer_search
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.rows import CannedRow, ConversationRow, CustomerRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.palette_rows import ROW, Entry, EntryRole, PaletteDelegate

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView

_MOST_COMMANDS = 8
_MOST_RESPONSES = 4
_MOST_CUSTOMERS = 3
_MOST_CONVERSATIONS = 6
_USES_COUNTED = 200  # then all are halved, so that what was done lately weighs more


def score(wanted: str, text: str) -> int:
    """Return how well folded words match a text: 0 not at all, more is better."""
    if not wanted:
        return 1
    if text.startswith(wanted):
        return 100
    words = text.split()
    if all(any(word.startswith(part) for word in words) for part in wanted.split()):
        return 60
    if wanted in text:
        return 40
    letters = iter(text)
    return 10 if all(letter in letters for letter in wanted.replace(" ", "")) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the store knows for what was typed."""

    responses: Sequence[CannedRow] = ()
    customers: Sequence[CustomerRow] = ()
    conversations: Sequence[ConversationRow] = ()


class Palette(Overlay):
    """Typing finds; Enter does it."""

    def __init__(self, context: AppContext, parent: QWidget, *, thread: ThreadView) -> None:
        super().__init__(context, parent, width=560, top=90)
        self._thread = thread
        self._writing = False  # whether it was called while something is written
        self._reading = False
        self._asked = ""  # the text that was looked up last
        self.field = QLineEdit()
        self.field.setProperty("kind", "bare")
        self.field.setPlaceholderText(_("Type a command, a customer or a subject"))
        self.field.setAccessibleName(_("Commands"))
        self.field.setMinimumHeight(context.theme.px(46))
        self.field.setTextMargins(16, 0, 16, 0)
        self.field.installEventFilter(self)
        line = QFrame()
        line.setProperty("kind", "line")
        self.list = QListWidget()
        self.list.setItemDelegate(PaletteDelegate(context.theme, self))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(_("Commands"))
        self.list.itemClicked.connect(lambda _item: self._run())
        self.card_layout.addWidget(self.field)
        self.card_layout.addWidget(line)
        self.card_layout.addSpacing(6)
        self.card_layout.addWidget(self.list)
        self.card_layout.addSpacing(6)
        self.field.textChanged.connect(self._typed)

    def open(self) -> None:
        """Show the palette, empty."""
        if not self.isVisible():
            self._writing = self._context.actions["send"].isEnabled()
        self.field.clear()
        self._asked = ""
        self._show(self._commands(""))
        self.present()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def texts(self) -> list[str]:
        """Return what is listed."""
        return [self.list.item(row).data(EntryRole).text for row in range(self.list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            return self._key_pressed(event.key())
        return super().eventFilter(watched, event)

    def _key_pressed(self, key: int) -> bool:
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            count = max(1, self.list.count())
            self.list.setCurrentRow((self.list.currentRow() + step) % count)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
            return True
        if key == Qt.Key.Key_Escape:
            self.dismiss()
            return True
        return False

    # --- commands ---

    def _typed(self, text: str) -> None:
        self._show(self._commands(text))
        if text.strip() and not self._reading:
            self._context.start(self._look_up(), name="palette")

    def _commands(self, text: str) -> list[Entry]:
        """What can be done now; of equal matches, what is done most often comes first."""
        wanted = fold(text.strip())
        actions, uses = self._context.actions, self._context.settings.palette_uses
        scored: list[tuple[int, int, Entry]] = []
        for action in actions.all():
            spec = actions.spec(action.objectName())
            if not spec.in_palette or not action.isEnabled():
                continue
            value = score(wanted, fold(f"{action.text()} {_(spec.group)}"))
            if value:
                entry = Entry(
                    text=action.text(),
                    run=lambda spec=spec: self._do(spec.id),  # type: ignore[misc]
                    icon=spec.icon,
                    key=actions.key_text(spec.id),
                )
                scored.append((-value, -_count(uses.get(spec.id)), entry))
        scored.sort(key=lambda one: one[:2])
        most = _MOST_COMMANDS if wanted else len(scored)
        return [entry for _value, _uses, entry in scored[:most]]

    def _do(self, action_id: str) -> None:
        uses = {name: _count(value) for name, value in self._context.settings.palette_uses.items()}
        uses[action_id] = uses.get(action_id, 0) + 1
        if sum(uses.values()) > _USES_COUNTED:
            uses = {name: count // 2 for name, count in uses.items() if count > 1}
        self._context.settings.palette_uses = dict(uses)
        self._context.actions[action_id].trigger()

    # --- what the store knows ---

    async def _look_up(self) -> None:
        """Look up what is typed, again and again until that is what was looked up."""
        self._reading = True
        try:
            while (text := self.field.text().strip()) and text != self._asked:
                self._asked = text
                found = await self._context.read(
                    lambda conn, text=text: _find(conn, text, responses=self._writing)  # type: ignore[misc]
                )
                if not isValid(self):
                    return
                if text == self.field.text().strip():
                    self._add(text, found)
        finally:
            self._reading = False

    def _add(self, text: str, found: _Found) -> None:
        more = [
            *map(self._response, _best(found.responses, fold(text))),
            *map(self._customer, found.customers),
            *map(self._conversation, found.conversations),
        ]
        if more:
            self._show([*self._commands(text), *more], keep=True)

    def _response(self, row: CannedRow) -> Entry:
        return Entry(
            text=visible(row.title),
            detail=_("Canned response"),
            icon="zap",
            run=lambda: self._thread.acts.canned.choose(row),
        )

    def _customer(self, row: CustomerRow) -> Entry:
        from desktop_inbox.ui.views.customers_page import CustomersPage

        return Entry(
            text=visible(row.name or row.company),
            detail=visible(row.company) or _("Customer"),
            icon="user",
            run=lambda: CustomersPage(self._context, parent=self.window(), chosen=row).open(),
        )

    def _conversation(self, row: ConversationRow) -> Entry:
        return Entry(
            text=row.subject or _("(no subject)"),
            detail=row.customer_name,
            icon="mail",
            run=lambda: self._context.conversation_requested.emit(row.id),
        )

    # --- showing ---

    def _show(self, entries: Sequence[Entry], *, keep: bool = False) -> None:
        chosen = self.list.currentRow() if keep else 0
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(entry.text)
            item.setData(EntryRole, entry)
            told = ", ".join(filter(None, (entry.text, entry.detail, entry.key)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, told)
            self.list.addItem(item)
        if entries:
            self.list.setCurrentRow(max(chosen, 0))
        shown = min(max(len(entries), 1), 10)
        self.list.setFixedHeight(self._context.theme.px(ROW) * shown)
        self._place()

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        run: Callable[[], object] = item.data(EntryRole).run
        self.dismiss()
        run()


def _find(conn: Any, text: str, *, responses: bool) -> _Found:
    ids = conversations.ids(conn, ListQuery(view="all", text=text), limit=_MOST_CONVERSATIONS)
    rows = conversations.rows(conn, ids)
    return _Found(
        responses=canned.list_all(conn) if responses else (),
        customers=customer_search.find(conn, text, limit=_MOST_CUSTOMERS),
        conversations=[rows[key] for key in ids if key in rows],
    )


def _best(rows: Iterable[CannedRow], wanted: str) -> list[CannedRow]:
    scored = [
        (-value, -row.uses, row.id, row)
        for row in rows
        if (value := score(wanted, fold(f"{row.title} {row.shortcut}")))
    ]
    scored.sort(key=lambda one: one[:3])
    return [row for _value, _uses, _id, row in scored[:_MOST_RESPONSES]]


def _count(value: object) -> int:
    """How often something was done; what somebody wrote oddly into the settings counts nothing."""
    return value if type(value) is int and value > 0 else 0
