"""The engine: one runner and one outbox lane per account, the parse worker and the scheduler.

`Engine` lives on one asyncio loop; `EngineThread` gives it a loop and a thread of its own beside a
window. Nothing here knows of windows: the command line runs the same engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import sys
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from desktop_inbox.connectors.contract import (
    AccountConfig,
    Batch,
    Capability,
    Connector,
    Cursor,
    Item,
    RawMail,
)
from desktop_inbox.connectors.errors import AuthError
from desktop_inbox.connectors.kinds import EMAIL
from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.identities import SETTING, addresses_of
from desktop_inbox.secrets import Secrets
from desktop_inbox.store import accounts, outbox, places
from desktop_inbox.store.database import StoreError, Tx, utc_now
from desktop_inbox.store.lock import EngineLock
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.rows import AccountRow, OutboxRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync import following, waking
from desktop_inbox.sync.aside import aside
from desktop_inbox.sync.attachment_words import AttachmentWords
from desktop_inbox.sync.credentials import config_of
from desktop_inbox.sync.draft_copies import DraftCopies
from desktop_inbox.sync.ingest import Ingested, store_items
from desktop_inbox.sync.ledger import Ledger
from desktop_inbox.sync.mailbox import Mailbox, mailbox_of
from desktop_inbox.sync.outbox import Lane
from desktop_inbox.sync.parse_pool import ParsePool, Parser
from desktop_inbox.sync.parsing import Parsed
from desktop_inbox.sync.runner import Runner
from desktop_inbox.sync.scheduler import Scheduler
from desktop_inbox.sync.server_lane import ServerLane
from desktop_inbox.sync.status import RESTING, AccountStatus, State
from desktop_inbox.sync.upkeep import Upkeep

if TYPE_CHECKING:
    from desktop_inbox.sync.media import Media

log = logging.getLogger(__name__)

T = TypeVar("T")

SWITCH_INTERVAL_SECONDS = 0.0005  # a window beside a busy engine stays smooth
FINISH_SECONDS = 20.0  # for what is on the wire when the engine stops
_SOON = timedelta(seconds=60)  # what is held for undo longer than this is not waited for
_SAVE_SECONDS = 0.3
_LOOK_SECONDS = 0.01  # whether all is done: a lane does not say when it comes to rest
_GLANCE_SECONDS = 0.25  # the same while mail comes in: a runner does say
_RECONCILE_EVERY = timedelta(days=7)
_HEADER_BYTES = 256 * 1024
_FIRST_ITEMS = 50
_PART_ITEMS = 400  # of a batch in one transaction: what people do meanwhile waits for no more


class MakeConnector(Protocol):
    """Builds the connector of a kind; `connectors.create` is the real one."""

    def __call__(self, kind: str, config: AccountConfig) -> Connector: ...


@dataclass(slots=True)
class _Account:
    """What works for one account."""

    row: AccountRow
    runner: Runner
    lane: Lane
    server: ServerLane
    drafts: DraftCopies
    media: Media | None  # None: mail brings its files itself
    tasks: tuple[asyncio.Task[None], ...] = ()

    @property
    def identity(self) -> tuple[object, ...]:
        """What the connector depends on; a change restarts it."""
        return _identity(self.row)


def _identity(row: AccountRow) -> tuple[object, ...]:
    # Names and signatures are read when something is sent; addresses tell whose mail comes in.
    settings = {name: value for name, value in row.settings.items() if name != SETTING}
    own = sorted(addresses_of(row.settings, address=row.address))
    return row.kind, row.address, json.dumps(settings, sort_keys=True), *own


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
        self._secrets = secrets
        self._make = connectors or _create
        self._listeners: list[Callable[[AccountStatus], None]] = []
        self._accounts: dict[int, _Account] = {}
        self._statuses: dict[int, AccountStatus] = {}
        self._unsaved: dict[int, AccountStatus] = {}
        self._everyone: tuple[AccountRow, ...] = ()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._only: frozenset[int] | None = None

    # From any thread

    def subscribe(self, listener: Callable[[AccountStatus], None]) -> Callable[[], None]:
        """Have `listener` called on the engine thread with every new status of an account.

        Returns the function that ends the subscription.
        """
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    @property
    def statuses(self) -> dict[int, AccountStatus]:
        """The latest status of every account."""
        return dict(self._statuses)

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
        await self._write(lambda tx: chat_templates.keep(tx, account_id, found))

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
            self._scheduler = Scheduler(self._db)
            self._loop = asyncio.get_running_loop()
            unsubscribe = self._db.subscribe(self._on_changes)
            helpers: list[asyncio.Task[None]] = []
            try:
                await self._follow_accounts()
                helpers = [
                    asyncio.create_task(self._keep_following(), name="accounts"),
                    asyncio.create_task(self._keep_saving(), name="statuses"),
                    asyncio.create_task(waking.watch(self._woken), name="waking"),
                    asyncio.create_task(self._scheduler.run(), name="scheduler"),
                    asyncio.create_task(self.upkeep.run(lock), name="upkeep"),
                    asyncio.create_task(
                        AttachmentWords(self._workspace).run(), name="attachment words"
                    ),
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

    async def _shut_down(self, helpers: list[asyncio.Task[None]]) -> None:
        # The helpers first: one of them would start again an account that is stopped here.
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        await asyncio.gather(*(self._stop_account(key) for key in list(self._accounts)))
        await self._parser.close()
        await self._save_statuses()
        self._loop = None

    def _kick(self, account_id: int | None) -> None:
        for key, account in self._accounts.items():
            if account_id in (None, key):
                account.runner.kick()
                account.lane.nudge()
                account.server.nudge()

    def _woken(self) -> None:
        """Begin anew at once: connections of before are worth nothing any more (rule O9)."""
        for account in self._accounts.values():
            account.runner.reconnect()
            account.lane.nudge()
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
        rows = {row.id: row for row in await self._read(accounts.list_all)}
        self._everyone = tuple(rows.values())
        wanted = {
            key: row
            for key, row in rows.items()
            if row.enabled and (self._only is None or key in self._only)
        }
        for key, account in list(self._accounts.items()):
            if key not in wanted or _identity(wanted[key]) != account.identity:
                await self._stop_account(key)
        for key, row in rows.items():
            if key in wanted and key not in self._accounts:
                self._start_account(row)
            elif key not in wanted and not row.enabled and row.state != State.PAUSED:
                self._report(AccountStatus(account_id=key, state=State.PAUSED))
        for key in set(self._statuses) - set(rows):
            del self._statuses[key]

    def _start_account(self, row: AccountRow) -> None:
        runner = Runner(
            row.id,
            make_connector=lambda: self._connector(row.id),
            load_cursor=lambda: self._read(lambda conn: accounts.cursor(conn, row.id)),
            ingest=partial(self._ingest, row),
            report=self._report,
            reconcile=lambda connector, cursor: self._reconcile(row.id, connector, cursor),
        )
        if row.kind == EMAIL and row.last_sync_at is None:
            self._parser.warm_up()  # while the account connects
        lane = Lane(self._workspace, row.id, link=runner, kind=row.kind)
        server = ServerLane(self._db, row.id, link=runner)
        drafts = DraftCopies(Ledger(self._workspace, row.id), row, link=runner)
        media = None if row.kind == EMAIL else _media(self._workspace, row.id, runner)
        account = _Account(row, runner, lane, server, drafts, media)
        self._accounts[row.id] = account
        self._report(runner.status)
        account.tasks = (
            asyncio.create_task(runner.run(), name=f"runner {row.id}"),
            asyncio.create_task(lane.run(), name=f"outbox {row.id}"),
            asyncio.create_task(server.run(), name=f"server actions {row.id}"),
            asyncio.create_task(drafts.run(), name=f"drafts {row.id}"),
        )
        if media is not None:
            account.tasks += (asyncio.create_task(media.run(), name=f"files {row.id}"),)
        for task in account.tasks:
            task.add_done_callback(_report_bug)

    async def _stop_account(self, account_id: int) -> None:
        """Settle what is on the wire, then let go."""
        account = self._accounts.pop(account_id)
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                await account.lane.finish()
        except TimeoutError:
            log.warning("account %d is left in the middle of sending", account_id)
        finally:
            for task in account.tasks:
                task.cancel()
            await asyncio.gather(*account.tasks, return_exceptions=True)

    async def _connector(self, account_id: int) -> Connector:
        row = await self._read(lambda conn: accounts.row(conn, account_id))
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
        """Parse and store a batch part by part: the next ones are parsed while one is stored.

        It is parsed at once, and stored once `after` has ended well.
        """
        mailbox = mailbox_of(row, self._everyone)
        if row.kind != EMAIL:
            return await self._ingest_chat(mailbox, batch, cursor)
        parts = _parts(batch.items, cursor, nothing_else=after is None)
        parsing = deque(asyncio.create_task(self._parsed(part)) for part in parts)
        total = Ingested()
        try:
            for part in parts:
                parsed = await parsing[0]
                parsing.popleft()
                if after is not None:
                    await asyncio.shield(after)
                acknowledged = cursor if parsing else batch.cursor
                assert acknowledged is not None
                total += await self._write(
                    partial(
                        store_items, mailbox=mailbox, items=part, parsed=parsed, cursor=acknowledged
                    )
                )
        finally:
            for task in parsing:
                task.cancel()
            await asyncio.gather(*parsing, return_exceptions=True)
        if row.id in self._accounts:
            self._accounts[row.id].server.nudge()  # what it waited for may have turned up
        if batch.missing is not None:
            await self._write(
                partial(accounts.set_reconciled, account_id=row.id, missing=batch.missing)
            )
        if batch.looked:
            await self._write(partial(following.settle, account_id=row.id))
        return total

    async def _ingest_chat(self, mailbox: Mailbox, batch: Batch, cursor: Cursor | None) -> Ingested:
        from desktop_inbox.sync import chat_batch  # with the first account of such a channel

        total = await chat_batch.ingest(
            self._workspace.files, mailbox, batch, cursor, write=self._write
        )
        if (account := self._accounts.get(mailbox.id)) is not None and account.media is not None:
            account.media.nudge()
        return total

    async def _reconcile(
        self, account_id: int, connector: Connector, cursor: Cursor
    ) -> Batch | None:
        """Once a week, compare all that lies on the server with what lies here (rule O8)."""
        if Capability.RECONCILE not in connector.info.capabilities:
            return None
        last = await self._read(lambda conn: accounts.reconciled_at(conn, account_id))
        if last is None:  # all of it has just been read for the first time
            await self._write(partial(accounts.set_reconciled, account_id=account_id, missing=0))
            return None
        if utc_now() - last < _RECONCILE_EVERY:
            return None
        lying = await self._read(lambda conn: places.uids_by_folder(conn, account_id))
        return await connector.reconcile(cursor, lying)

    async def _parsed(self, items: Sequence[Item]) -> list[Parsed]:
        return await parse_all(self._parser, [one for one in items if isinstance(one, RawMail)])

    # How accounts are

    def _report(self, status: AccountStatus) -> None:
        before = self._statuses.get(status.account_id)
        self._statuses[status.account_id] = status
        self._unsaved[status.account_id] = status
        self._news.set()
        account = self._accounts.get(status.account_id)
        if account is not None and (before is None or before.state is not status.state):
            account.lane.nudge()
            account.drafts.nudge()
            account.server.nudge()
            if account.media is not None:
                account.media.nudge()
            if before is not None and before.state is State.CONNECTING and account.runner.can_send:
                account.lane.line_is_back()
        for listener in tuple(self._listeners):
            listener(status)

    async def _keep_saving(self) -> None:
        """Write states where other processes see them, at most a few times a second."""
        while True:
            await asyncio.sleep(_SAVE_SECONDS)
            await self._save_statuses()

    async def _save_statuses(self) -> None:
        if not self._unsaved:
            return
        unsaved, self._unsaved = self._unsaved, {}
        try:
            await self._write(lambda tx: _save(tx, unsaved.values()))
        except StoreError as error:
            log.warning("states cannot be kept: %s", error.code)
            self._unsaved = unsaved | self._unsaved

    async def _until_idle(self) -> None:
        """Return once every account rests and nothing more can be sent soon."""
        while not self._stopping.is_set():
            self._news.clear()
            if self._all_rest() and not await self._may_send_soon() and self._all_rest():
                return
            pause = _LOOK_SECONDS if self._all_followed() else _GLANCE_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._news.wait()

    def _all_followed(self) -> bool:
        return all(one.runner.status.state in RESTING for one in self._accounts.values())

    def _all_rest(self) -> bool:
        return self._all_followed() and all(
            not (account.lane.busy and account.runner.can_send)
            and not (account.server.busy and account.runner.is_connected)
            and not (account.media and account.media.busy and account.runner.is_connected)
            for account in self._accounts.values()
        )

    async def _may_send_soon(self) -> bool:
        able = {key for key, account in self._accounts.items() if account.runner.can_send}
        rows: list[OutboxRow] = await self._read(outbox.list_all)
        soon = utc_now() + _SOON
        return any(
            row.account_id in able
            and (
                row.state == "sending"
                or (row.state == "queued" and row.next_at <= soon and not row.error_code)
            )
            for row in rows
        )

    # The store

    async def _read(self, what: Callable[[Any], T]) -> T:
        return await asyncio.wrap_future(self._db.read(what))

    async def _write(self, what: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self._db.write(what, durable=False))


def _parts(
    items: Sequence[Item], cursor: Cursor | None, *, nothing_else: bool
) -> list[Sequence[Item]]:
    """Return what of a batch is stored together; the very first batch has no cursor to keep.

    With `nothing_else` to store meanwhile, the first part is small: it is waited for.
    """
    if cursor is None:
        return [items]
    first, rest = (items[:_FIRST_ITEMS], items[_FIRST_ITEMS:]) if nothing_else else ((), items)
    count = math.ceil(len(rest) / _PART_ITEMS) or 1
    size = math.ceil(len(rest) / count) or 1  # all alike: a few by themselves cost as many
    parts = [first, *(rest[at : at + size] for at in range(0, len(rest), size))]
    return [part for part in parts if part] or [items]


async def parse_all(parser: Parser, mails: Sequence[RawMail]) -> list[Parsed]:
    """Parse mails; of those that cannot be read, at least who wrote and what about (rule O4)."""
    parsed = await parser.parse(mails)
    broken = [
        number for number, one in enumerate(parsed) if one.message is None and one.mail.complete
    ]
    if broken:
        blocks = [
            replace(
                parsed[number].mail,
                raw=_header_block(parsed[number].mail.raw),
                complete=False,
                remote_parts=(),
            )
            for number in broken
        ]
        for number, headers in zip(broken, await parser.parse(blocks), strict=True):
            parsed[number] = replace(parsed[number], message=headers.message)
    return parsed


def _header_block(raw: bytes) -> bytes:
    end = min((at for at in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if at >= 0), default=-1)
    return raw[: end if end >= 0 else _HEADER_BYTES][:_HEADER_BYTES] + b"\r\n\r\n"


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


def _report_bug(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s ended by a bug", task.get_name(), exc_info=error)


def _media(workspace: Workspace, account_id: int, link: Runner) -> Media:
    from desktop_inbox.sync.media import Media  # with the first account of such a channel

    return Media(workspace, account_id, link=link)


def _create(kind: str, config: AccountConfig) -> Connector:
    from desktop_inbox import connectors  # imports the channel's libraries: not before needed

    return connectors.create(kind, config)


class EngineThread:
    """An engine with a loop and a thread of its own, beside a window."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: BaseException | None = None
        self._ready = threading.Event()

    def start(self, *, timeout_seconds: float = 10.0) -> None:
        """Start and return once accounts are being followed.

        Raises:
            EngineBusy: another process runs this workspace's engine.
            TimeoutError: it did not start in time.
        """
        sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._thread.start()
        if not self._ready.wait(timeout_seconds):
            raise TimeoutError("the engine did not start")
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self, *, timeout_seconds: float = FINISH_SECONDS + 10.0) -> None:
        """Settle what is on the wire and end the thread. Idempotent."""
        if self._thread is not None:
            self.engine.stop()
            self._thread.join(timeout_seconds)
            if self._thread.is_alive():
                log.warning("the engine did not stop in time")
            self._thread = None

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the engine's loop. Any thread.

        Raises:
            RuntimeError: the engine does not run.
        """
        if self._loop is None or not self.running:
            coroutine.close()
            raise RuntimeError("the engine does not run")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def subscribe(self, listener: Callable[[AccountStatus], None]) -> Callable[[], None]:
        """See `Engine.subscribe`."""
        return self.engine.subscribe(listener)

    def kick(self, account_id: int | None = None) -> None:
        """See `Engine.kick`."""
        self.engine.kick(account_id)

    @property
    def running(self) -> bool:
        """Whether the engine works."""
        return self._thread is not None and self._thread.is_alive()

    def _main(self) -> None:
        try:
            asyncio.run(self._run())
        except Exception as error:
            self._failure = error
            if self._ready.is_set():
                log.exception("the engine ended by a bug")
        finally:
            self._ready.set()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self.engine.run(on_started=self._ready.set)
