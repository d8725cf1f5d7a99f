"""How the accounts of one engine are: told to who listens, and written where others see it.

Runs on the engine loop; only `latest` and `subscribe` are for other threads.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable

from desktop_inbox.listeners import Listeners
from desktop_inbox.store import accounts
from desktop_inbox.store.database import StoreError, Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.sync.awaited_store import AwaitedStore
from desktop_inbox.sync.status import AccountStatus, State

log = logging.getLogger(__name__)

_SAVE_SECONDS = 0.3


class Statuses:
    """The latest status of every account."""

    def __init__(self, store: AwaitedStore) -> None:
        self._store = store
        self._listeners: Listeners[AccountStatus] = Listeners()
        self._latest: dict[int, AccountStatus] = {}
        self._unsaved: dict[int, AccountStatus] = {}

    def subscribe(self, listener: Callable[[AccountStatus], None]) -> Callable[[], None]:
        """Have `listener` called on the engine thread with every new status. Any thread.

        Returns the function that ends the subscription.
        """
        return self._listeners.subscribe(listener)

    @property
    def latest(self) -> dict[int, AccountStatus]:
        """The latest status of every account. Any thread."""
        return dict(self._latest)

    def put(self, status: AccountStatus) -> AccountStatus | None:
        """Take over a status; return the one before."""
        before = self._latest.get(status.account_id)
        self._latest[status.account_id] = self._unsaved[status.account_id] = status
        return before

    def tell(self, status: AccountStatus) -> None:
        """Tell everybody who listens."""
        self._listeners.tell(status)

    def keep_only(self, account_ids: Collection[int]) -> None:
        """Forget accounts that are there no more."""
        for key in set(self._latest) - set(account_ids):
            del self._latest[key]

    async def keep_saving(self) -> None:
        """Write states where other processes see them, at most a few times a second."""
        while True:
            await asyncio.sleep(_SAVE_SECONDS)
            await self.save()

    async def save(self) -> None:
        """Write what changed; where the store fails it is kept for the next time."""
        if not self._unsaved:
            return
        unsaved, self._unsaved = self._unsaved, {}
        try:
            await self._store.write(lambda tx: _save(tx, unsaved.values()))
        except StoreError as error:
            log.warning("states cannot be kept: %s", error.code)
            self._unsaved = unsaved | self._unsaved


def _save(tx: Tx, statuses: Iterable[AccountStatus]) -> None:
    for status in statuses:
        detail = {
            "cause": status.cause,
            "detail": status.detail,
            "step": status.step,
            "failures": status.failures,
            "until": None if status.until is None else to_milliseconds(status.until),
        }
        accounts.set_state(tx, status.account_id, status.state.value, detail=detail)
        if status.total:
            accounts.set_progress(tx, status.account_id, done=status.done, total=status.total)
        if status.state is State.ONLINE:
            accounts.set_synced(tx, status.account_id)
