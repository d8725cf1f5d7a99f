"""Which accounts do not work, since when, and which of them a person is to be told of (rule L2).

UI thread only; told of by `Accounts`, decided by `domain.notices`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from desktop_inbox.domain.notices import Happened, Kind, account_is_due
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui import errors
from desktop_inbox.ui.models.accounts import Accounts

_OFF = frozenset({State.WAITING, State.NEEDS_SIGN_IN, State.FAILED})


class Disconnected:
    """Remembers when each account stopped working, until it works again."""

    def __init__(self, accounts: Accounts, *, now: Callable[[], datetime]) -> None:
        self._accounts = accounts
        self._now = now
        self._since: dict[int, datetime] = {}

    def __bool__(self) -> bool:
        """Tell whether any account does not work."""
        return bool(self._since)

    def follow(self) -> None:
        """Look at how the accounts are doing now."""
        now, known = self._now(), set()
        for row, status in self._accounts.statuses():
            known.add(row.id)
            if status.working or status.state is State.PAUSED:
                self._since.pop(row.id, None)
            elif status.state in _OFF or status.failures:
                self._since.setdefault(row.id, now)
        for gone in set(self._since) - known:
            del self._since[gone]

    @property
    def keys(self) -> set[str]:
        """What names the accounts that do not work, among all that happens."""
        return {_key(row) for row, _status in self._accounts.statuses() if row.id in self._since}

    def due(self, told_at: Mapping[str, datetime]) -> list[Happened]:
        """Return what is to be told now; `told_at` is by key, when that was done last."""
        return [
            _happened(row, status, since)
            for row, status in self._accounts.statuses()
            if (since := self._since.get(row.id)) is not None
            and account_is_due(
                failures=status.failures,
                since=since,
                told_at=told_at.get(_key(row)),
                now=self._now(),
            )
        ]


def _key(row: AccountRow) -> str:
    return f"account:{row.uid}"


def _happened(row: AccountRow, status: AccountStatus, since: datetime) -> Happened:
    return Happened(
        kind=Kind.ACCOUNT,
        key=_key(row),
        at=since,
        account=row.uid,
        who=row.title,
        text=errors.account_words(status),
    )
