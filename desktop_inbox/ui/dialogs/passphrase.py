"""Asks for the passphrase of the encrypted file of secrets, where there is no system keyring.

UI thread only; deriving the key happens on another thread.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.secrets import SecretsError, SystemSecrets, Vault
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.dialog import Dialog


async def unlock(context: AppContext, window: QWidget) -> bool:
    """Make sure that secrets can be read and kept; ask where that takes a passphrase."""
    secrets = context.secrets
    if not isinstance(secrets, SystemSecrets) or not await asyncio.to_thread(secrets.locked):
        return True
    dialog = PassphraseDialog(context, secrets.vault, window)
    dialog.open()
    return await dialog.answer


async def in_a_file(context: AppContext) -> bool:
    """Tell whether secrets go into the encrypted file, for want of a keyring."""
    secrets = context.secrets
    if not isinstance(secrets, SystemSecrets):
        return False
    return await asyncio.to_thread(secrets.place) == str(secrets.vault.path)


class PassphraseDialog(Dialog):
    """Unlocks a vault, or names the passphrase of a new one."""

    def __init__(self, context: AppContext, vault: Vault, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._vault = vault
        self._new = not vault.path.exists()
        self.answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.setWindowTitle(_("Passphrase"))
        self.setMinimumWidth(420)
        self.field = self._field(_("Passphrase"))
        self.again = self._field(_("Passphrase again"))
        self.again.setVisible(self._new)
        self._error = PlainLabel(kind="error", wrap=True)
        self._error.hide()
        ok = button(_("Continue"), kind="primary", clicked=self._try)
        self.default = ok
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button(_("Cancel"), kind="ghost", clicked=self.reject))
        row.addWidget(ok)
        words = (
            _(
                "This computer has no keyring for passwords. They are kept in an encrypted file "
                "instead. Choose the passphrase that opens it; it cannot be recovered."
            )
            if self._new
            else _("Your passwords are kept in an encrypted file. Type its passphrase to open it.")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        column.addWidget(PlainLabel(_("Passphrase"), kind="title"))
        column.addWidget(PlainLabel(words, kind="muted", wrap=True))
        column.addWidget(self.field)
        column.addWidget(self.again)
        column.addWidget(self._error)
        column.addLayout(row)
        self.finished.connect(self._finished)

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setPlaceholderText(name)
        field.setAccessibleName(name)
        return field

    def _try(self) -> None:
        if self._new and self.field.text() != self.again.text():
            self._complain(_("The two passphrases differ."))
        elif not self.field.text():
            self._complain(_("Type a passphrase."))
        else:
            self._context.start(self._unlock(self.field.text()))

    async def _unlock(self, passphrase: str) -> None:
        try:
            await asyncio.to_thread(self._vault.unlock, passphrase)
        except SecretsError as error:
            self._complain(errors.sentence(error.code, error.values))
            return
        self.accept()

    def _complain(self, words: str) -> None:
        self._error.setText(words)
        self._error.show()
        self.field.setFocus()
        self.field.selectAll()

    def _finished(self, result: int) -> None:
        if not self.answer.done():
            self.answer.set_result(result == QDialog.DialogCode.Accepted)
