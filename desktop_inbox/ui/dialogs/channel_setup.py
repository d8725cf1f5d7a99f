"""The page for a channel that is no e-mail account: what its connector asks for, and a real check.

UI thread only; whatever talks to somebody runs on the engine's loop.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.connectors.setup import Check, FieldGroup
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _
from desktop_inbox.services import account_fields
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs import account_checks, found_lines, passphrase
from desktop_inbox.ui.dialogs.account_checks import Entered
from desktop_inbox.ui.dialogs.account_fields import FieldRow
from desktop_inbox.ui.dialogs.account_words import channel_check_words
from desktop_inbox.ui.dialogs.setup_page import SetupPage, Step
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.views.controls import PlainLabel, link_button

_FIRST = (FieldGroup.ACCOUNT, FieldGroup.CONNECTION)  # the rest can wait for the settings


class ChannelSetup(SetupPage):
    """Fields as the connector declares them; each error is said at its field."""

    def __init__(
        self,
        context: AppContext,
        accounts: Accounts,
        *,
        kind: str,
        account: AccountRow | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, accounts, kind=kind, account=account, parent=parent)
        self._info = account_fields.info_of(kind)
        self.rows: dict[str, FieldRow] = {}
        self._say_what_it_takes()
        self.inside.addWidget(self._build_fields())
        self.build_rest()

    def start(self) -> None:
        first = next(iter(self.rows.values()))
        first.editor.setFocus()
        super().start()

    def entered(self) -> Entered:
        """Return what is entered."""
        rows = self.rows.values()
        settings: dict[str, object] = {
            row.field.name: row.value() for row in rows if not row.field.secret and row.value()
        }
        secrets = {row.field.name: row.value() for row in rows if row.field.secret and row.value()}
        return Entered(settings=settings, secrets=secrets)

    # --- building ---

    def _say_what_it_takes(self) -> None:
        if self._info.demands:
            self.inside.addWidget(PlainLabel(_(self._info.demands), kind="muted", wrap=True))
        if url := self._info.help_url:
            link = link_button(_("How to get it"), clicked=partial(found_lines.browse, url))
            self.inside.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        self.inside.addSpacing(6)

    def _build_fields(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        known = self._account.settings if self._account is not None else {}
        for field in self._info.fields:
            if field.group not in _FIRST:
                continue
            value = "" if field.secret else account_fields.shown(field, known)
            row = FieldRow(self._context.theme, field, value)
            row.edited.connect(self._edited)
            if isinstance(row.editor, QLineEdit):
                row.editor.returnPressed.connect(self._go_on)
                if field.secret and self._account is None:
                    row.editor.setPlaceholderText("")
            if field.fixed and self._account is not None:
                row.setEnabled(False)
            self.rows[field.name] = row
            column.addWidget(row)
        return holder

    def _edited(self) -> None:
        self._attempt += 1
        if not self._busy:
            self._lines.clear()
            self._show_step(Step.SIGN_IN)

    # --- checking ---

    def _go_on(self) -> None:
        if self._saved_id is not None:
            self.finished.emit()
        elif not self._busy and not self._lacks_something():
            self._run(self._check())

    def _lacks_something(self) -> bool:
        for row in self.rows.values():
            row.calm()
        for row in self.rows.values():
            field, value = row.field, row.value()
            if not value and field.required and not (field.secret and self._account):
                row.complain(_("This is needed."))
                return True
            if not field.secret and not field.takes(value):
                row.complain(_("This cannot be right. Check it."))
                return True
        return False

    async def _check(self) -> None:
        if not await passphrase.unlock(self._context, self.window()):
            return
        entered, attempt = self.entered(), self._attempt
        self._set_busy(True)
        self._show_step(Step.CHECK)
        self._lines.clear()
        self._lines.say(_("Signing in…"), state="busy")

        def report(result: Check) -> None:
            if isValid(self) and attempt == self._attempt:
                self._show(result)

        try:
            account_id = await self._keep(entered, report)
        except UserError as error:
            if isValid(self) and error.code != "check-failed":
                self._lines.say(errors.sentence(error.code, error.values), state="bad")
            return
        finally:
            if isValid(self):
                self._lines.drop_busy()
                self._set_busy(False)
        if isValid(self):
            self._kept(account_id)

    async def _keep(self, entered: Entered, report: account_checks.Report) -> int:
        if self._account is None:
            return await account_checks.add(self._context, entered, report, kind=self._info.kind)
        return await account_checks.change(self._context, self._account, entered, report)

    def _show(self, result: Check) -> None:
        self._lines.drop_busy()
        said = channel_check_words(result)
        if result.ok:
            self._lines.say(said, state="ok", detail=result.detail)
            return
        line = self._lines.say(said, state="bad", detail=result.detail)
        copied = f"{said}\n{result.detail}"
        line.offer(link_button(_("Copy"), clicked=lambda: _copy(copied)))

    # --- for the page ---

    def _forget_secrets(self) -> None:
        for row in self.rows.values():
            if row.field.secret and isinstance(row.editor, QLineEdit):
                row.editor.clear()

    def _entries(self) -> tuple[QWidget, ...]:
        return tuple(self.rows.values())


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
