"""The page of the settings that lists the channels, and what can be done to each.

UI thread only.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from desktop_inbox.i18n import N_, _
from desktop_inbox.services import accounts as account_services
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui import errors
from desktop_inbox.ui.dialogs.kept_card import KeptCard
from desktop_inbox.ui.dialogs.settings_form import SettingsPage
from desktop_inbox.ui.icons import BESIDE_WORDS
from desktop_inbox.ui.views.avatar import ChannelBadge
from desktop_inbox.ui.views.controls import button, icon_button


class ChannelsPage(SettingsPage):
    """The accounts, how each is doing, and a way to add one."""

    id = "channels"
    title = N_("Channels")
    icon = "inbox"

    def build(self) -> None:
        holder = QWidget()
        self._account_rows = QVBoxLayout(holder)
        self._account_rows.setContentsMargins(0, 0, 0, 0)
        self._account_rows.setSpacing(8)
        names = " ".join(row.title for row in self.desk.accounts.rows)
        self.wide(holder, words=" ".join((names, _("Edit"), _("Pause"), _("Sign in again"))))
        add = button(_("Add a channel"), clicked=self._add_account)
        add.setIcon(self.context.icon("plus"))
        add.setIconSize(BESIDE_WORDS)
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(add)
        row.addStretch(1)
        self.wide(line, words=_("Add a channel"))
        self.desk.accounts.changed.connect(self._list_accounts)
        self._list_accounts()

    def _add_account(self) -> None:
        self.desk.dismiss()
        self.context.actions["account.add"].trigger()

    def _list_accounts(self) -> None:
        while (entry := self._account_rows.takeAt(0)) is not None:
            widget = entry.widget()
            if widget is not None:
                widget.deleteLater()
        for row, status in self.desk.accounts.statuses():
            self._account_rows.addWidget(self._account(row, status))

    def _account(self, row: AccountRow, status: AccountStatus) -> QWidget:
        state = errors.account_sentence("", status).lstrip(": ")
        badge = ChannelBadge(row.kind, size=22)
        card = KeptCard(row.title, state[:1].upper() + state[1:], mark=badge)
        if status.state is State.NEEDS_SIGN_IN:
            card.add(
                button(_("Sign in again"), kind="primary", clicked=lambda: self._sign_in_to(row))
            )
        else:
            card.add(button(_("Edit"), kind="ghost", clicked=lambda: self._edit(row)))
        pause = _("Pause") if row.enabled else _("Resume")
        card.add(button(pause, kind="ghost", clicked=lambda: self._pause(row)))
        card.add(
            icon_button(
                self.context.theme,
                "trash-2",
                _("Remove {name}").format(name=row.title),
                clicked=lambda: self._remove(row),
            )
        )
        return card

    def _sign_in_to(self, row: AccountRow) -> None:
        self.desk.dismiss()
        self.desk.sign_in(row)

    def _edit(self, row: AccountRow) -> None:
        from desktop_inbox.ui.dialogs.account_settings import AccountSettings

        self.desk.dismiss()
        card = AccountSettings(self.context, row, self.desk.window)
        card.closed.connect(card.deleteLater)
        card.open()

    def _pause(self, row: AccountRow) -> None:
        change = account_services.pause if row.enabled else account_services.resume
        self.context.start(self.context.write(lambda tx: change(tx, row.id)))

    def _remove(self, row: AccountRow) -> None:
        box = QMessageBox(self.window())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(_("Remove channel"))
        box.setText(_("Remove {name}?").format(name=row.title))
        box.setInformativeText(
            _("Nothing is deleted on the server. Its conversations can stay here.")
        )
        keep = QCheckBox(_("Keep its conversations on this computer"))
        keep.setChecked(True)
        box.setCheckBox(keep)
        remove = box.addButton(_("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.buttonClicked.connect(
            lambda pressed: (
                self.context.start(self._removed(row, keep=keep.isChecked()))
                if pressed is remove
                else None
            )
        )
        box.open()

    async def _removed(self, row: AccountRow, *, keep: bool) -> None:
        await account_services.remove(
            self.context.workspace, self.context.secrets, row.id, keep_messages=keep
        )
