"""The engine: one runner and one outbox lane per account, the parse worker and the scheduler.

`Engine` lives on one asyncio loop; `engine_thread` gives it one beside a window. Nothing here knows
of windows: the command line runs the same engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

from desktop_inbox.connectors.contract import AccountConfig, Batch, Connector, Cursor
from desktop_inbox.connectors.errors import AuthError
from desktop_inbox.connectors.kinds import EMAIL
from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.errors import UserError
from desktop_inbox.secrets import Secrets
from desktop_inbox.store import accounts, outbox
from desktop_inbox.store.database import StoreError, utc_now
from desktop_inbox.store.lock import EngineLock
from desktop_inbox.store.rows import AccountRow, OutboxRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync import patience, waking
from desktop_inbox.sync.account_work import AccountWork, identity
from desktop_inbox.sync.aside import aside
from desktop_inbox.sync.attachment_words import AttachmentWords
from desktop_inbox.sync.awaited_store import AwaitedStore
from desktop_inbox.sync.batches import Batches
from desktop_inbox.sync.credentials import config_of
from desktop_inbox.sync.ingest import Ingested
from desktop_inbox.sync.mailbox import mailbox_of
from desktop_inbox.sync.parse_pool import ParsePool
from desktop_inbox.sync.reconciling import reconcile
from desktop_inbox.sync.runner import Runner
from desktop_inbox.sync.scheduler import Scheduler
from desktop_inbox.sync.status import RESTING, AccountStatus, State
from desktop_inbox.sync.statuses import Statuses
from desktop_inbox.sync.upkeep import Upkeep

log = logging.getLogger(__name__)

_SOON = timedelta(seconds=60)  # what is held for undo longer than this is not waited for
_LOOK_SECONDS = 0.01  # whether all is done: a lane does not say when it comes to rest
_GLANCE_SECONDS = 0.25  # the same while mail comes in: a runner does say


class MakeConnector(Protocol):
    """Builds the connector of a kind; `connectors.create` is the real one."""

    def __call__(self, kind: str, config: AccountConfig) -> Connector: ...


class Engine:
    """Runs every enabled account of one workspace until it is stopped."""

    def __init__(
        self,
        workspace: Workspace,
        secrets: Secrets,
        *,
        connectors: MakeConnector | None = None,
        wants_copies: Callable[[], bool] = lambda: True,
    ) -> None:
        self._workspace = workspace
        self.upkeep = Upkeep(workspace, wants_copies=wants_copies)
        self._db = workspace.db
        self._store = AwaitedStore(workspace.db)
        self._secrets = secrets
        self._make = connectors or _create
        self._accounts: dict[int, AccountWork] = {}
        self._statuses = Statuses(self._store)
        self._everyone: tuple[AccountRow, ...] = ()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._only: frozenset[int] | None = None

    # From any thread

    def subscribe(self, listener: Callable[[AccountStatus], None]) -> Callable[[], None]:
        """Have `listener` called on the engine thread with every new status of an account.

        Returns the function that ends the subscription.
        """
        return self._statuses.subscribe(listener)

    @property
    def statuses(self) -> dict[int, AccountStatus]:
        """The latest status of every account."""
        return self._statuses.latest

    def kick(self, account_id: int | None = None) -> None:
        """Let one account, or all, go on at once: a click, the network is back. Any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(self._kick, account_id)

    def stop(self) -> None:
        """Let `run` come to an end. Any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)

    # On the loop

    async def look_up_templates(self, account_id: int) -> None:
        """Ask an account's service which texts it approved, and keep them.

        *Raises:* ConnectorError.
        """
        from desktop_inbox.sync import chat_templates  # with the first account that has some

        account = self._accounts.get(account_id)
        found = await chat_templates.ask(account.runner if account is not None else None)
        await self._store.write(lambda tx: chat_templates.keep(tx, account_id, found))

    async def run(
        self,
        *,
        until_idle: bool = False,
        only: Sequence[int] | None = None,
        on_started: Callable[[], None] = lambda: None,
    ) -> dict[int, AccountStatus]:
        """Run until `stop`, or with `until_idle` until all is caught up and sent or has failed.

        `only` names the accounts to run; `on_started` is called once accounts are followed.
        Returns the last status of each account.

        Raises:
            EngineBusy: another process runs this workspace's engine.
        """
        with EngineLock(self._workspace.data_dir) as lock:
            self._only = None if only is None else frozenset(only)
            self._stopping = asyncio.Event()
            self._news = asyncio.Event()
            self._accounts_news = asyncio.Event()
            self._parser = ParsePool(self._workspace.files)
            self._batches = Batches(self._store, self._workspace.files, self._parser)
            self._scheduler = Scheduler(self._db)
            self._loop = asyncio.get_running_loop()
            unsubscribe = self._db.subscribe(self._on_changes)
            helpers: list[asyncio.Task[None]] = []
            try:
                await self._follow_accounts()
                helpers = [
                    asyncio.create_task(work, name=name) for name, work in self._helpers(lock)
                ]
                on_started()
                if until_idle:
                    await self._until_idle()
                else:
                    await self._stopping.wait()
            finally:
                unsubscribe()
                await self._shut_down(helpers)
            return self.statuses

    def _helpers(self, lock: EngineLock) -> Iterable[tuple[str, Coroutine[Any, Any, None]]]:
        """What runs beside the accounts."""
        yield "accounts", self._keep_following()
        yield "statuses", self._statuses.keep_saving()
        yield "waking", waking.watch(self._woken)
        yield "scheduler", self._scheduler.run()
        yield "upkeep", self.upkeep.run(lock)
        yield "attachment words", AttachmentWords(self._workspace).run()

    async def _shut_down(self, helpers: list[asyncio.Task[None]]) -> None:
        # The helpers first: one of them would start again an account that is stopped here.
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        await asyncio.gather(*(self._stop_account(key) for key in list(self._accounts)))
        await self._parser.close()
        await self._statuses.save()
        self._loop = None

    def _kick(self, account_id: int | None) -> None:
        for key, account in self._accounts.items():
            if account_id in (None, key):
                account.kick()

    def _woken(self) -> None:
        """Begin anew at once: connections of before are worth nothing any more (rule O9)."""
        for account in self._accounts.values():
            account.reconnect()
        self._scheduler.nudge()

    def _on_changes(self, changes: Changes) -> None:
        """Take over what was committed, here or in another process. The committing thread."""
        loop = self._loop
        if loop is not None and (
            changes.accounts
            or changes.outbox
            or changes.conversations
            or changes.drafts
            or changes.server_actions
            or changes.service_levels
        ):
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._take, changes)

    def _take(self, changes: Changes) -> None:
        if changes.accounts:
            self._accounts_news.set()
        if changes.outbox:
            for account in self._accounts.values():
                account.lane.nudge()
        if changes.drafts:
            for account in self._accounts.values():
                account.drafts.nudge()
        for key in changes.server_actions & self._accounts.keys():
            self._accounts[key].server.nudge()
        if changes.conversations or changes.service_levels:
            self._scheduler.nudge()

    # Accounts

    async def _keep_following(self) -> None:
        while True:
            await self._accounts_news.wait()
            self._accounts_news.clear()
            try:
                await self._follow_accounts()
            except StoreError as error:
                log.warning("accounts cannot be read: %s", error.code)

    async def _follow_accounts(self) -> None:
        """Start, stop and restart what accounts were added, paused, removed or changed."""
        rows = {row.id: row for row in await self._store.read(accounts.list_all)}
        self._everyone = tuple(rows.values())
        wanted = {
            key: row
            for key, row in rows.items()
            if row.enabled and (self._only is None or key in self._only)
        }
        for key, account in list(self._accounts.items()):
            if key not in wanted or identity(wanted[key]) != account.identity:
                await self._stop_account(key)
        for key, row in rows.items():
            if key in wanted and key not in self._accounts:
                self._start_account(row)
            elif key not in wanted and not row.enabled and row.state != State.PAUSED:
                self._report(AccountStatus(account_id=key, state=State.PAUSED))
        self._statuses.keep_only(rows)

    def _start_account(self, row: AccountRow) -> None:
        runner = Runner(
            row.id,
            make_connector=lambda: self._connector(row.id),
            load_cursor=lambda: self._store.read(lambda conn: accounts.cursor(conn, row.id)),
            ingest=partial(self._ingest, row),
            report=self._report,
            reconcile=partial(reconcile, self._store, row.id),
        )
        if row.kind == EMAIL and row.last_sync_at is None:
            self._parser.warm_up()  # while the account connects
        account = self._accounts[row.id] = AccountWork(self._workspace, row, runner)
        self._report(runner.status)
        account.start()

    async def _stop_account(self, account_id: int) -> None:
        await self._accounts.pop(account_id).stop()

    async def _connector(self, account_id: int) -> Connector:
        row = await self._store.read(lambda conn: accounts.row(conn, account_id))
        if row is None:
            raise AuthError("the account was removed")
        try:
            config = await aside(config_of, row, self._secrets, data_dir=self._workspace.data_dir)
        except UserError as error:
            raise AuthError(error.code, step="secrets") from error
        return self._make(row.kind, config)

    async def _ingest(
        self,
        row: AccountRow,
        batch: Batch,
        cursor: Cursor | None,
        after: asyncio.Task[Ingested] | None,
    ) -> Ingested:
        """Take a batch in, and tell who may have waited for what it brings."""
        mailbox = mailbox_of(row, self._everyone)
        if row.kind == EMAIL:
            total = await self._batches.take_mail(mailbox, batch, cursor, after)
        else:
            total = await self._batches.take_chat(mailbox, batch, cursor)
        if (account := self._accounts.get(row.id)) is not None:
            account.took_in()
        return total

    # How accounts are

    def _report(self, status: AccountStatus) -> None:
        before = self._statuses.put(status)
        self._news.set()
        account = self._accounts.get(status.account_id)
        if account is not None and (before is None or before.state is not status.state):
            account.turned(before.state if before is not None else None)
        self._statuses.tell(status)

    async def _until_idle(self) -> None:
        """Return once every account rests and nothing more can be sent soon."""
        while not self._stopping.is_set():
            self._news.clear()
            if self._all_rest() and not await self._may_send_soon() and self._all_rest():
                return
            pause = _LOOK_SECONDS if self._all_followed() else _GLANCE_SECONDS
            await patience.wait_for(self._news, seconds=pause)

    def _all_followed(self) -> bool:
        return all(one.runner.status.state in RESTING for one in self._accounts.values())

    def _all_rest(self) -> bool:
        return self._all_followed() and not any(one.busy for one in self._accounts.values())

    async def _may_send_soon(self) -> bool:
        able = {key for key, account in self._accounts.items() if account.runner.can_send}
        rows: list[OutboxRow] = await self._store.read(outbox.list_all)
        soon = utc_now() + _SOON
        return any(
            row.account_id in able
            and (
                row.state == "sending"
                or (row.state == "queued" and row.next_at <= soon and not row.error_code)
            )
            for row in rows
        )


def _create(kind: str, config: AccountConfig) -> Connector:
    from desktop_inbox import connectors  # imports the channel's libraries: not before needed

    return connectors.create(kind, config)
