"""What fills the window beside the navigation: the panes, the welcome page, or adding a channel.

UI thread only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop_inbox.ui.action_table import CARD, SCOPE
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.accounts import Accounts

if TYPE_CHECKING:
    from desktop_inbox.store.rows import AccountRow
    from desktop_inbox.ui.dialogs.setup_page import SetupPage
    from desktop_inbox.ui.dialogs.welcome import Welcome

_BY_HAND = "phone"  # the channel that has no service to set up


class Pages(QStackedWidget):
    """One page at a time; those beside the panes are built when they are first asked for."""

    turned = Signal()  # another page may be shown now
    sample_requested = Signal()

    def __init__(
        self, context: AppContext, accounts: Accounts, panes: QWidget, *, with_sample: bool
    ) -> None:
        super().__init__()
        self._context = context
        self._accounts = accounts
        self._panes = panes
        self._with_sample = with_sample
        self._first = False  # there was no account when setting one up began
        self.welcome: Welcome | None = None
        self.setup: SetupPage | None = None
        self.addWidget(panes)

    @property
    def welcoming(self) -> bool:
        """Whether the welcome page is shown, which stands alone."""
        return self.welcome is not None and self.currentWidget() is self.welcome

    @property
    def alone(self) -> bool:
        """Whether there is nothing to go to beside the page: the first account is being added."""
        return self.welcoming or (self.setup is not None and self._first)

    def minimumSizeHint(self) -> QSize:
        """What the page that is shown needs; the others are hidden, and laid out no more."""
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()

    def turn(self) -> None:
        """Show the page that is due: the panes, or the welcome page while there is no account."""
        if self.setup is not None:
            self.setCurrentWidget(self.setup)
        elif self._accounts.known and not self._accounts.rows:
            self.setCurrentWidget(self.welcome or self._build_welcome())
        else:
            self.setCurrentWidget(self._panes)
        self.turned.emit()

    def _build_welcome(self) -> Welcome:
        from desktop_inbox.ui.dialogs.welcome import Welcome

        self.welcome = Welcome(self._context, with_sample=self._with_sample)
        self.welcome.add_requested.connect(self.add_account)
        self.welcome.sample_requested.connect(self.sample_requested)
        self.addWidget(self.welcome)
        return self.welcome

    def add_account(self) -> None:
        """Show the page that adds a channel."""
        self._open_setup()

    def sign_in_again(self, account: AccountRow) -> None:
        """Show the same page for an account that is known already."""
        self._open_setup(account=account)

    def _open_setup(self, kind: str = "", *, account: AccountRow | None = None) -> None:
        if kind == _BY_HAND and account is None:
            self._context.actions["phone.log"].trigger()  # its log begins with the first note
            return
        self._drop_setup()
        self._first = self._accounts.known and not self._accounts.rows
        self.setup = self._make_setup(kind, account)
        self.setup.setProperty(SCOPE, CARD)  # the panes under it do not answer to keys
        self.setup.finished.connect(self.close_setup)
        self.setup.channel_chosen.connect(self._open_setup)
        self.addWidget(self.setup)
        self.turn()
        self.setup.start()

    def _make_setup(self, kind: str, account: AccountRow | None) -> SetupPage:
        from desktop_inbox.connectors.kinds import EMAIL

        kind = account.kind if account is not None else kind or EMAIL
        if kind == EMAIL:
            from desktop_inbox.ui.dialogs.account_setup import AccountSetup

            return AccountSetup(self._context, self._accounts, account=account)
        from desktop_inbox.ui.dialogs.channel_setup import ChannelSetup

        return ChannelSetup(self._context, self._accounts, kind=kind, account=account)

    def close_setup(self) -> None:
        """Go back to what was shown before a channel was added. Nothing happens without."""
        if self._drop_setup():
            self.turn()

    def _drop_setup(self) -> bool:
        setup, self.setup = self.setup, None
        if setup is not None:
            self.removeWidget(setup)
            setup.setParent(self)  # or Python would end it, on whatever thread it collects
            setup.hide()
            setup.deleteLater()
        return setup is not None
