"""A customer as one edits them: the parts that show what is known, and what becomes of an edit.

The pane beside a conversation and the page of customers lay the parts out. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop_inbox.domain.customer_merge import Side
from desktop_inbox.i18n import _
from desktop_inbox.services import customer_merging, customer_suggestions, undoing
from desktop_inbox.services import customers as customer_service
from desktop_inbox.store import customer_companies, suppression
from desktop_inbox.store import customer_suggestions as suggested
from desktop_inbox.store.customer_suggestions import Suggestion
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.store.suppression import Suppressed
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.views.customer_details import DetailData, Details, read_details
from desktop_inbox.ui.views.customer_lines import IdentityLine
from desktop_inbox.ui.views.customer_parts import Notes, Person, Section
from desktop_inbox.ui.views.customer_same import SamePerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a customer at one moment."""

    customer: CustomerRow
    details: DetailData
    same: tuple[Suggestion, ...]  # who may be the same person
    undeliverable: Mapping[str, Suppressed]  # which of their addresses mail came back from
    company: str = ""  # that they may work for, where none is known


def read_known(conn: Any, customer: CustomerRow) -> Known:
    """Return what is known of a customer. On a reader thread."""
    return Known(
        customer=customer,
        details=read_details(conn, customer),
        same=tuple(suggested.of_customer(conn, customer.id)),
        undeliverable=suppression.of(conn, [one.address for one in customer.identities]),
        company=customer_companies.likely(conn, customer),
    )


class CustomerEditor(QObject):
    """Fills the parts with one customer, and writes what a person changes in them."""

    def __init__(
        self, context: AppContext, over: QWidget, *, tell: Callable[[Notice], object]
    ) -> None:
        """Whatever has to be asked is asked over a widget, which owns this one.

        `tell` shows what was done, with its undo.
        """
        super().__init__(over)
        self._tell = tell
        self._context = context
        self._over = over
        self.known: Known | None = None
        self.person = Person(context)
        self.person.edited.connect(self._save)
        self.same = SamePerson()
        self.same.compared.connect(self.compare)
        self.same.denied.connect(self._deny)
        self.details = Details(context)
        self.details.marked.connect(lambda mark, on: self._edit(**{mark: on}))
        self.details.edited.connect(self._save_detail)
        self.details.tagged.connect(lambda name: self._do(customer_service.tag, name))
        self.details.untagged.connect(lambda name: self._do(customer_service.untag, name))
        self.identities = Section(_("Identities"))
        self.notes = Notes()
        self.notes.edited.connect(lambda text: self._save("notes", text))

    def show(self, known: Known | None) -> None:
        """Show a customer; None is nobody, to whom nothing is written."""
        before = self.known.customer.id if self.known is not None else None
        if known is None or known.customer.id != before:
            self.flush()  # while it is still known whose words these are
        self.known = known
        if known is None:
            return
        now = datetime.now(UTC)
        self.person.show_customer(known.customer, likely_company=known.company)
        self.same.show_suggestions(known.customer.id, known.same)
        self.details.show_details(known.details)
        self.notes.show_customer(known.customer)
        self.identities.fill(
            [
                IdentityLine(
                    self._context, row, undeliverable=known.undeliverable.get(row.address), now=now
                )
                for row in known.customer.identities
            ]
        )

    def flush(self) -> None:
        """Save what is typed and not saved yet."""
        self.person.flush()
        self.notes.flush()

    # --- what is edited ---

    def _save(self, field: str, text: str) -> None:
        """Write what is being typed, without a word: it is saved again and again meanwhile."""
        if self.known is None:
            return
        customer_id = self.known.customer.id
        change: dict[str, Any] = {field: text}
        self._context.start(
            self._context.write(lambda tx: customer_service.edit(tx, customer_id, **change)),
            name="save customer",
        )

    def _save_detail(self, field: str, text: str) -> None:
        kind, _sign, uid = field.partition(":")
        self._edit(**({"fields": {uid: text}} if uid else {kind: text}))

    def _edit(self, **change: Any) -> None:
        self._do(customer_service.edit, **change)

    def _do(
        self, change: Callable[..., str | None], *more: object, words: str = "", **named: Any
    ) -> None:
        """Change this customer, and say so with an undo."""
        if self.known is not None:
            key = self.known.customer.id
            self.do(lambda tx: change(tx, key, *more, **named), words or _("Changed"))

    def do(self, change: Callable[[Any], str | None], words: str) -> None:
        """Write a change that can be undone by the group it returns, and say so."""
        self._context.start(self._done(change, words), name="change customer")

    async def _done(self, change: Callable[[Any], str | None], words: str) -> None:
        group = await self._context.write(change)
        if group is not None:
            self._tell(Notice(text=words, action_text=_("Undo"), action=lambda: self._undo(group)))

    def _undo(self, group: str) -> None:
        self.do(lambda tx: undoing.undo(tx, group), _("Undone"))

    # --- the same person ---

    def _deny(self, other_id: int) -> None:
        self._do(customer_suggestions.dismiss, other_id, words=_("Kept apart"))

    def compare(self, other_id: int) -> None:
        """Ask what this customer shall have once the other one is merged into them."""
        if self.known is not None:
            self._context.start(self._ask(other_id, self.known), name="compare")

    async def _ask(self, source_id: int, known: Known) -> None:
        from desktop_inbox.ui.dialogs.customer_merge import CustomerMerge

        into_id = known.customer.id
        preview = await self._context.read(
            lambda conn: customer_merging.preview(conn, source_id, into_id)
        )
        if not isValid(self) or self.known is None:
            return
        names = {one.uid: one.name for one in known.details.fields}
        self.merging = CustomerMerge(preview, names, parent=self._over)
        self.merging.agreed.connect(lambda chosen: self._merge(source_id, into_id, chosen))
        self.merging.open()

    def _merge(self, source_id: int, into_id: int, chosen: dict[str, Side]) -> None:
        self.do(
            lambda tx: customer_merging.merge(tx, source_id, into_id, chosen=chosen), _("Merged")
        )
