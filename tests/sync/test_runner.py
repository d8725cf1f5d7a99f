"""One account's supervisor: every row of the error table, and nothing that hammers a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox.connectors.contract import AccountConfig, Batch, Connector, Cursor, Item
from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    ConnectorError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientCause,
    TransientError,
    UncertainDelivery,
    Unsupported,
)
from desktop_inbox.store.database import DiskFull
from desktop_inbox.sync.ingest import Ingested
from desktop_inbox.sync.runner import Runner
from desktop_inbox.sync.status import AccountStatus, State
from tests.support.engine_room import eventually
from tests.support.scripted_connector import ScriptedConnector, Service, raw_mail

SOON = timedelta(milliseconds=1)
NEVER = timedelta(hours=1)


class Watched:
    """A runner, what it reported, and what it stored."""

    def __init__(self, service: Service, *, delay: timedelta) -> None:
        self.statuses: list[AccountStatus] = []
        self.failures_asked: list[int] = []
        self.ingested: list[Batch] = []
        self.cursor: Cursor | None = None
        self.ingest_failures: list[Exception] = []
        self.may_store = asyncio.Event()
        self.may_store.set()
        self.pulls_ahead = True
        self._service = service
        self._delay = delay
        self._changed = asyncio.Event()
        self.runner = Runner(
            7,
            make_connector=self._connect,
            load_cursor=self._load_cursor,
            ingest=self._ingest,
            report=self._report,
            reconnect_delay=self._reconnect_delay,
        )

    async def _connect(self) -> Connector:
        config = AccountConfig(id=7, address="shop@example.com", settings={}, secrets={})
        connector = ScriptedConnector(config, self._service)
        connector.info = replace(connector.info, pulls_ahead=self.pulls_ahead)  # type: ignore[misc]
        return connector

    async def _load_cursor(self) -> Cursor | None:
        return self.cursor

    async def _ingest(
        self, batch: Batch, cursor: Cursor | None, after: asyncio.Task[Ingested] | None
    ) -> Ingested:
        if after is not None:
            await asyncio.shield(after)
        await self.may_store.wait()
        assert cursor == self.cursor
        if self.ingest_failures:
            raise self.ingest_failures.pop(0)
        self.ingested.append(batch)
        self.cursor = batch.cursor
        return Ingested(stored=len(batch.items))

    def _report(self, status: AccountStatus) -> None:
        self.statuses.append(status)
        self._changed.set()

    def _reconnect_delay(self, failures: int) -> timedelta:
        self.failures_asked.append(failures)
        return self._delay

    @property
    def states(self) -> list[State]:
        return [status.state for status in self.statuses]

    async def until(self, condition: Callable[[AccountStatus], bool]) -> AccountStatus:
        """Return the first status, past or to come, that fits."""
        async with asyncio.timeout(5):
            while True:
                for status in self.statuses:
                    if condition(status):
                        return status
                self._changed.clear()
                await self._changed.wait()

    async def reach(self, state: State) -> AccountStatus:
        return await self.until(lambda status: status.state is state)


@asynccontextmanager
async def following(service: Service, *, delay: timedelta = NEVER) -> AsyncIterator[Watched]:
    watched = Watched(service, delay=delay)
    task = asyncio.create_task(watched.runner.run())
    try:
        yield watched
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def mails(count: int) -> list[Item]:
    return [raw_mail(b"Subject: hi\r\n\r\n", uid=uid) for uid in range(1, count + 1)]


async def test_an_account_connects_catches_up_and_stays_online() -> None:
    service = Service()
    service.arrive(*mails(120))
    async with following(service) as watched:
        status = await watched.reach(State.ONLINE)
    assert watched.states[:2] == [State.CONNECTING, State.CATCHING_UP]
    assert (status.stored, service.pulled) == (120, 3)
    assert service.closed == 1


async def test_mail_that_arrives_while_waiting_is_pulled_at_once() -> None:
    service = Service()
    async with following(service) as watched:
        await watched.reach(State.ONLINE)
        service.arrive(*mails(1))
        await watched.until(lambda status: status.stored == 1 and status.state is State.ONLINE)


async def test_pulling_goes_on_from_the_stored_cursor() -> None:
    service = Service()
    service.arrive(*mails(60))
    async with following(service) as watched:
        watched.cursor = {"next": 55}
        assert (await watched.reach(State.ONLINE)).stored == 5


@pytest.mark.parametrize("where", ["open", "pull"])
@pytest.mark.parametrize(
    ("error", "state", "cause"),
    [
        (AuthError("535 no"), State.NEEDS_SIGN_IN, "sign_in"),
        (AuthError("revoked", reason=AuthReason.REVOKED), State.NEEDS_SIGN_IN, "revoked"),
        (TransientError("reset"), State.WAITING, "network"),
        (TransientError("bad cert", cause=TransientCause.TLS), State.WAITING, "tls"),
        (RateLimited("slow down", retry_after_seconds=90), State.WAITING, "rate_limited"),
        (PermanentError("no", reason=PermanentReason.INVALID), State.WAITING, "invalid"),
        (OSError(28, "No space left on device"), State.WAITING, "disk"),
        (DiskFull(Path("inbox.db")), State.WAITING, "disk-full"),
    ],
)
async def test_what_the_world_does_has_a_state_and_a_cause(
    where: str, error: Exception, state: State, cause: str
) -> None:
    service = Service()
    (service.open_script if where == "open" else service.pull_script).append(error)
    async with following(service) as watched:
        status = await watched.reach(state)
    assert status.cause == cause
    assert (status.until is None) == (state is State.NEEDS_SIGN_IN)


@pytest.mark.expects_log("broke its contract|stopped by a bug")
@pytest.mark.parametrize(
    "error",
    [Unsupported("x"), UncertainDelivery("x"), ConnectorError("x"), KeyError("x"), ValueError()],
)
async def test_anything_else_is_reported_as_our_bug(error: Exception) -> None:
    service = Service()
    service.pull_script.append(error)
    async with following(service) as watched:
        assert (await watched.reach(State.FAILED)).cause == "bug"


async def test_a_named_time_is_waited_for_exactly() -> None:
    service = Service()
    service.open_script.append(RateLimited("later", retry_after_seconds=600))
    async with following(service, delay=SOON) as watched:
        status = await watched.reach(State.WAITING)
        assert status.until is not None
        left = status.until - watched.runner._now()
        assert timedelta(seconds=595) < left <= timedelta(seconds=600)


async def test_failures_in_a_row_are_counted_until_a_sign_in_succeeds() -> None:
    service = Service()
    service.open_script.extend(TransientError("refused") for _ in range(3))
    async with following(service, delay=SOON) as watched:
        await watched.reach(State.ONLINE)
        assert watched.failures_asked == [1, 2, 3]
        service.pull_script.append(TransientError("reset"))
        service.news.set()
        await watched.until(lambda status: len(watched.failures_asked) == 4)
    assert watched.failures_asked[-1] == 1


async def test_a_kick_ends_every_kind_of_waiting() -> None:
    service = Service()
    service.open_script.extend([TransientError("offline"), AuthError("535")])
    async with following(service) as watched:
        await watched.reach(State.WAITING)
        watched.runner.kick()
        await watched.reach(State.NEEDS_SIGN_IN)
        watched.runner.kick()
        await watched.reach(State.ONLINE)
        service.arrive(*mails(1))
        service.news.clear()
        watched.runner.kick()
        await watched.until(lambda status: status.stored == 1)


async def test_a_refused_sign_in_is_not_tried_again_by_itself() -> None:
    service = Service()
    service.open_script.append(AuthError("535"))
    async with following(service, delay=SOON) as watched:
        await watched.reach(State.NEEDS_SIGN_IN)
        await asyncio.sleep(0.05)
        assert service.opened == 1


async def test_a_batch_that_could_not_be_stored_is_pulled_again() -> None:
    service = Service()
    service.arrive(*mails(3))
    async with following(service, delay=SOON) as watched:
        watched.ingest_failures.append(DiskFull(Path("inbox.db")))
        assert (await watched.reach(State.ONLINE)).stored == 3
    assert [len(batch.items) for batch in watched.ingested] == [3]


async def test_one_batch_is_pulled_while_the_one_before_is_stored() -> None:
    service = Service(batch_size=1)
    service.arrive(*mails(4))
    async with following(service) as watched:
        watched.may_store.clear()
        await eventually(lambda: service.pulled == 2)
        await asyncio.sleep(0)
        assert (service.pulled, watched.ingested) == (2, []), "one ahead, no more"
        watched.may_store.set()
        assert (await watched.reach(State.ONLINE)).stored == 4
    assert [batch.cursor for batch in watched.ingested] == [{"next": n} for n in range(1, 5)]


async def test_nothing_is_stored_behind_a_batch_that_could_not_be() -> None:
    service = Service(batch_size=1)
    service.arrive(*mails(3))
    async with following(service, delay=SOON) as watched:
        watched.may_store.clear()
        await eventually(lambda: service.pulled == 2)
        watched.ingest_failures.append(DiskFull(Path("inbox.db")))
        watched.may_store.set()
        assert (await watched.reach(State.ONLINE)).stored == 3
    assert [batch.cursor for batch in watched.ingested] == [{"next": n} for n in range(1, 4)]


async def test_what_has_come_is_stored_when_the_next_pull_fails() -> None:
    service = Service(batch_size=1)
    service.arrive(*mails(2))
    service.pull_script.extend([None, TransientError("gone")])
    async with following(service) as watched:
        watched.may_store.clear()
        await eventually(lambda: service.pulled == 2)
        watched.may_store.set()
        assert (await watched.reach(State.WAITING)).stored == 1
        assert watched.cursor == {"next": 1}


async def test_a_service_that_takes_a_pull_for_a_receipt_is_not_asked_early() -> None:
    service = Service(batch_size=1)
    service.arrive(*mails(2))
    async with following(service) as watched:
        watched.pulls_ahead = False
        watched.may_store.clear()
        await eventually(lambda: service.pulled == 1)
        await asyncio.sleep(0)
        assert service.pulled == 1
        watched.may_store.set()
        assert (await watched.reach(State.ONLINE)).stored == 2


async def test_a_sign_in_refused_while_sending_stops_the_account() -> None:
    service = Service()
    async with following(service) as watched:
        await watched.reach(State.ONLINE)
        watched.runner.refuse(AuthError("535 5.7.8", step="send:sign-in"))
        status = await watched.reach(State.NEEDS_SIGN_IN)
        assert status.step == "send:sign-in"
        watched.runner.kick()
        await watched.until(lambda s: watched.states[-1] is State.ONLINE)
