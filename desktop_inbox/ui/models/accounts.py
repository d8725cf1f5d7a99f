"""The accounts as the window shows them: what the database keeps and what the engine last said.

Lives on the UI thread.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.throttle import Throttle

if TYPE_CHECKING:
    from desktop_inbox.domain.changes import Changes
    from desktop_inbox.store.rows import AccountRow
    from desktop_inbox.sync.status import AccountStatus

_PAUSE_MS = 300


class Accounts(QObject):
    """The configured accounts and how each is doing."""

    changed = Signal()
    loaded = Signal()  # for the first time

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._live: dict[int, AccountStatus] = {}
        self._reloads = Throttle(self.reload, pause_ms=_PAUSE_MS, parent=self)
        self._tell = Throttle(self.changed.emit, pause_ms=_PAUSE_MS, parent=self)
        self.rows: list[AccountRow] = []
        self.business = ""  # what the owner calls it
        self.known = False
        context.bridge.changed.connect(self._follow)
        context.bridge.account_status.connect(self._take_status)

    def reload(self) -> None:
        self._context.start(self._reload())

    def row(self, account_id: int) -> AccountRow | None:
        return next((row for row in self.rows if row.id == account_id), None)

    @property
    def workspace_name(self) -> str:
        """What the owner calls the shop, else the name on outgoing mail, or where it goes to."""
        if self.business:
            return self.business
        for row in self.rows:
            return str(row.settings.get("name") or row.title)
        return "Desktop Inbox"

    def status(self, row: AccountRow) -> AccountStatus:
        """Return how an account is doing: the engine's last word, else what was stored."""
        live = self._live.get(row.id)
        if live is not None:
            return live
        from desktop_inbox.sync.status import stored  # the first frame knows of no account yet

        return stored(row)

    def statuses(self) -> list[tuple[AccountRow, AccountStatus]]:
        return [(row, self.status(row)) for row in self.rows]

    @property
    def last_sync_at(self) -> datetime | None:
        """When the account that is furthest behind was last in step, None if one never was."""
        moments = [
            status.last_sync_at or row.last_sync_at
            for row, status in self.statuses()
            if status.state != "paused"
        ]
        known = [moment.astimezone(UTC) for moment in moments if moment is not None]
        return min(known) if known and len(known) == len(moments) else None

    def _follow(self, changes: Changes) -> None:
        # Open counts depend on conversations.
        if changes.accounts or changes.conversations:
            self._reloads.ask()

    def _take_status(self, status: AccountStatus) -> None:
        before = self._live.get(status.account_id)
        self._live[status.account_id] = status
        if before is None or (before.state, before.cause) != (status.state, status.cause):
            self.changed.emit()
        elif before != status:
            self._tell.ask()  # how far it is: a few times a second is enough to read

    async def _reload(self) -> None:
        before = self.business, self.rows
        self.business, self.rows = await self._context.read(_business_and_rows)
        present = {row.id for row in self.rows}
        self._live = {key: status for key, status in self._live.items() if key in present}
        self._context.actions.set_state(account=bool(self.rows))
        first, self.known = not self.known, True
        if first:
            self.loaded.emit()
            self.changed.emit()
        elif before != (self.business, self.rows):
            self._tell.ask()


def _business_and_rows(conn: Any) -> tuple[str, list[AccountRow]]:
    from desktop_inbox.store import accounts, agents

    return agents.business_name(conn), accounts.counted(conn, accounts.list_all(conn))
