"""Supervises one account: connect, catch up, wait for news, and start again after every failure.

One task on the engine loop per account. Whatever happens in it stays in it: other accounts never
notice.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from desktop_inbox.connectors.contract import Batch, Connector, Cursor
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    RateLimited,
    TransientError,
    UncertainDelivery,
    Unsupported,
)
from desktop_inbox.log import for_account
from desktop_inbox.store.database import StoreError
from desktop_inbox.sync import backoff, patience
from desktop_inbox.sync.ingest import Ingested
from desktop_inbox.sync.parsing import ParserUnavailable
from desktop_inbox.sync.status import AccountStatus, State

_CONNECTED = frozenset({State.CATCHING_UP, State.ONLINE})
_SENDING = frozenset({State.CATCHING_UP, State.ONLINE, State.WAITING})


@dataclass(frozen=True, slots=True)
class _Rest:
    """Why the runner stops for now; without `delay` only a kick goes on."""

    state: State
    cause: str
    detail: str
    step: str = ""
    delay: timedelta | None = None


class _Storing(NamedTuple):
    """A batch on its way into the store."""

    batch: Batch
    task: asyncio.Task[Ingested]


# Stores a batch that follows a cursor, once the storing of another one has ended well.
Ingest = Callable[
    [Batch, Cursor | None, asyncio.Task[Ingested] | None], Coroutine[Any, Any, Ingested]
]


class Runner:
    """One account's supervisor."""

    def __init__(
        self,
        account_id: int,
        *,
        make_connector: Callable[[], Awaitable[Connector]],
        load_cursor: Callable[[], Awaitable[Cursor | None]],
        ingest: Ingest,
        report: Callable[[AccountStatus], None],
        reconcile: Callable[[Connector, Cursor], Awaitable[Batch | None]] | None = None,
        reconnect_delay: Callable[[int], timedelta] = lambda failures: backoff.reconnect_delay(
            failures, random.random
        ),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.connector: Connector | None = None  # shared with the outbox
        self.sending = asyncio.Lock()  # held by the outbox: a connector is not closed meanwhile
        self.status = AccountStatus(account_id=account_id, state=State.STARTING)
        self._make_connector = make_connector
        self._load_cursor = load_cursor
        self._ingest = ingest
        self._report = report
        self._reconcile = reconcile  # returns None as long as that is not due (rule O8)
        self._reconnect_delay = reconnect_delay
        self._now = now
        self._kicked = asyncio.Event()
        self._stale = asyncio.Event()  # the link is worth nothing any more
        self._refused: AuthError | None = None
        self._log = for_account(logging.getLogger(__name__), account_id)

    @property
    def can_send(self) -> bool:
        """Whether sending makes sense: receiving may wait for the network, sending may work."""
        return self.connector is not None and self.status.state in _SENDING

    @property
    def is_connected(self) -> bool:
        """Whether the service has let us in, and nothing is known to be wrong with the link."""
        return self.connector is not None and self.status.state in _CONNECTED

    def kick(self) -> None:
        """Go on at once: a click, the network is back, the computer woke, new credentials."""
        self._kicked.set()

    def reconnect(self) -> None:
        """Let go of the link, whatever it is doing, and connect anew at once (rule O9).

        An account that waits for a person goes on waiting.
        """
        if self.status.state is not State.NEEDS_SIGN_IN:
            self._stale.set()
            self._kicked.set()

    def refuse(self, error: AuthError) -> None:
        """Stop until a person acts: the service refused our sign-in while sending."""
        self._refused = error
        self._kicked.set()

    async def run(self) -> None:
        """Follow the account until cancelled; then let go of its connections."""
        try:
            while True:
                rest = await self._attempt_until_stale()
                if rest is not None:
                    await self._rest(rest)
        finally:
            await self._drop_connector()

    async def _attempt_until_stale(self) -> _Rest | None:
        """Follow the account; None where its link is to be made anew at once."""
        self._stale.clear()
        attempt = asyncio.create_task(self._attempt())
        stale = asyncio.create_task(self._stale.wait())
        try:
            await asyncio.wait({attempt, stale}, return_when=asyncio.FIRST_COMPLETED)
            return attempt.result() if attempt.done() else None
        finally:
            for task in (attempt, stale):
                task.cancel()
            await asyncio.gather(attempt, stale, return_exceptions=True)

    async def _attempt(self) -> _Rest:
        """Connect and follow until something stops it; say what did."""
        try:
            self._show(state=State.CONNECTING)
            if self.connector is None:
                self.connector = await self._make_connector()
            await self.connector.open()
            return await self._follow(self.connector)
        except (ConnectorError, StoreError, OSError, ParserUnavailable) as error:
            return self._rest_after(error)
        except Exception:  # noqa: BLE001 - whatever it is, it stays in this account
            self._log.exception("the account stopped by a bug")
            return _Rest(State.FAILED, "bug", "", delay=backoff.LONGEST)

    async def _follow(self, connector: Connector) -> _Rest:
        self._show(state=State.CATCHING_UP, cause="", detail="", step="")
        cursor = await self._load_cursor()
        while self._refused is None:
            self._kicked.clear()
            cursor = await self._catch_up(connector, cursor)
            if self._reconcile is not None and self._refused is None:
                batch = await self._reconcile(connector, cursor)
                if batch is not None:
                    self._count(batch, await self._ingest(batch, cursor, None))
                    cursor = await self._catch_up(connector, batch.cursor)
            self._show(state=State.ONLINE, last_sync_at=self._now())
            await self._wait(connector)
        error, self._refused = self._refused, None
        return self._rest_after(error)

    async def _catch_up(self, connector: Connector, cursor: Cursor | None) -> Cursor:
        """Pull until there is nothing more; return how far that came.

        Where the service lets us, a batch is pulled and parsed while the one before is stored.
        """
        under_way: deque[_Storing] = deque()
        try:
            while True:
                batch = await connector.pull(cursor)
                after = under_way[-1].task if under_way else None
                task = asyncio.create_task(self._ingest(batch, cursor, after))
                under_way.append(_Storing(batch, task))
                cursor = batch.cursor
                ahead = 1 if batch.more and connector.info.pulls_ahead else 0
                while len(under_way) > ahead:
                    await self._settle(under_way)
                if not batch.more or self._refused is not None:
                    while under_way:
                        await self._settle(under_way)
                    return cursor
        except ConnectorError:
            while under_way:  # what came before is stored all the same
                await self._settle(under_way)
            raise
        finally:
            for one in under_way:
                one.task.cancel()
            await asyncio.gather(*(one.task for one in under_way), return_exceptions=True)

    async def _settle(self, under_way: deque[_Storing]) -> None:
        """Wait until the batch that came first is stored."""
        first = under_way[0]
        ingested = await first.task
        under_way.popleft()
        self._count(first.batch, ingested)
        # Not earlier: a server may let us in each time only to hang up on us.
        self._show(failures=0)

    async def _wait(self, connector: Connector) -> None:
        """Return when it is worth pulling again. Raises what `connector.wait` raises."""
        news = asyncio.create_task(connector.wait())
        kick = asyncio.create_task(self._kicked.wait())
        try:
            done, _ = await asyncio.wait(
                {news, kick},
                timeout=connector.info.poll_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if news in done:
                news.result()
        finally:
            news.cancel()
            kick.cancel()
            await asyncio.gather(news, kick, return_exceptions=True)

    def _count(self, batch: Batch, ingested: Ingested) -> None:
        status = self.status
        changes: dict[str, object] = {
            "stored": status.stored + ingested.stored,
            "duplicates": status.duplicates + ingested.duplicates,
            "quarantined": status.quarantined + ingested.quarantined,
            "gap": status.gap or batch.gap,
        }
        if batch.progress is not None:
            changes |= {"done": batch.progress.done, "total": batch.progress.total}
        if batch.more:
            changes["state"] = State.CATCHING_UP
        self._show(**changes)

    def _rest_after(self, error: Exception) -> _Rest:
        failures = self.status.failures + 1
        self.status = replace(self.status, failures=failures)
        delay = self._reconnect_delay(failures)
        self._log.info("%s", type(error).__name__)
        match error:
            case AuthError():
                return _Rest(State.NEEDS_SIGN_IN, error.reason.value, error.detail, error.step)
            case RateLimited():
                delay = timedelta(seconds=error.retry_after_seconds)
                return _Rest(State.WAITING, "rate_limited", error.detail, error.step, delay)
            case TransientError():
                delay = max(delay, timedelta(seconds=error.retry_after_seconds or 0))
                return _Rest(State.WAITING, error.cause.value, error.detail, error.step, delay)
            case PermanentError():
                return _Rest(
                    State.WAITING, error.reason.value, error.detail, error.step, backoff.LONGEST
                )
            case Unsupported() | UncertainDelivery() | ConnectorError():
                self._log.error("a connector broke its contract: %r", error)
                return _Rest(State.FAILED, "bug", error.detail, error.step, backoff.LONGEST)
            case StoreError():
                return _Rest(State.WAITING, error.code, str(error), "store", delay)
            case ParserUnavailable():
                return _Rest(State.FAILED, "parser", str(error), "parse", backoff.LONGEST)
        return _Rest(State.WAITING, "disk", str(error), "store", delay)

    async def _drop_connector(self) -> None:
        connector, self.connector = self.connector, None
        if connector is not None:
            async with self.sending:
                await connector.close()

    async def _rest(self, rest: _Rest) -> None:
        self._kicked.clear()
        if rest.state is State.NEEDS_SIGN_IN:
            await self._drop_connector()  # the next one is made with whatever a person changes
        until = None if rest.delay is None else self._now() + rest.delay
        self._show(
            state=rest.state, cause=rest.cause, detail=rest.detail, step=rest.step, until=until
        )
        seconds = None if rest.delay is None else rest.delay.total_seconds()
        await patience.wait_for(self._kicked, seconds=seconds)
        self._refused = None

    def _show(self, **changes: object) -> None:
        if changes.get("state", State.WAITING) is not State.WAITING:
            changes.setdefault("until", None)
        status = replace(self.status, **changes)  # type: ignore[arg-type]
        if status != self.status:
            self.status = status
            self._report(status)
