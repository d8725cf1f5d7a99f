"""Says in the message bar when a channel needs a person, once, and takes it back when it does not.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext, Banner
from desktop_inbox.ui.models.accounts import Accounts


class Troubles(QObject):
    """Follows the accounts. `sign_in` opens the page that mends one."""

    def __init__(
        self,
        context: AppContext,
        accounts: Accounts,
        *,
        sign_in: Callable[[AccountRow], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._accounts = accounts
        self._sign_in = sign_in
        self._window = window
        self._said: dict[int, tuple[State, str]] = {}
        accounts.changed.connect(self._follow)

    def _follow(self) -> None:
        for row, status in self._accounts.statuses():
            key = f"account:{row.id}"
            if status.state not in (State.NEEDS_SIGN_IN, State.FAILED):
                if self._said.pop(row.id, None) is not None:
                    self._context.banner_cleared.emit(key)
            elif self._said.get(row.id) != (status.state, status.cause):
                self._said[row.id] = (status.state, status.cause)
                self._context.banner.emit(self._banner(row, status, key=key))

    def _banner(self, row: AccountRow, status: AccountStatus, *, key: str) -> Banner:
        text = errors.account_sentence(row.title, status)
        if status.state is State.FAILED:
            return Banner(text=text, tone="warn", detail=status.detail, key=key)
        if status.detail in ("passphrase-needed", "wrong-passphrase"):
            return Banner(
                text=text,
                action_text=_("Unlock"),
                action=lambda: self._context.start(self._unlock()),
                key=key,
            )
        return Banner(
            text=text,
            detail=status.detail,
            action_text=_("Sign in again"),
            action=partial(self._sign_in, row),
            key=key,
        )

    async def _unlock(self) -> None:
        from desktop_inbox.ui.dialogs import passphrase

        if await passphrase.unlock(self._context, self._window) and self._context.engine:
            self._context.engine.kick()
