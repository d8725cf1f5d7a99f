"""What works for one account: its runner, its outbox lane and what else follows the link.

Runs on the engine loop.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING

from desktop_inbox.connectors.kinds import EMAIL
from desktop_inbox.domain.identities import SETTING, addresses_of
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.draft_copies import DraftCopies
from desktop_inbox.sync.ledger import Ledger
from desktop_inbox.sync.outbox import Lane
from desktop_inbox.sync.runner import Runner
from desktop_inbox.sync.server_lane import ServerLane
from desktop_inbox.sync.status import State

if TYPE_CHECKING:
    from desktop_inbox.sync.media import Media

log = logging.getLogger(__name__)

FINISH_SECONDS = 20.0  # for what is on the wire when an account stops


def identity(row: AccountRow) -> tuple[object, ...]:
    """Return what the connector depends on; a change restarts it."""
    # Names and signatures are read when something is sent; addresses tell whose mail comes in.
    settings = {name: value for name, value in row.settings.items() if name != SETTING}
    own = sorted(addresses_of(row.settings, address=row.address))
    return row.kind, row.address, json.dumps(settings, sort_keys=True), *own


class AccountWork:
    """The tasks of one account, from `start` to `stop`."""

    def __init__(self, workspace: Workspace, row: AccountRow, runner: Runner) -> None:
        self.runner = runner
        self.identity = identity(row)
        self.lane = Lane(workspace, row.id, link=runner, kind=row.kind)
        self.server = ServerLane(workspace.db, row.id, link=runner)
        self.drafts = DraftCopies(Ledger(workspace, row.id), row, link=runner)
        # Mail brings its files itself.
        self._media = None if row.kind == EMAIL else _media(workspace, row.id, runner)
        self._id = row.id
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Let everything run."""
        works = [
            (self.runner.run(), "runner"),
            (self.lane.run(), "outbox"),
            (self.server.run(), "server actions"),
            (self.drafts.run(), "drafts"),
        ]
        if self._media is not None:
            works.append((self._media.run(), "files"))
        for work, name in works:
            task = asyncio.create_task(work, name=f"{name} {self._id}")
            task.add_done_callback(_report_bug)
            self._tasks.append(task)

    async def stop(self) -> None:
        """Settle what is on the wire, then let go."""
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                await self.lane.finish()
        except TimeoutError:
            log.warning("account %d is left in the middle of sending", self._id)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # What it is told

    def kick(self) -> None:
        """Go on at once with whatever waits for a better time."""
        self.runner.kick()
        self.lane.nudge()
        self.server.nudge()

    def reconnect(self) -> None:
        """Begin anew: the link of before is worth nothing any more (rule O9)."""
        self.runner.reconnect()
        self.lane.nudge()

    def took_in(self) -> None:
        """A batch was stored: what something waited for may have turned up."""
        if self._media is None:
            self.server.nudge()
        else:
            self._media.nudge()

    def turned(self, before: State | None) -> None:
        """The runner is in another state than `before`."""
        self.lane.nudge()
        self.drafts.nudge()
        self.server.nudge()
        if self._media is not None:
            self._media.nudge()
        if before is State.CONNECTING and self.runner.can_send:
            self.lane.line_is_back()

    @property
    def busy(self) -> bool:
        """Whether something is under way that can be done now."""
        connected = self.runner.is_connected
        return bool(
            (self.lane.busy and self.runner.can_send)
            or (self.server.busy and connected)
            or (self._media and self._media.busy and connected)
        )


def _media(workspace: Workspace, account_id: int, link: Runner) -> Media:
    from desktop_inbox.sync.media import Media  # with the first account of such a channel

    return Media(workspace, account_id, link=link)


def _report_bug(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s ended by a bug", task.get_name(), exc_info=error)
