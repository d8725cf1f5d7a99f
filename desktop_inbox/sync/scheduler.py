"""What happens at its time by itself: conversations come back, clocks run out (H1, H3, B14).

A task on the engine loop that sleeps until the next due time; what came due while the computer
was off happens at the start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from desktop_inbox.domain.reply_windows import ASKED_AHEAD
from desktop_inbox.store import conversations, reply_windows, service_levels, snoozes
from desktop_inbox.store.database import Database, StoreError
from desktop_inbox.store.moments import utc_now
from desktop_inbox.sync import coming_back, patience

log = logging.getLogger(__name__)

_LONGEST_SLEEP_SECONDS = 60.0  # clocks are set and computers sleep; look again
_AFTER_FAILURE_SECONDS = 5.0
_SLEPT = timedelta(seconds=_LONGEST_SLEEP_SECONDS + 30)  # between two looks: no mere load
_CLOCKS = (service_levels, reply_windows)  # what is told of as its time comes


class Scheduler:
    """Wakes what is due."""

    def __init__(self, db: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._db = db
        self._now = now
        self._news = asyncio.Event()
        self._looked_at = self._awake_since = now()

    def nudge(self) -> None:
        """Look at the table again: something may have been snoozed."""
        self._news.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._news.clear()
            try:
                await self._wake_due()
                seconds = 0.0 if await self._renew_clocks() else await self._until_next()
            except StoreError as error:
                log.warning("the scheduler waits: %s", error.code)
                seconds = _AFTER_FAILURE_SECONDS
            await patience.wait_for(self._news, seconds=seconds)

    async def _wake_due(self) -> None:
        for find, bring_back in (
            (conversations.due_snoozes, coming_back.wake),
            (snoozes.due_follow_ups, coming_back.remind),
        ):
            due = await asyncio.wrap_future(self._db.read(partial(find, now=self._now())))
            if due:
                await asyncio.wrap_future(self._db.write(partial(bring_back, uids=due)))
        self._notice_sleep()
        await self._tell_of_clocks()
        await self._keep_windows_open()

    def _notice_sleep(self) -> None:
        if self._now() - self._looked_at > _SLEPT:
            self._awake_since = self._now()

    async def _tell_of_clocks(self) -> None:
        """Have those read again whose time is over since the last look, or nearly."""
        after, until = self._looked_at, self._now()
        reached = await asyncio.wrap_future(
            self._db.read(
                lambda conn: [
                    key for one in _CLOCKS for key in one.reached(conn, after=after, until=until)
                ]
            )
        )
        if reached:
            await asyncio.wrap_future(self._db.write(lambda tx: tx.touch(conversation=reached)))
        self._looked_at = until

    async def _keep_windows_open(self) -> None:
        """Have those asked to write again whose windows end within the hour (rule M4)."""
        until, since = self._now(), self._awake_since
        ending = partial(
            reply_windows.reached, after=until - ASKED_AHEAD, until=until, ahead=(ASKED_AHEAD,)
        )
        wanted = await asyncio.wrap_future(self._db.read(ending))
        if not wanted:
            return
        from desktop_inbox.sync import keep_open  # what such channels alone need

        if await asyncio.wrap_future(
            self._db.read(partial(keep_open.due, wanted=wanted, now=until, since=since))
        ):
            await asyncio.wrap_future(
                self._db.write(partial(keep_open.ask, wanted=wanted, since=since))
            )

    async def _renew_clocks(self) -> bool:
        """Compute some clocks anew after what is promised has changed; True where more are left."""
        if not await asyncio.wrap_future(self._db.read(service_levels.waits_for_renewal)):
            return False
        return await asyncio.wrap_future(self._db.write(service_levels.renew_some, durable=False))

    async def _until_next(self) -> float:
        moments = await asyncio.wrap_future(
            self._db.read(partial(_next_moments, after=self._looked_at))
        )
        until = min((moment for moment in moments if moment is not None), default=None)
        if until is None:
            return _LONGEST_SLEEP_SECONDS
        left = (until - self._now()).total_seconds()
        return min(max(left, 0.0), _LONGEST_SLEEP_SECONDS)


def _next_moments(conn: Any, *, after: datetime) -> list[datetime | None]:
    return [
        conversations.next_snooze(conn),
        snoozes.next_follow_up(conn),
        *(one.next_moment(conn, after=after) for one in _CLOCKS),
        reply_windows.next_moment(conn, after=after, ahead=(ASKED_AHEAD,)),
    ]
