"""Fetches the files of chats apart from their messages, which never wait for them.

One task on the engine loop beside an account's runner. What waits survives restarts; what the
service holds no more is said plainly, and everything else is tried for about a day.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desktop_inbox.connectors.contract import Capability, Connector
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientError,
    Unsupported,
)
from desktop_inbox.log import for_account
from desktop_inbox.store import remote_files
from desktop_inbox.store.database import StoreError
from desktop_inbox.store.remote_files import RemoteFileRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync import patience
from desktop_inbox.sync.aside import aside
from desktop_inbox.sync.ledger import Ledger
from desktop_inbox.sync.server_lane import Link

MAX_BYTES = 25 * 2**20  # larger ones are fetched when somebody asks for them
FETCH_SECONDS = 300.0
MOST_ATTEMPTS = 12
_LONGEST = timedelta(hours=6)
_AFTER_STORE_FAILURE = timedelta(seconds=30)

GONE = "gone"
TOO_LARGE = "too-large"
_PROBLEMS = {PermanentReason.MEDIA: GONE, PermanentReason.TOO_LARGE: TOO_LARGE}


def fetch_delay(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: 10 s, 20 s, … to six hours."""
    doublings: int = min(attempts, 12)
    return min(timedelta(seconds=10) * (1 << doublings), _LONGEST)


class Media:
    """One account's fetching."""

    def __init__(
        self,
        workspace: Workspace,
        account_id: int,
        *,
        link: Link,
        delay: Callable[[int], timedelta] = fetch_delay,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger = Ledger(workspace, account_id, now=now)
        self._log = for_account(logging.getLogger(__name__), account_id)
        self._folder = workspace.data_dir
        self._link = link
        self._delay = delay
        self._now = now
        self._news = asyncio.Event()
        self.busy = True  # there may be something to fetch; for whoever waits until there is not

    def nudge(self) -> None:
        """Look at the table again: messages came, or the link changed."""
        self.busy = True
        self._news.set()

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            self._news.clear()
            try:
                due = await self._work()
            except StoreError as error:
                self._log.warning("files wait: %s", error.code)
                due = self._now() + _AFTER_STORE_FAILURE
            self.busy = self._news.is_set()
            seconds = None if due is None else max((due - self._now()).total_seconds(), 0.0)
            await patience.wait_for(self._news, seconds=seconds)

    async def _work(self) -> datetime | None:
        """Fetch what is due; return when there is more."""
        account_id = self._ledger.account_id
        while (connector := self._link.connector) is not None and self._link.is_connected:
            row = await self._ledger.read(
                lambda conn: remote_files.due(conn, account_id, self._now())
            )
            if row is None:
                return await self._ledger.read(lambda conn: remote_files.next_due(conn, account_id))
            if (hold := await self._settle(connector, row)) is not None:
                return hold
        return None

    async def _settle(self, connector: Connector, row: RemoteFileRow) -> datetime | None:
        """Fetch one file; return until when the service wants to be left alone, if it does."""
        hold: datetime | None = None
        try:
            await self._fetch(connector, row)
        except AuthError as error:
            self._link.refuse(error)
            hold = self._now() + self._delay(row.attempts)
        except RateLimited as error:
            hold = self._now() + timedelta(seconds=error.retry_after_seconds)
            await self._later(row, hold)
        except (TransientError, TimeoutError) as error:
            self._log.info("a file could not be fetched: %s", type(error).__name__)
            await self._later(row, self._now() + self._delay(row.attempts))
        except PermanentError as error:
            await self._give_up(row, _PROBLEMS.get(error.reason, error.reason.value))
        except Unsupported:
            await self._give_up(row, GONE)
        except ConnectorError as error:
            self._log.error("a connector broke its contract: %r", error)
            await self._give_up(row, "bug")
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - a bug with one file stops no other
            self._log.exception("fetching file %d stopped by a bug", row.attachment_id)
            await self._give_up(row, "bug")
        return hold

    async def _fetch(self, connector: Connector, row: RemoteFileRow) -> None:
        if Capability.FETCH_FILE not in connector.info.capabilities:
            raise Unsupported(connector.info.kind)
        if row.size > MAX_BYTES:
            raise PermanentError("", reason=PermanentReason.TOO_LARGE)
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=self._folder) as folder:
            target = Path(folder) / "file"
            async with asyncio.timeout(FETCH_SECONDS):
                await connector.fetch_file(row.reference, target)
            await self._keep(row, target)

    async def _keep(self, row: RemoteFileRow, target: Path) -> None:
        size = (await aside(target.stat)).st_size
        sha256 = await aside(self._ledger.files.put_file, target)
        await self._ledger.write(
            lambda tx: remote_files.fetched(tx, row.attachment_id, sha256=sha256, size=size)
        )

    async def _later(self, row: RemoteFileRow, next_at: datetime) -> None:
        if row.attempts + 1 >= MOST_ATTEMPTS:
            await self._give_up(row, "unreachable")
            return
        await self._ledger.write(lambda tx: remote_files.put_off(tx, row, next_at=next_at))

    async def _give_up(self, row: RemoteFileRow, problem: str) -> None:
        await self._ledger.write(
            lambda tx: remote_files.put_off(tx, row, next_at=None, problem=problem)
        )
