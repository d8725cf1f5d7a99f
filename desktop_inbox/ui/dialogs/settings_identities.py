"""The page of the settings that lists under which addresses and signatures one writes."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.identities import OwnIdentity
from desktop_inbox.i18n import N_, _
from desktop_inbox.services import identities
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.ui.dialogs.kept_card import KeptCard
from desktop_inbox.ui.dialogs.settings_form import SettingsPage
from desktop_inbox.ui.icons import BESIDE_WORDS
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button


class IdentitiesPage(SettingsPage):
    """The identities of every account, the default one first."""

    id = "identities"
    title = N_("Identities")
    icon = "at-sign"

    def build(self) -> None:
        note = _(
            "An answer goes out from the address the customer wrote to, everything else from the "
            "default one. Each has a name and a signature of its own."
        )
        self.wide(PlainLabel(note, kind="small", wrap=True), words=note)
        holder = QWidget()
        self._rows = QVBoxLayout(holder)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        self.wide(holder, words=" ".join((_("Signature"), _("Add an identity"), _("From"))))
        self.desk.accounts.changed.connect(self._list)
        self._list()

    def _list(self) -> None:
        while (entry := self._rows.takeAt(0)) is not None:
            widget = entry.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        accounts = self.desk.accounts.rows
        for account in accounts:
            if len(accounts) > 1:
                self._rows.addWidget(PlainLabel(visible(account.title), kind="section"))
            known = identities.identities(account)
            for place, identity in enumerate(known):
                self._rows.addWidget(
                    self._card(account, identity, default=place == 0, alone=len(known) == 1)
                )
            self._rows.addWidget(self._add_line(account, known[0]))

    def _card(
        self, account: AccountRow, identity: OwnIdentity, *, default: bool, alone: bool
    ) -> QWidget:
        signature = visible(identity.signature.split("\n", 1)[0])
        caption = signature or _("With your own signature")
        card = KeptCard(visible(str(identity.sender)), caption, spacing=6)
        if default and not alone:
            card.add(PlainLabel(_("Default"), kind="caption"))
        elif not alone:
            make = partial(self._make_default, account, identity)
            card.add(button(_("Make default"), kind="ghost", clicked=make))
        edit = partial(self._edit, account, identity)
        card.add(button(_("Edit"), kind="ghost", clicked=edit))
        if not alone:
            name = _("Remove {name}").format(name=visible(identity.address))
            remove = partial(self._remove, account, identity)
            card.add(icon_button(self.context.theme, "trash-2", name, clicked=remove))
        return card

    def _add_line(self, account: AccountRow, default: OwnIdentity) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 6)
        new = OwnIdentity(address="", name=default.name)
        add = button(_("Add an identity"), clicked=partial(self._edit, account, new))
        add.setIcon(self.context.icon("plus"))
        add.setIconSize(BESIDE_WORDS)
        row.addWidget(add)
        row.addStretch(1)
        return line

    def _edit(self, account: AccountRow, identity: OwnIdentity) -> None:
        from desktop_inbox.ui.dialogs.identity_editor import IdentityEditor

        card = IdentityEditor(
            self.context, self.desk.window, account_id=account.id, identity=identity
        )
        card.present()

    def _make_default(self, account: AccountRow, identity: OwnIdentity) -> None:
        self.context.start(
            self.context.write(lambda tx: identities.make_default(tx, account.id, identity.uid))
        )

    def _remove(self, account: AccountRow, identity: OwnIdentity) -> None:
        self.context.start(
            self.context.write(lambda tx: identities.remove(tx, account.id, identity.uid))
        )
