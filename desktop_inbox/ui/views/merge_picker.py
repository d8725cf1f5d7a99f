"""Asks in which other conversation one should go on: those of the same customer, or any by name.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop_inbox.domain.folding import fold
from desktop_inbox.i18n import _
from desktop_inbox.store import conversations
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.channel_marks import subject
from desktop_inbox.ui.views.finder import Finder, score
from desktop_inbox.ui.views.palette import matching
from desktop_inbox.ui.views.palette_rows import Entry


class MergePicker(Finder):
    """Lists conversations; choosing one merges."""

    def __init__(
        self,
        context: AppContext,
        parent: QWidget,
        *,
        merge: Callable[[Sequence[int], int], None],
    ) -> None:
        super().__init__(
            context,
            parent,
            name=_("Merge with another conversation"),
            hint=_("Merge with: a customer or a subject"),
        )
        self._merge = merge
        self._source = 0
        self._nearest: Sequence[ConversationRow] = ()
        self.closed.connect(self.deleteLater)

    def ask(self, conversation_id: int) -> None:
        """Ask what a conversation should go on in."""
        self._source = conversation_id
        self._context.start(self._ask(), name="merge with")

    async def _ask(self) -> None:
        self._nearest = await self._context.read(lambda conn: _nearest(conn, self._source))
        self.open()

    def known(self, text: str) -> list[Entry]:
        """The other conversations of the same customer."""
        wanted = fold(text.strip())
        return [
            self._conversation(row)
            for row in self._nearest
            if score(wanted, fold(f"{row.subject} {row.customer_name}"))
        ]

    async def look_up(self, text: str) -> list[Entry]:
        """Any other that a search finds."""
        rows = await self._context.read(lambda conn: matching(conn, text))
        known = {self._source, *(row.id for row in self._nearest)}
        return [self._conversation(row) for row in rows if row.id not in known]

    def _conversation(self, row: ConversationRow) -> Entry:
        return Entry(
            text=subject(row),
            detail=row.customer_name,
            icon="merge",
            run=lambda: self._merge([self._source], row.id),
        )


def _nearest(conn: Any, conversation_id: int) -> list[ConversationRow]:
    """Return the other conversations of the same customer."""
    row = conversations.row(conn, conversation_id)
    if row is None or row.customer_id is None:
        return []
    others = conversations.of_customer(conn, row.customer_id)
    return [other for other in others if other.id != row.id]
