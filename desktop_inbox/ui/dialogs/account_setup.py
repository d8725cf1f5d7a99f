"""Adds a channel, or signs in to one again: the address, what is found for it, a real check.

Receiving and sending are tested apart; each failure names its step, in words that can be copied.
No password leaves before the servers are known to be the right ones. UI thread only; whatever
talks to somebody runs on the engine's loop.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QLineEdit,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox.connectors.errors import AuthReason, NotConnected
from desktop_inbox.connectors.kinds import EMAIL
from desktop_inbox.connectors.setup import Check
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs import account_checks, found_lines, passphrase
from desktop_inbox.ui.dialogs.account_checks import Entered, Found
from desktop_inbox.ui.dialogs.account_words import address_words
from desktop_inbox.ui.dialogs.check_lines import show_browser, show_check
from desktop_inbox.ui.dialogs.found_lines import show_found, show_how_to_sign_in, show_unconnected
from desktop_inbox.ui.dialogs.manual_servers import ManualServers
from desktop_inbox.ui.dialogs.setup_page import SetupPage, Step
from desktop_inbox.ui.dialogs.setup_parts import (
    Complaint,
    OlderMail,
    add_complaint,
    add_line,
    entry,
    form,
)
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.views.controls import link_button

if TYPE_CHECKING:
    from desktop_inbox.connectors.email.discovery import Reach
    from desktop_inbox.connectors.oauth import Service

_LOOK_UP_MS = 400
# What an account that signs in with a password keeps nothing of.
_NO_BROWSER = {"oauth": "", "oauth_client_id": "", "oauth_token_url": ""}


class AccountSetup(SetupPage):
    """The page for an e-mail account."""

    def __init__(
        self,
        context: AppContext,
        accounts: Accounts,
        *,
        account: AccountRow | None = None,
        reach: Reach | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`reach` is how discovery asks the world; None is the real one."""
        super().__init__(context, accounts, kind=EMAIL, account=account, parent=parent)
        self._reach = reach
        self._found: Found | None = None
        self._looked_up = ""  # the address that was asked about
        self._confirmed = False  # a person says that these servers are the right ones
        self._touched_by_hand = False
        self._look_up = QTimer(self)
        self._look_up.setSingleShot(True)
        self._look_up.setInterval(_LOOK_UP_MS)
        self._look_up.timeout.connect(self._find_known)
        self._build()

    def start(self) -> None:
        """Fill in what is known and put the cursor where typing begins."""
        if self._account is None:
            self.address.setFocus()
        else:
            self.address.setText(self._account.address)
            self.address.setReadOnly(True)
            self.name.setText(str(self._account.settings.get("name", "")))
            self.manual.fill({name: str(one) for name, one in self._account.settings.items()})
            self._touched_by_hand = True
            self._find_known()
            self._remember_browser(self._account)
            self.password.setFocus()
        super().start()

    def _remember_browser(self, account: AccountRow) -> None:
        """Offer the browser to an account that signed in with it, whatever its provider is."""
        service = str(account.settings.get("oauth") or "")
        if service and self._found is None:
            known = self.manual.settings()
            found = Found(settings=known, oauth=service)
            self._take_found(found, account.address)

    # --- building ---

    def _build(self) -> None:
        self.inside.addWidget(self._build_form())
        self.manual = ManualServers(self._context.theme)
        self.manual.edited.connect(self._edited_by_hand)
        self.manual.entered.connect(self._go_on)
        self.manual.hide()
        self.inside.addWidget(self.manual)
        self._show_manual = link_button(_("Enter settings by hand"), clicked=self._open_manual)
        self.build_rest(self._show_manual)

    def _build_form(self) -> QWidget:
        self.address = entry(_("E-mail address"))
        self.name = entry(_("Your name"))
        self.name.setPlaceholderText(_("As customers see it, such as the name of your shop"))
        self.password = entry(_("Password"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.address.textEdited.connect(self._address_edited)
        self.password.textEdited.connect(lambda _text: self._edited())
        widget, grid = form()
        self.complaints: dict[QLineEdit, Complaint] = {}
        for field in (self.address, self.name, self.password):
            field.returnPressed.connect(self._go_on)
            add_line(grid, field.accessibleName(), field)
            self.complaints[field] = add_complaint(grid, field)
        self.older = OlderMail()
        if self._account is None:
            add_line(grid, _("Older mail"), self.older)
        return widget

    # --- what is typed ---

    def _address_edited(self) -> None:
        self._edited()
        self._forget_found()
        self._look_up.start()

    def _forget_found(self) -> None:
        self._found, self._looked_up, self._confirmed = None, "", False
        self._continue.setText(_("Continue"))

    def _edited(self) -> None:
        self._attempt += 1
        self._show_step(Step.SIGN_IN if self.address.text() else Step.CHANNEL)
        if not self._busy:
            self._lines.clear()

    def _edited_by_hand(self) -> None:
        self._touched_by_hand = True
        self._edited()

    def _typed_address(self) -> str:
        """Return the address, '' as long as it cannot be one."""
        address = self.address.text().strip()
        return "" if address_words(address) else address

    # --- what is found ---

    def _find_known(self) -> None:
        """Say at once what this program itself knows; nobody is asked while somebody types."""
        address = self._typed_address()
        found = account_checks.known_settings(address) if address else None
        if found is not None:
            self._take_found(found, address)

    async def _find(self, address: str) -> None:
        """Ask everybody who may know the servers of this address."""
        domain = address.rpartition("@")[2]
        self._lines.clear()
        self._lines.say(
            _("Looking for the settings of {domain}…").format(domain=domain), state="busy"
        )
        try:
            found = await account_checks.find_settings(self._context, address, reach=self._reach)
        except NotConnected:
            if isValid(self) and address == self._typed_address():
                self._say_unconnected(address)
            return
        if not isValid(self) or address != self._typed_address():
            return
        self._lines.drop_busy()
        if found is not None:
            self._take_found(found, address)
            if not found.known:
                self._open_manual()

    def _say_unconnected(self, address: str) -> None:
        """Nobody could be asked: that says nothing of the address, which is asked about again."""
        guess = account_checks.guessed(address)
        if guess is not None and not self._touched_by_hand:
            self.manual.fill(guess.settings)
        self._lines.clear()
        show_unconnected(self._lines, domain=address.rpartition("@")[2], try_again=self._go_on)

    def _take_found(self, found: Found, address: str) -> None:
        self._found, self._looked_up = found, address
        if not self._touched_by_hand:
            self.manual.fill(found.settings)
        self._lines.clear()
        self._show_found()

    def _show_found(self) -> None:
        found = self._found
        if found is None:
            return
        asks = self._waits_for_a_yes() and not self._confirmed
        show_found(self._lines, found, domain=self._looked_up.rpartition("@")[2], asks=asks)
        if asks:
            self._continue.setText(_("Yes, use it"))
        show_how_to_sign_in(
            self._lines, found, settings=self._context.settings, use_browser=self._use_browser
        )

    # --- entering by hand ---

    def _open_manual(self) -> None:
        self.manual.show()
        self._show_manual.hide()
        self.manual.fields["imap_host"].setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_sending(self) -> None:
        self._open_manual()
        self.manual.fields["smtp_host"].setFocus(Qt.FocusReason.OtherFocusReason)

    def entered(self) -> Entered:
        """Return what is entered."""
        settings: dict[str, object] = {"address": self.address.text().strip()}
        if self.name.text().strip():
            settings["name"] = self.name.text().strip()
        settings |= self.manual.settings()
        password = self.password.text()
        if self._account is None:
            settings |= self.older.settings()
        elif password:
            settings |= _NO_BROWSER
        return Entered(settings=settings, secrets={"password": password} if password else {})

    # --- checking ---

    def _go_on(self) -> None:
        if self._saved_id is not None:
            self.finished.emit()
            return
        if self._busy or self._lacks_something():
            return
        if self._waits_for_a_yes():
            self._confirmed = True
            self._continue.setText(_("Continue"))
        self._run(self._find_and_check())

    def _lacks_something(self) -> bool:
        wrong = {
            self.address: address_words(self.address.text().strip()),
            self.password: self._password_words(),
        }
        for field, words in wrong.items():
            if words:
                self.complaints[field].say(words)
                return True
        return False

    def _password_words(self) -> str:
        """Return what to do where a password is needed and missing."""
        if self._account is not None or self.password.text():
            return ""
        service = self._found.oauth if self._found is not None else ""
        if service and account_checks.client_id(self._context.settings, service):
            return _("Type the password, or sign in through the browser below.")
        return _("Type the password of this mailbox. Without it nothing can be received.")

    def _waits_for_a_yes(self) -> bool:
        found = self._found
        return found is not None and not found.proven and not self._touched_by_hand

    async def _find_and_check(self) -> None:
        address = self._typed_address()
        if not self._touched_by_hand and self._looked_up != address:
            self._set_busy(True)
            try:
                await self._find(address)
            finally:
                self._set_busy(False)
            found = self._found
            if not isValid(self) or found is None or not found.known or self._waits_for_a_yes():
                return  # a person looks at it first
        if not await passphrase.unlock(self._context, self.window()):
            return
        await self._check(self.entered())

    async def _check(self, entered: Entered) -> None:
        self._set_busy(True)
        self._show_step(Step.CHECK)
        self._lines.clear()
        self._show_found()
        self._lines.say(_("Signing in…"), state="busy")
        attempt = self._attempt
        refused = False

        def report(result: Check) -> None:
            nonlocal refused
            refused = refused or result.cause == AuthReason.SIGN_IN
            if isValid(self) and attempt == self._attempt:
                show_check(
                    self._lines,
                    result,
                    entered,
                    edit_receiving=self._open_manual,
                    edit_sending=self._open_sending,
                )

        try:
            if self._account is None:
                account_id = await account_checks.add(self._context, entered, report)
            else:
                account_id = await account_checks.change(
                    self._context, self._account, entered, report
                )
        except UserError as error:
            if isValid(self) and error.code != "check-failed" and attempt == self._attempt:
                self._lines.say(errors.sentence(error.code, error.values), state="bad")
            return
        finally:
            if isValid(self):
                self._lines.drop_busy()
                self._set_busy(False)
                if refused and attempt == self._attempt:
                    self.password.setFocus(Qt.FocusReason.OtherFocusReason)
                    self.password.selectAll()
        if isValid(self):
            self._kept(account_id)

    # --- signing in through the browser ---

    def _use_browser(self, service: Service) -> None:
        if not self._busy:
            self.complaints[self.password].calm()
            self._run(self._sign_in(service))

    async def _sign_in(self, service: Service) -> None:
        if not await passphrase.unlock(self._context, self.window()):
            return
        self._set_busy(True)
        self._lines.clear()
        try:
            signed_in = await account_checks.sign_in(
                self._context,
                service,
                login_hint=self._typed_address(),
                open_page=partial(self._show_page, service),
            )
        except UserError as error:
            if isValid(self):
                self._lines.clear()
                self._show_found()
                self._lines.say(errors.sentence(error.code, error.values), state="bad")
            return
        except asyncio.CancelledError:
            if isValid(self):
                self._lines.clear()
                self._show_found()
            raise
        finally:
            if isValid(self):
                self._set_busy(False)
        if isValid(self):
            entered = self.entered()
            await self._check(
                Entered(
                    settings={**entered.settings, **signed_in.settings}, secrets=signed_in.secrets
                )
            )

    def _show_page(self, service: Service, url: str) -> None:
        if isValid(self):
            found_lines.browse(url)
            show_browser(self._lines, service, url, give_up=self._give_up)

    # --- for the page ---

    def _forget_secrets(self) -> None:
        self.password.clear()

    def _entries(self) -> tuple[QWidget, ...]:
        return (self.address, self.name, self.password, self.older)
