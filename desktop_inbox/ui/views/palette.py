"""The command palette: every command, and a jump to any customer or conversation by name.

While somebody writes it offers the canned responses as well. UI thread only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.folding import fold
from desktop_inbox.i18n import _
from desktop_inbox.store import canned, conversations, customer_search
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.rows import CannedRow, CustomerRow
from desktop_inbox.ui.action_table import ActionSpec
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.channel_marks import subject
from desktop_inbox.ui.views.finder import Finder, score
from desktop_inbox.ui.views.palette_rows import Entry

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView

_MOST_COMMANDS = 8
_MOST_RESPONSES = 4
_MOST_CUSTOMERS = 3
_MOST_CONVERSATIONS = 6
_USES_COUNTED = 200  # then all are halved, so that what was done lately weighs more


class Palette(Finder):
    """Lists only what can be done where it was called."""

    def __init__(self, context: AppContext, parent: QWidget, *, thread: ThreadView) -> None:
        super().__init__(
            context,
            parent,
            name=_("Commands"),
            hint=_("Type a command, a customer or a subject"),
        )
        self._thread = thread
        self._writing = False  # whether it was called while something is written

    def open(self) -> None:
        """Show the palette, empty."""
        if not self.isVisible():
            self._writing = self._context.actions["send"].isEnabled()
        super().open()

    def known(self, text: str) -> list[Entry]:
        """What can be done now; of equal matches, what is done most often comes first."""
        wanted = fold(text.strip())
        actions, uses = self._context.actions, self._context.settings.palette_uses
        scored: list[tuple[int, int, Entry]] = []
        for action in actions.all():
            spec = actions.spec(action.objectName())
            if not spec.in_palette or not action.isEnabled():
                continue
            value = score(wanted, fold(f"{action.text()} {_(spec.group)} {_also(spec)}"))
            if value:
                entry = Entry(
                    text=action.text(),
                    run=lambda spec=spec: self._do(spec.id),  # type: ignore[misc]
                    icon="check" if action.isChecked() else spec.icon,
                    key=actions.key_text(spec.id),
                )
                scored.append((-value, -_count(uses.get(spec.id)), entry))
        scored.sort(key=lambda one: one[:2])
        most = _MOST_COMMANDS if wanted else len(scored)
        return [entry for _value, _uses, entry in scored[:most]]

    async def look_up(self, text: str) -> list[Entry]:
        """Canned responses for who writes, customers, and conversations."""
        responses, customers, talks = await self._context.read(
            lambda conn: _find(conn, text, responses=self._writing)
        )
        return [
            *map(self._response, _best(responses, fold(text))),
            *map(self._customer, customers),
            *map(self._conversation, talks),
        ]

    def _do(self, action_id: str) -> None:
        uses = {name: _count(value) for name, value in self._context.settings.palette_uses.items()}
        uses[action_id] = uses.get(action_id, 0) + 1
        if sum(uses.values()) > _USES_COUNTED:
            uses = {name: count // 2 for name, count in uses.items() if count > 1}
        self._context.settings.palette_uses = dict(uses)
        self._context.actions[action_id].trigger()

    def _response(self, row: CannedRow) -> Entry:
        return Entry(
            text=visible(row.title),
            detail=_("Canned response"),
            icon="zap",
            run=lambda: self._thread.acts.canned.choose(row),
        )

    def _customer(self, row: CustomerRow) -> Entry:
        return Entry(
            text=visible(row.name or row.company) or _("Unknown"),
            detail=visible(row.company) or _("Customer"),
            icon="user",
            run=lambda: self._open_customer(row),
        )

    def _open_customer(self, row: CustomerRow) -> None:
        from desktop_inbox.ui.views.customers_page import CustomersPage

        CustomersPage(self._context, parent=self.window(), chosen=row).open()

    def _conversation(self, row: ConversationRow) -> Entry:
        return Entry(
            text=subject(row),
            detail=row.customer_name,
            icon="mail",
            run=lambda: self._context.conversation_requested.emit(row.id),
        )


def matching(conn: Any, text: str) -> list[ConversationRow]:
    """Return the conversations that a search finds first."""
    ids = conversations.ids(conn, ListQuery(view="all", text=text), limit=_MOST_CONVERSATIONS)
    rows = conversations.rows(conn, ids)
    return [rows[key] for key in ids if key in rows]


def _find(
    conn: Any, text: str, *, responses: bool
) -> tuple[list[CannedRow], list[CustomerRow], list[ConversationRow]]:
    known = canned.list_all(conn) if responses else []
    people = customer_search.find(conn, text, limit=_MOST_CUSTOMERS)
    return known, people, matching(conn, text)


def _best(rows: Iterable[CannedRow], wanted: str) -> list[CannedRow]:
    scored = [
        (-value, -row.uses, row.id, row)
        for row in rows
        if (value := score(wanted, fold(f"{row.title} {row.shortcut}")))
    ]
    scored.sort(key=lambda one: one[:3])
    return [row for _value, _uses, _id, row in scored[:_MOST_RESPONSES]]


def _also(spec: ActionSpec) -> str:
    """What other programs call it."""
    return _(spec.also) if spec.also else ""  # of '' there would be the catalogue's own head


def _count(value: object) -> int:
    """How often something was done; what somebody wrote oddly into the settings counts nothing."""
    return value if type(value) is int and value > 0 else 0
