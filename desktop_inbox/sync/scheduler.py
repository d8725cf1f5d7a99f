"""What happens at its time by itself: snoozed conversations come back, clocks run out (H1, B14).

A task on the engine loop that sleeps until the next due time; what came due while the computer
was off happens at the start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import conversations, events, service_levels
from desktop_inbox.store.database import Database, StoreError, Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.rows import ConversationRow

log = logging.getLogger(__name__)

_LONGEST_SLEEP_SECONDS = 60.0  # clocks are set and computers sleep; look again
_AFTER_FAILURE_SECONDS = 5.0


class Scheduler:
    """Wakes what is due."""

    def __init__(
        self, db: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._db = db
        self._now = now
        self._news = asyncio.Event()
        self._looked_at = now()

    def nudge(self) -> None:
        """Look at the table again: something may have been snoozed."""
        self._news.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._news.clear()
            try:
                await self._wake_due()
                seconds = await self._until_next()
            except StoreError as error:
                log.warning("the scheduler waits: %s", error.code)
                seconds = _AFTER_FAILURE_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._news.wait()

    async def _wake_due(self) -> None:
        due = await asyncio.wrap_future(
            self._db.read(lambda conn: conversations.due_snoozes(conn, self._now()))
        )
        if due:
            await asyncio.wrap_future(self._db.write(lambda tx: wake(tx, due)))
        await self._tell_of_clocks()

    async def _tell_of_clocks(self) -> None:
        """Have those read again whose time is over since the last look, or nearly."""
        after, until = self._looked_at, self._now()
        reached = await asyncio.wrap_future(
            self._db.read(lambda conn: service_levels.reached(conn, after=after, until=until))
        )
        if reached:
            await asyncio.wrap_future(self._db.write(lambda tx: tx.touch(conversation=reached)))
        self._looked_at = until

    async def _until_next(self) -> float:
        after = self._looked_at
        moments = await asyncio.wrap_future(
            self._db.read(
                lambda conn: (
                    conversations.next_snooze(conn),
                    service_levels.next_moment(conn, after=after),
                )
            )
        )
        until = min((moment for moment in moments if moment is not None), default=None)
        if until is None:
            return _LONGEST_SLEEP_SECONDS
        left = (until - self._now()).total_seconds()
        return min(max(left, 0.0), _LONGEST_SLEEP_SECONDS)


def wake(tx: Tx, uids: list[str]) -> None:
    """Bring these conversations back, if they are still snoozed, as the program's own doing."""
    keys = [key for uid in uids if (key := conversations.by_uid(tx.conn, uid)) is not None]
    for row in conversations.rows(tx.conn, keys).values():
        if row.status is Status.SNOOZED:
            reopen(tx, row, kind="conversation.woke")


def reopen(tx: Tx, row: ConversationRow, *, kind: str) -> None:
    """Record that a conversation is open again by itself."""
    before: dict[str, object] | None = None
    if row.snoozed_until is not None or row.snoozed_until_reply:
        until = None if row.snoozed_until is None else to_milliseconds(row.snoozed_until)
        before = {"until": until, "until_reply": row.snoozed_until_reply}
    events.record(
        tx,
        kind,
        [
            FieldChange("conversation", row.uid, "status", row.status.value, Status.OPEN.value),
            FieldChange("conversation", row.uid, "snooze", before, None),
        ],
        conversation=row.uid,
        group_uid=new_uid(tx.now),
        actor="system",
    )
