"""What the engine does for the workspace itself: a look after a crash, daily copies, tidying up.

One task on the engine loop; the work is done on a thread of its own, while nothing else is written.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desktop_inbox.listeners import Listeners
from desktop_inbox.store import backup, health, maintenance
from desktop_inbox.store.database import DatabaseCorrupt, StoreError, utc_now
from desktop_inbox.store.driver import GivenUp
from desktop_inbox.store.lock import EngineLock
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync import channel_files
from desktop_inbox.sync.aside import aside
from desktop_inbox.sync.quiet import Quiet

log = logging.getLogger(__name__)

_QUIET = timedelta(minutes=1)  # without a commit: nobody is busy
_PATIENCE = timedelta(hours=1)  # then it is done although somebody is always busy
_ROUND = timedelta(minutes=10)


class Trouble(StrEnum):
    """What is wrong with the workspace; each has one sentence in the interface."""

    NONE = "none"
    DAMAGED = "database-corrupt"
    NO_COPY = "backup-failed"  # there is no room for one, or it cannot be written


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How the workspace is."""

    trouble: Trouble = Trouble.NONE
    detail: str = ""  # SQLite's or the system's own words


class Upkeep:
    """Looks after one workspace while its engine runs."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        wants_copies: Callable[[], bool] = lambda: True,
        quiet: timedelta = _QUIET,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.condition = Condition()
        self._workspace = workspace
        self._db = workspace.db
        self._wants_copies = wants_copies
        self._quiet = quiet
        self._now = now
        self._tidied_at: datetime | None = None
        self._calm = Quiet(workspace.db)
        self._ending = threading.Event()  # for what is still busy on its thread
        self._listeners: Listeners[Condition] = Listeners()

    def subscribe(self, listener: Callable[[Condition], None]) -> Callable[[], None]:
        """Have `listener` called on the engine thread when the condition changes. Any thread.

        Returns the function that ends the subscription.
        """
        return self._listeners.subscribe(listener)

    async def run(self, lock: EngineLock) -> None:
        """Look after the workspace until cancelled. `lock` is the engine's, and is held."""
        self._ending.clear()
        try:
            with self._calm.listening():
                if lock.crashed:
                    await self._look_over(lock)
                while True:
                    await self._calm.wait(self._quiet, patience=_PATIENCE)
                    await self._keep_copy()
                    await self._tidy_up()
                    await asyncio.sleep(_ROUND.total_seconds())
        except GivenUp:
            log.info("upkeep ended in the middle")
        finally:
            self._ending.set()

    async def _look_over(self, lock: EngineLock) -> None:
        """Read the whole file once: whatever killed the last engine may have harmed it."""
        faults = await aside(
            health.faults_of_file, self._db.path, key=self._db.key, give_up=self._ending.is_set
        )
        if faults:
            log.error("the database is damaged: %s", "; ".join(faults[:3]))
            await self._is_damaged("\n".join(faults))
        else:
            log.info("the database is whole after a crash")
            await aside(health.forget_damage, self._db.path)
            lock.looked_over()

    async def _is_damaged(self, detail: str) -> None:
        """Say so, and have the next start offer to recover it, which takes a closed file."""
        try:
            await aside(health.note_damage, self._db.path, detail)
        except StoreError as error:
            log.warning("the damage could not be noted: %s", error.code)
        self._say(Trouble.DAMAGED, detail)

    async def _keep_copy(self) -> None:
        """Take the day's copy. What fails is said, and tried again in the next round."""
        now = self._now()
        if not self._wants_copies() or not backup.is_due(self._db.path, now=now):
            return
        try:
            await aside(
                backup.take,
                self._db.path,
                key=self._db.key,
                now=now,
                give_up=self._ending.is_set,
            )
            await aside(channel_files.keep_copies, self._workspace.data_dir)
        except DatabaseCorrupt as error:
            log.error("no copy of a damaged database: %s", error.detail)
            await self._is_damaged(error.detail)
        except StoreError as error:
            log.warning("no copy of the database: %s", error.code)
            self._say(Trouble.NO_COPY, error.detail)
        else:
            if self.condition.trouble is Trouble.NO_COPY:
                self._say(Trouble.NONE)

    async def _tidy_up(self) -> None:
        now = self._now()
        damaged = self.condition.trouble is Trouble.DAMAGED
        if damaged or (self._tidied_at and now - self._tidied_at < backup.EVERY):
            return
        self._tidied_at = now
        try:
            await aside(maintenance.tidy, self._db)
            swept = await aside(maintenance.sweep, self._db, self._workspace.files, now=now)
        except StoreError as error:
            log.info("not tidied: %s", error.code)
        else:
            log.info("%d files removed that nothing names, %d bytes", swept.count, swept.size)

    def _say(self, trouble: Trouble, detail: str = "") -> None:
        self.condition = Condition(trouble=trouble, detail=detail)
        self._listeners.tell(self.condition)
