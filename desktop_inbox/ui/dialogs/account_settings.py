"""Everything that can be changed of a channel after it was added, by what its connector declares.

What decides the connection is tried on a server before it is kept; an error is said at its field.
UI thread only.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox import words
from desktop_inbox.connectors.kinds import EMAIL
from desktop_inbox.connectors.setup import Check, FieldGroup
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import N_, _
from desktop_inbox.services import account_fields, accounts
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.dialogs import account_checks, passphrase
from desktop_inbox.ui.dialogs.account_fields import FieldRow
from desktop_inbox.ui.dialogs.account_words import check_words
from desktop_inbox.ui.dialogs.tabbed import TabbedCard, rule
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.device_card import DeviceCard
from desktop_inbox.ui.views.link_card import LinkCard

_PAGES = (
    (N_("Account"), "circle-user", (FieldGroup.ACCOUNT, FieldGroup.CONNECTION)),
    (N_("On the server"), "server", (FieldGroup.MAILBOX,)),
    (N_("Conversations"), "message-square-text", (FieldGroup.CONVERSATIONS,)),
    (N_("Automatic"), "zap", (FieldGroup.AUTOMATIC,)),
)
# The refusals that are about one field without naming it.
_ABOUT = {"answer-empty": "auto_answer_text", "text-too-long": "auto_answer_text"}


class AccountSettings(TabbedCard):
    """The settings of one channel; nothing is kept before Save is pressed."""

    saved = Signal()

    def __init__(self, context: AppContext, account: AccountRow, parent: QWidget) -> None:
        super().__init__(context, parent, title=account.address)
        self._account = account
        self._info = account_fields.info_of(account.kind)
        self._busy = False
        self.rows: dict[str, FieldRow] = {}
        self._page_of: dict[str, int] = {}
        fields = [field for field in self._info.fields if not field.fixed]
        pages = [page for page in _PAGES if any(field.group in page[2] for field in fields)]
        for number, (title, icon, groups) in enumerate(pages or _PAGES[:1]):
            self.add_page(_(title), icon, self._page(number, groups))
        self._build_foot()

    def open(self) -> None:
        self.show_card()

    @property
    def is_edited(self) -> bool:
        """Whether something would be lost with it."""
        return any(row.is_edited for row in self.rows.values())

    @property
    def said(self) -> str:
        """What the foot says."""
        return self._state.text()

    def dismiss(self) -> None:
        """Go away, unless something is entered: that takes Save or Cancel."""
        if self.is_edited and not self._busy:
            self._state.setText(_("Not saved yet. Save it, or cancel."))
            return
        super().dismiss()

    # --- building ---

    def _page(self, number: int, groups: tuple[FieldGroup, ...]) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 4, 24, 8)
        column.setSpacing(14)
        for field in self._info.fields:
            if field.group in groups and not field.fixed:
                value = "" if field.secret else account_fields.shown(field, self._account.settings)
                row = FieldRow(self._context.theme, field, value)
                row.edited.connect(self._on_edited)
                self.rows[field.name] = row
                self._page_of[field.name] = number
                column.addWidget(row)
        link = self._info.link_of(self._account.address) if self._info.link_of else ""
        if link and number == 0:
            column.addWidget(LinkCard(self._context.theme, link))
        column.addStretch(1)
        if self._info.device_of is not None and number == 0:
            self._context.start(self._tell_device(column), name="account device")
        return page

    async def _tell_device(self, column: QVBoxLayout) -> None:
        """Say which device this program is to others, once it has signed in."""
        workspace, account = self._context.workspace, self._account
        device = await asyncio.to_thread(accounts.device, workspace, account)
        if device is not None and isValid(self):
            column.insertWidget(column.count() - 1, DeviceCard(device))

    def _build_foot(self) -> None:
        self._state = PlainLabel(kind="caption", wrap=True)
        self._cancel = button(_("Cancel"), kind="ghost", clicked=super().dismiss)
        self._save = button(_("Save"), kind="primary", clicked=self.save)
        self._save.setEnabled(False)
        self.default = self._save
        row = QHBoxLayout()
        row.setContentsMargins(24, 12, 24, 14)
        row.setSpacing(8)
        row.addWidget(self._state, 1)
        row.addWidget(self._cancel)
        row.addWidget(self._save)
        self.card_layout.addWidget(rule())
        self.card_layout.addLayout(row)

    def _on_edited(self) -> None:
        self._state.setText("")
        self._save.setEnabled(self.is_edited and not self._busy)

    # --- keeping it ---

    def save(self) -> None:
        """Keep what is entered, once it has turned out to work."""
        if self._busy or not self.is_edited:
            return
        for row in self.rows.values():
            row.calm()
        edited = [row for row in self.rows.values() if row.is_edited]
        settings = {row.field.name: row.value() for row in edited if not row.field.secret}
        secrets = {row.field.name: row.value() for row in edited if row.field.secret}
        self._context.start(self._keep(settings, secrets), name="account settings")

    async def _keep(self, settings: dict[str, str], secrets: dict[str, str]) -> None:
        connects = bool(secrets) or account_fields.decide_connection(self._info, settings)
        if connects and not await passphrase.unlock(self._context, self.window()):
            return
        self._set_busy(True, words=_("Trying the server…") if connects else "")
        try:
            await account_checks.update(self._context, self._account, settings, secrets)
        except UserError as error:
            if not isValid(self):  # it was left meanwhile; the message bar says it
                raise
            self._refuse(error)
        else:
            self._context.notice.emit(
                Notice(text=_("Saved: {name}").format(name=self._account.title))
            )
            if isValid(self):
                super().dismiss()
        finally:
            if isValid(self):
                self._set_busy(False)

    def _set_busy(self, busy: bool, *, words: str | None = None) -> None:
        self._busy = busy
        self._pages.setEnabled(not busy)
        self._save.setEnabled(not busy and self.is_edited)
        if words is not None:
            self._state.setText(words)

    def _refuse(self, error: UserError) -> None:
        """Say what is wrong, at the field it is about where there is one."""
        name = str(error.values.get("name", _ABOUT.get(error.code, "")))
        text = errors.sentence(error.code, self._with_title(error.values))
        if error.code == "check-failed":
            name, text = self._failed_field(error), self._failed_words(error)
        self._state.setText("")
        self._pages.setEnabled(True)
        row = self.rows.get(name)
        if row is None:
            self._state.setText(text)
            return
        self.open_page(self._page_of[name])
        row.complain(text)

    def _with_title(self, values: dict[str, object]) -> dict[str, object]:
        row = self.rows.get(str(values.get("name", "")))
        return {**values, "name": _(row.field.title)} if row is not None else values

    def _failed_field(self, error: UserError) -> str:
        side, _colon, step = str(error.values["step"]).partition(":")
        if self._account.kind != EMAIL:
            secrets = (name for name, row in self.rows.items() if row.field.secret)
            return next(secrets, "") if step == "sign-in" else ""
        if step == "sign-in":
            return "password"
        return "smtp_host" if side == "send" else "imap_host"

    def _failed_words(self, error: UserError) -> str:
        values = error.values
        if self._account.kind != EMAIL:
            why = errors.cause_words(str(values.get("cause", "")))
            told = (f"{words.step(str(values['step']))}.", why, str(values.get("detail", "")))
            return " ".join(filter(None, told))
        check = Check(step=str(values["step"]), ok=False, cause=str(values.get("cause", "")))
        side = "smtp" if check.step.startswith("send") else "imap"
        where = ":".join(
            filter(None, (self.rows[f"{side}_{part}"].value() for part in ("host", "port")))
        )
        detail = str(values.get("detail", ""))
        return f"{check_words(check, where=where)} {detail}".rstrip()
