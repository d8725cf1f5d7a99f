"""The accounts as the window shows them: what the database keeps and what the engine last said.

Lives on the UI thread.
"""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from desktop_inbox.domain.changes import Changes
from desktop_inbox.store import accounts
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui.context import AppContext

# States in which an account does its work.
WORKING = frozenset({State.ONLINE, State.CATCHING_UP})


class Accounts(QObject):
    """The configured accounts and how each is doing."""

    changed = Signal()
    loaded = Signal()  # for the first time

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._live: dict[int, AccountStatus] = {}
        self.rows: list[AccountRow] = []
        self.known = False
        context.bridge.changed.connect(self._follow)
        context.bridge.account_status.connect(self._take_status)

    def reload(self) -> None:
        self._context.start(self._reload())

    def row(self, account_id: int) -> AccountRow | None:
        return next((row for row in self.rows if row.id == account_id), None)

    def status(self, row: AccountRow) -> AccountStatus:
        """Return how an account is doing: the engine's last word, else what was stored."""
        live = self._live.get(row.id)
        if live is not None:
            return live
        return AccountStatus(
            account_id=row.id,
            state=_state(row),
            cause=str(row.state_detail.get("cause", "")),
            detail=str(row.state_detail.get("detail", "")),
            step=str(row.state_detail.get("step", "")),
            done=row.progress_done,
            total=row.progress_total,
            last_sync_at=row.last_sync_at,
        )

    def statuses(self) -> list[tuple[AccountRow, AccountStatus]]:
        return [(row, self.status(row)) for row in self.rows]

    @property
    def last_sync_at(self) -> datetime | None:
        """When the account that is furthest behind was last in step, None if one never was."""
        moments = [
            status.last_sync_at or row.last_sync_at
            for row, status in self.statuses()
            if status.state is not State.PAUSED
        ]
        known = [moment.astimezone(UTC) for moment in moments if moment is not None]
        return min(known) if known and len(known) == len(moments) else None

    def _follow(self, changes: Changes) -> None:
        # Open counts depend on conversations.
        if changes.accounts or changes.conversations:
            self.reload()

    def _take_status(self, status: AccountStatus) -> None:
        self._live[status.account_id] = status
        self.changed.emit()

    async def _reload(self) -> None:
        self.rows = await self._context.read(accounts.list_all)
        present = {row.id for row in self.rows}
        self._live = {key: status for key, status in self._live.items() if key in present}
        self._context.actions.set_state(account=bool(self.rows))
        first, self.known = not self.known, True
        if first:
            self.loaded.emit()
        self.changed.emit()


def _state(row: AccountRow) -> State:
    if not row.enabled:
        return State.PAUSED
    return State(row.state) if row.state in set(State) else State.STARTING
