"""Asks which other customer is the same person: those who look like it, or any by name.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtWidgets import QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.folding import fold
from desktop_inbox.i18n import _
from desktop_inbox.store import customer_search
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.customer_editor import Known
from desktop_inbox.ui.views.customer_same import called, reason
from desktop_inbox.ui.views.finder import Finder, score
from desktop_inbox.ui.views.palette_rows import Entry

_OFFERED = 8


class CustomerPicker(Finder):
    """Lists customers other than one; choosing one is the answer."""

    def __init__(
        self, context: AppContext, parent: QWidget, known: Known, *, picked: Callable[[int], object]
    ) -> None:
        """`picked` is told whom, by their id."""
        super().__init__(
            context,
            parent,
            name=_("Merge with another customer"),
            hint=_("Merge with: a name, a company or an address"),
        )
        self._known = known
        self._picked = picked
        self._latest: Sequence[CustomerRow] = ()
        self.closed.connect(self.deleteLater)

    def ask(self) -> None:
        """Ask, and offer those who look alike and those who came last meanwhile."""
        self._context.start(self._ask(), name="merge with")

    async def _ask(self) -> None:
        self._latest = await self._context.read(
            lambda conn: customer_search.find(conn, "", limit=_OFFERED)
        )
        self.open()

    def known(self, text: str) -> list[Entry]:
        """Those who may be the same person, with the reason; without a word, the latest too."""
        wanted, me = fold(text.strip()), self._known.customer.id
        alike = [
            (found.other if found.one.id == me else found.one, found.signs)
            for found in self._known.same
        ]
        entries = [
            self._entry(row, ", ".join(map(reason, signs)))
            for row, signs in alike
            if score(wanted, fold(called(row)))
        ]
        return entries if wanted else [*entries, *self._others(self._latest)]

    async def look_up(self, text: str) -> list[Entry]:
        """Anybody else that a search finds."""
        rows = await self._context.read(
            lambda conn: customer_search.find(conn, text, limit=_OFFERED)
        )
        return self._others(rows)

    def _others(self, rows: Iterable[CustomerRow]) -> list[Entry]:
        known = {self._known.customer.id}
        for found in self._known.same:
            known |= {found.one.id, found.other.id}
        return [self._entry(row, visible(row.company)) for row in rows if row.id not in known]

    def _entry(self, row: CustomerRow, detail: str) -> Entry:
        return Entry(
            text=called(row) or _("Unknown"),
            detail=detail,
            icon="user",
            run=lambda: self._picked(row.id),
        )
