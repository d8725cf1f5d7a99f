"""The line that asks whether two customers are one person, with its reasons. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.same_person import Reason, Sign
from desktop_inbox.i18n import _
from desktop_inbox.store.customer_suggestions import Suggestion
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel, link_button
from desktop_inbox.ui.views.customer_parts import Section


class SamePerson(Section):
    """At most a few suggestions; each is looked at, or denied for good."""

    compared = Signal(int)  # the other customer
    denied = Signal(int)

    def __init__(self) -> None:
        super().__init__(_("Is this the same person?"))

    def show_suggestions(self, customer_id: int, found: tuple[Suggestion, ...]) -> None:
        self.fill([self._line(customer_id, one) for one in found])

    def _line(self, customer_id: int, found: Suggestion) -> QWidget:
        other = found.other if found.one.id == customer_id else found.one
        line = QWidget()
        line.setAccessibleName(called(other))
        column = QVBoxLayout(line)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(ElidedLabel(called(other)))
        why = "\n".join(reason(sign) for sign in found.signs)
        column.addWidget(PlainLabel(why, kind="caption", wrap=True))
        buttons = QHBoxLayout()
        buttons.addWidget(link_button(_("Compare"), clicked=lambda: self.compared.emit(other.id)))
        buttons.addWidget(
            link_button(_("Somebody else"), clicked=lambda: self.denied.emit(other.id))
        )
        buttons.addStretch(1)
        column.addLayout(buttons)
        return line


def called(customer: CustomerRow) -> str:
    """Return name and first address, as far as known."""
    address = visible(customer.identities[0].label) if customer.identities else ""
    name = visible(customer.name)
    return f"{name} · {address}" if name and address else name or address


def reason(sign: Sign) -> str:
    """Return one reason in words."""
    words = {
        Reason.VOUCHED: _("Said to be the same by their service: {value}"),
        Reason.PHONE: _("The same phone number written differently: {value}"),
        Reason.EMAIL: _("The same mailbox under another address: {value}"),
        Reason.NAME: _("The same name at {value}"),
    }
    return words[sign.reason].format(value=visible(sign.value))
