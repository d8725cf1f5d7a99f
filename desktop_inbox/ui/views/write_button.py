"""Writing to a customer from where they are shown: a button with every way to them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QPushButton
from shiboken6 import isValid

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.messages import Address
from desktop_inbox.i18n import _
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.ui.context import AppContext


class WriteButton(QPushButton):
    """Stands for one customer. The ways are looked up when it is pressed: they change."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(_("Write…"))
        self._context = context
        self._customer: CustomerRow | None = None
        self.setProperty("kind", "secondary")
        self.clicked.connect(self._ask)
        self.hide()

    def show_customer(self, customer: CustomerRow, *, called: str) -> None:
        """Offer to write to them."""
        self._customer = customer
        self.setAccessibleName(_("Write to {name}").format(name=called))
        self.show()

    def _ask(self) -> None:
        if self._customer is not None:
            self._context.start(self._offer(self._customer), name="ways")

    async def _offer(self, customer: CustomerRow) -> None:
        from desktop_inbox.services import channels  # the first frame does without
        from desktop_inbox.ui.views import channel_choice, channel_words
        from desktop_inbox.ui.views.recipient_kinds import Offered

        now = utc_now()
        found = await self._context.read(lambda conn: channels.ways(conn, customer.id, now=now))
        if not isValid(self) or self._customer is None or self._customer.id != customer.id:
            return
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        sends = [way for way in found if way.closed_for != channels.CANNOT_SEND]
        for way in channel_choice.offered(sends, mail_account=None):
            words = channel_words.title(way).replace("&", "&&")
            text = "\t".join(part for part in (words, channel_words.hint(way, now)) if part)
            label = way.label if way.kind == "email" else way.address
            offered = Offered(address=Address(name=visible(customer.name), address=label), way=way)
            menu.addAction(text, partial(self._write, offered))
        if menu.isEmpty():
            menu.addAction(_("No address of theirs is known")).setEnabled(False)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _write(self, offered: object) -> None:
        self._context.message_wanted.emit(offered)
