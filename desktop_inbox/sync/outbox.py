"""Sends what waits for one account: claim, send, settle; nothing lost, nothing twice (rules N).

One lane per account, a task on the engine loop beside the account's runner. What a crash leaves
behind is settled when the lane starts again: a message whose body had not begun is queued again,
one whose body had is looked for and otherwise left to a person.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Protocol

from desktop_inbox.connectors.contract import Capability, Connector, SendResult
from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    RateLimited,
    TransientCause,
    TransientError,
    UncertainDelivery,
    Unsupported,
)
from desktop_inbox.connectors.kinds import EMAIL
from desktop_inbox.domain.messages import Outgoing
from desktop_inbox.log import for_account
from desktop_inbox.store import accounts, messages, outbox, outbox_agenda
from desktop_inbox.store.database import StoreError, Tx
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync import backoff, errands, ledger, patience, send_later
from desktop_inbox.sync.link import Link
from desktop_inbox.sync.outgoing import Prepared, prepare

# Failures of the line rather than of one message: they keep the whole account waiting.
_LINE = frozenset({TransientCause.NETWORK, TransientCause.DNS, TransientCause.TLS})
_LONGEST_SLEEP = timedelta(minutes=10)  # clocks jump and computers sleep; look at the table again


class Chats(errands.Chats, Protocol):
    """What a messaging channel does otherwise than mail: see `sync.chat_lane`."""

    async def give_up_closed(self) -> datetime | None: ...

    async def complete(self, message_id: int, prepared: Prepared) -> Prepared: ...


def _chat_rules(kind: str, own: ledger.Ledger) -> Chats | None:
    if kind == EMAIL:
        return None
    from desktop_inbox.sync.chat_lane import ChatLane  # with the first account of such a channel

    return ChatLane(own, kind)


class Lane:
    """One account's way out."""

    def __init__(
        self,
        workspace: Workspace,
        account_id: int,
        *,
        link: Link,
        kind: str = EMAIL,
        look_after: Sequence[timedelta] = errands.LOOK_AFTER,
        copy_after: Sequence[timedelta] = errands.COPY_AFTER,
        send_delay: Callable[[int], timedelta] = backoff.send_delay,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger = ledger.Ledger(workspace, account_id, now=now)
        self._log = for_account(logging.getLogger(__name__), account_id)
        self._link = link
        self._chats = _chat_rules(kind, self._ledger)
        self._errands = errands.Errands(
            self._ledger,
            link,
            chats=self._chats,
            look_after=look_after,
            copy_after=copy_after,
            retry_after=send_delay,
        )
        self._send_delay = send_delay
        self._now = now
        self._news = asyncio.Event()
        self._held_until: datetime | None = None
        self._finishing = False
        self._line_is_back = False
        self._limits: Mapping[str, int] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self.busy = True  # there may be something to do; for whoever waits until there is not

    def nudge(self) -> None:
        """Look at the table again: something was queued or taken back, or the link changed."""
        self.busy = True
        self._news.set()

    async def finish(self) -> None:
        """Begin nothing more, and return once what is on the wire is settled."""
        self._finishing = True
        self._news.set()
        await self._idle.wait()

    def line_is_back(self) -> None:
        """Send at once what waits only because the line was down."""
        self._held_until = None
        self._line_is_back = True
        self.nudge()

    async def run(self) -> None:
        """Send until cancelled."""
        await self._ledger.write(self._recover)
        while True:
            self._news.clear()
            due = await self._ledger.insist(self._turn)
            if due is None or due > self._now():
                self.busy = self._news.is_set()
                await self._sleep(due)

    async def _turn(self) -> datetime | None:
        """Do what can be done now; return when there is more to do."""
        closing = await self._chats.give_up_closed() if self._chats is not None else None
        if not self._ready:
            return closing
        self._idle.clear()
        try:
            await self._work()
            due = await self._next_due()
            return min((at for at in (due, closing) if at is not None), default=None)
        finally:
            self._idle.set()

    @property
    def _ready(self) -> bool:
        return self._link.can_send and not self._finishing

    async def _sleep(self, due: datetime | None) -> None:
        seconds = _LONGEST_SLEEP.total_seconds()
        if due is not None:
            seconds = min(max((due - self._now()).total_seconds(), 0.0), seconds)
        await patience.wait_for(self._news, seconds=seconds)
        self.busy = True

    async def _next_due(self) -> datetime | None:
        account_id = self._ledger.account_id
        queued = await self._ledger.read(
            lambda conn: outbox_agenda.next_due(conn, account_id=account_id)
        )
        if queued is not None and self._held_until is not None:
            queued = max(queued, self._held_until)
        errand = await self._ledger.read(
            lambda conn: outbox_agenda.next_errand(conn, account_id=account_id)
        )
        return min((at for at in (queued, errand) if at is not None), default=None)

    async def _work(self) -> None:
        if self._line_is_back:
            self._line_is_back = False
            await self._ledger.write(self._expedite)
        if self._link.connector is not None:
            await self._note_limits(self._link.connector)
        await self._errands.run_due()
        while self._ready and (message_id := await self._next_message()) is not None:
            await self._send(message_id)

    async def _next_message(self) -> int | None:
        now, account_id = self._now(), self._ledger.account_id
        if self._held_until is not None and now < self._held_until:
            return None
        self._held_until = None
        due = await self._ledger.read(
            lambda conn: outbox_agenda.due(conn, now, account_id=account_id)
        )
        return due[0] if due else None

    # After a crash, and after the line was down

    def _recover(self, tx: Tx) -> None:
        """Settle what an engine that died left in the middle."""
        for row in outbox_agenda.stranded(tx.conn):
            if row.account_id != self._ledger.account_id:
                continue
            if row.phase == outbox.BODY:
                outbox.uncertain(tx, row.message_id, code="interrupted", detail="")
            else:
                outbox.reschedule(tx, row.message_id, next_at=tx.now, code="interrupted", detail="")
        self._errands.look_again(tx)

    def _expedite(self, tx: Tx) -> None:
        for row in outbox.list_all(tx.conn):
            waits = row.account_id == self._ledger.account_id and row.state == "queued"
            if waits and row.error_code in _LINE and row.next_at > tx.now >= row.not_before:
                outbox.reschedule(
                    tx,
                    row.message_id,
                    next_at=tx.now,
                    code=row.error_code,
                    detail=row.error_text,
                )
        self._errands.look_again(tx)

    # Sending

    async def _send(self, message_id: int) -> None:
        """Send one message. The claim is on disk before any byte leaves, and so is the body."""
        write = self._ledger.write
        held_back = await write(lambda tx: send_later.hold_back(tx, message_id))
        if held_back or not await write(
            lambda tx: outbox.claim(tx, message_id, claimed_by=tx.device_uid)
        ):
            return
        row = await self._ledger.read(lambda conn: outbox.row(conn, message_id))
        prepared = await self._prepared(message_id, row)
        connector = self._link.connector
        if row is None or prepared.message is None:
            await self._fail(message_id, prepared.problem, prepared.detail)
            return
        if connector is None:  # the runner let go of it in this moment
            await self._put_back(row, "interrupted", "", delay=timedelta(0))
            return
        await self._deliver(row, prepared.message, connector)
        await self._note_limits(connector)

    async def _note_limits(self, connector: Connector) -> None:
        """Keep what the service said it takes, for whoever writes the next message."""
        said = dict(connector.limits)
        if said and said != self._limits:
            account_id = self._ledger.account_id
            await self._ledger.write(lambda tx: accounts.set_limits(tx, account_id, said))
            self._limits = said

    async def _prepared(self, message_id: int, row: OutboxRow | None) -> Prepared:
        only = row.recipients if row is not None else None
        prepared = await self._ledger.read(
            lambda conn: prepare(messages.row(conn, message_id), self._ledger.files, only=only)
        )
        return prepared if self._chats is None else await self._chats.complete(message_id, prepared)

    async def _deliver(self, row: OutboxRow, message: Outgoing, connector: Connector) -> None:
        message_id = row.message_id
        in_body = False

        async def before_body() -> None:
            nonlocal in_body
            await self._ledger.write_once(lambda tx: outbox.enter_body(tx, message_id))
            in_body = True

        try:
            async with self._link.sending:
                result = await connector.send(message, before_body)
        except UncertainDelivery as error:
            await self._maybe_delivered(message_id, "uncertain", error.detail)
        except RateLimited as error:
            delay = timedelta(seconds=error.retry_after_seconds)
            await self._try_later(row, "rate_limited", error.detail, delay=delay, hold=True)
        except TransientError as error:
            await self._after_transient(row, error)
        except AuthError as error:
            await self._put_back(row, error.reason.value, error.detail, delay=timedelta(0))
            self._link.refuse(error)
        except PermanentError as error:
            await self._fail(message_id, error.reason.value, error.detail)
        except Unsupported as error:
            await self._fail(message_id, "unsupported", error.detail)
        except StoreError as error:
            await self._put_back(row, error.code, error.detail, delay=ledger.SETTLE_AGAIN)
        except Exception:  # noqa: BLE001 - a bug with one message stops no other
            self._log.exception("sending message %d stopped by a bug", message_id)
            if in_body:
                await self._maybe_delivered(message_id, "bug", "")
            else:
                await self._fail(message_id, "bug", "")
        else:
            await self._accepted(row, message, result, connector)

    async def _accepted(
        self, row: OutboxRow, message: Outgoing, result: SendResult, connector: Connector
    ) -> None:
        """The provider has it, at least for some; those it refused for now are tried again."""
        refused = [*await self._refused_before(row), *map(asdict, result.refused)]
        for_now = [one.address for one in result.refused if one.for_now]
        if backoff.gives_up(row.attempts, row.tried_since, now=self._now()):
            for_now = []
        draft = await self._ledger.read(lambda conn: outbox.draft_of(conn, row.message_id))
        detail = {
            "detail": result.detail,
            "refused": refused,
            **send_later.lateness(draft or {}, row, now=self._now()),
        }
        copy = Capability.STORE_SENT in connector.info.capabilities and row.recipients is None
        again = self._now() + self._send_delay(row.attempts) if for_now else None
        words = "; ".join(f"{one['address']}: {one['code']} {one['text']}" for one in refused)
        missing = for_now or [str(one["address"]) for one in refused]

        def settle(tx: Tx) -> None:
            if self._chats is not None:
                self._chats.accepted(tx, row.message_id, result)
            if not missing:
                outbox.sent(tx, row.message_id, detail=detail, copy=copy)
                return
            outbox.sent_to_some(
                tx,
                row.message_id,
                missing=missing,
                next_at=again,
                code="recipient" if again is None else "server",
                words=words,
                detail=detail,
                copy=copy,
            )

        await self._ledger.write(settle)
        await self._errands.run_due()

    async def _refused_before(self, row: OutboxRow) -> list[dict[str, object]]:
        """Return what is known of recipients that were not tried this time."""
        if row.recipients is None:
            return []
        known = await self._ledger.read(lambda conn: messages.row(conn, row.message_id))
        before = known.delivery_detail.get("refused") if known is not None else None
        return [
            one
            for one in (before if isinstance(before, list) else [])
            if one["address"] not in row.recipients
        ]

    async def _after_transient(self, row: OutboxRow, error: TransientError) -> None:
        if backoff.gives_up(row.attempts, row.tried_since, now=self._now()):
            await self._fail(row.message_id, "gave-up", error.detail)
            return
        delay = max(
            self._send_delay(row.attempts), timedelta(seconds=error.retry_after_seconds or 0)
        )
        await self._try_later(
            row, error.cause.value, error.detail, delay=delay, hold=error.cause in _LINE
        )

    async def _maybe_delivered(self, message_id: int, code: str, detail: str) -> None:
        await self._ledger.write(
            lambda tx: outbox.uncertain(tx, message_id, code=code, detail=detail)
        )
        await self._errands.run_due()

    async def _try_later(
        self, row: OutboxRow, code: str, detail: str, *, delay: timedelta, hold: bool
    ) -> None:
        if hold:
            self._held_until = self._now() + delay
        await self._put_back(row, code, detail, delay=delay, failed=True)

    async def _put_back(
        self, row: OutboxRow, code: str, detail: str, *, delay: timedelta, failed: bool = False
    ) -> None:
        next_at = self._now() + delay
        await self._ledger.write(
            lambda tx: outbox.reschedule(
                tx, row.message_id, next_at=next_at, code=code, detail=detail, failed=failed
            )
        )

    async def _fail(self, message_id: int, code: str, detail: str) -> None:
        await self._ledger.write(lambda tx: outbox.fail(tx, message_id, code=code, detail=detail))
