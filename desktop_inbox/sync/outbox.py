"""Sends what waits for one account: claim, send, settle; nothing lost, nothing twice (rules N).

One lane per account, a task on the engine loop beside the account's runner. What a crash leaves
behind is settled when the lane starts again: a message whose body had not begun is queued again,
one whose body had is looked for and otherwise left to a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

from desktop_inbox.connectors.contract import Capability, Connector, SendResult
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    RateLimited,
    TransientCause,
    TransientError,
    UncertainDelivery,
    Unsupported,
)
from desktop_inbox.domain.conversations import expects_answer
from desktop_inbox.domain.messages import Direction, Outgoing, OutgoingFile
from desktop_inbox.store import messages, outbox
from desktop_inbox.store.database import StoreError, Tx
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync import backoff

log = logging.getLogger(__name__)

T = TypeVar("T")

# Failures of the line rather than of one message: they keep the whole account waiting.
_LINE = frozenset({TransientCause.NETWORK, TransientCause.DNS, TransientCause.TLS})
# When to look in the service's Sent folder for a message that may have left.
LOOK_AFTER = (
    timedelta(seconds=0),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(hours=1),
)
CUSTOMER_WROTE = "customer-wrote"  # why a message sent later waits for a person (rule H4)
SENT_ANYWAY = "sent-anyway"  # and that the person let it go
_SETTLE_AGAIN = timedelta(seconds=2)  # while the store itself fails
_LONGEST_SLEEP = timedelta(minutes=10)  # clocks jump and computers sleep; look at the table again


class Link(Protocol):
    """What a lane needs of an account's runner."""

    @property
    def connector(self) -> Connector | None: ...

    @property
    def can_send(self) -> bool: ...

    @property
    def sending(self) -> asyncio.Lock: ...

    def refuse(self, error: AuthError) -> None: ...


@dataclass(slots=True)
class _Later:
    """Something to be tried again, and how often it was tried."""

    at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is to go out, or why it cannot."""

    message: Outgoing | None
    problem: str = ""
    detail: str = ""


class Lane:
    """One account's way out."""

    def __init__(
        self,
        workspace: Workspace,
        account_id: int,
        *,
        link: Link,
        look_after: Sequence[timedelta] = LOOK_AFTER,
        send_delay: Callable[[int], timedelta] = backoff.send_delay,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._db = workspace.db
        self._files = workspace.files
        self._account_id = account_id
        self._link = link
        self._look_after = look_after
        self._send_delay = send_delay
        self._now = now
        self._news = asyncio.Event()
        self._held_until: datetime | None = None
        self._looking: dict[int, _Later] = {}  # uncertain messages
        self._filing: dict[int, _Later] = {}  # copies for Sent
        self._finishing = False
        self._line_is_back = False
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
        await self._insist(self._recover)
        while True:
            self._news.clear()
            due = await self._insist(self._turn)
            if due is None or due > self._now():
                self.busy = self._news.is_set()
                await self._sleep(due)

    async def _turn(self) -> datetime | None:
        """Do what can be done now; return when there is more to do."""
        if not self._ready:
            return None
        self._idle.clear()
        try:
            await self._work()
            return await self._next_due()
        finally:
            self._idle.set()

    @property
    def _ready(self) -> bool:
        return self._link.can_send and not self._finishing

    async def _insist(self, what: Callable[[], Awaitable[T]]) -> T:
        """Do `what`, and again after a while as long as the disk is full or the database locked."""
        while True:
            try:
                return await what()
            except StoreError as error:
                log.warning("the outbox of account %d waits: %s", self._account_id, error.code)
                await asyncio.sleep(_SETTLE_AGAIN.total_seconds())

    async def _sleep(self, due: datetime | None) -> None:
        seconds = _LONGEST_SLEEP.total_seconds()
        if due is not None:
            seconds = min(max((due - self._now()).total_seconds(), 0.0), seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self.busy = True

    async def _next_due(self) -> datetime | None:
        queued = await self._read(lambda conn: outbox.next_due(conn, account_id=self._account_id))
        if queued is not None and self._held_until is not None:
            queued = max(queued, self._held_until)
        later = [one.at for one in (*self._looking.values(), *self._filing.values())]
        return min((at for at in (queued, *later) if at is not None), default=None)

    async def _work(self) -> None:
        if self._line_is_back:
            self._line_is_back = False
            await self._write(self._expedite)
        await self._look_for_uncertain()
        await self._file_copies()
        while self._ready and (message_id := await self._next_message()) is not None:
            await self._send(message_id)

    async def _next_message(self) -> int | None:
        now = self._now()
        if self._held_until is not None and now < self._held_until:
            return None
        self._held_until = None
        due = await self._read(lambda conn: outbox.due(conn, now, account_id=self._account_id))
        return due[0] if due else None

    # After a crash

    async def _recover(self) -> None:
        """Settle what an engine that died left in the middle."""
        await self._write(self._requeue_stranded)
        rows = await self._read(outbox.list_all)
        for row in rows:
            if row.account_id == self._account_id and row.state == "uncertain":
                self._looking[row.message_id] = _Later(self._now())
        for message_id in await self._read(
            lambda conn: outbox.filing(conn, account_id=self._account_id)
        ):
            self._filing[message_id] = _Later(self._now())

    def _requeue_stranded(self, tx: Tx) -> None:
        for row in outbox.stranded(tx.conn):
            if row.account_id != self._account_id:
                continue
            if row.phase == outbox.BODY:
                outbox.uncertain(tx, row.message_id, code="interrupted", detail="")
            else:
                outbox.reschedule(tx, row.message_id, next_at=tx.now, code="interrupted", detail="")

    def _expedite(self, tx: Tx) -> None:
        for row in outbox.list_all(tx.conn):
            waits = row.account_id == self._account_id and row.state == "queued"
            if waits and row.error_code in _LINE and row.next_at > tx.now >= row.not_before:
                outbox.reschedule(
                    tx,
                    row.message_id,
                    next_at=tx.now,
                    code=row.error_code,
                    detail=row.error_text,
                )

    # Sending

    async def _send(self, message_id: int) -> None:
        """Send one message. The claim is on disk before any byte leaves, and so is the body."""
        held_back = await self._write(lambda tx: _hold_back(tx, message_id))
        if held_back or not await self._write(
            lambda tx: outbox.claim(tx, message_id, claimed_by=tx.device_uid)
        ):
            return
        draft = await self._read(lambda conn: self._draft(messages.row(conn, message_id)))
        connector = self._link.connector
        if draft.message is None or connector is None:
            await self._fail(message_id, draft.problem or "no-connector", draft.detail)
            return
        await self._deliver(message_id, draft.message, connector)

    async def _deliver(self, message_id: int, message: Outgoing, connector: Connector) -> None:
        in_body = False

        async def before_body() -> None:
            nonlocal in_body
            await self._write_once(lambda tx: outbox.enter_body(tx, message_id))
            in_body = True

        try:
            async with self._link.sending:
                result = await connector.send(message, before_body)
        except UncertainDelivery as error:
            await self._maybe_delivered(message_id, "uncertain", error.detail)
        except RateLimited as error:
            await self._try_later(
                message_id,
                "rate_limited",
                error.detail,
                delay=timedelta(seconds=error.retry_after_seconds),
                hold=True,
            )
        except TransientError as error:
            await self._after_transient(message_id, error)
        except AuthError as error:
            await self._try_later(message_id, error.reason.value, error.detail, delay=timedelta(0))
            self._link.refuse(error)
        except PermanentError as error:
            await self._fail(message_id, error.reason.value, error.detail)
        except Unsupported as error:
            await self._fail(message_id, "unsupported", error.detail)
        except StoreError as error:
            await self._try_later(message_id, error.code, error.detail, delay=_SETTLE_AGAIN)
        except Exception:
            log.exception("sending message %d stopped by a bug", message_id)
            if in_body:
                await self._maybe_delivered(message_id, "bug", "")
            else:
                await self._fail(message_id, "bug", "")
        else:
            await self._sent(message_id, result, connector)

    async def _after_transient(self, message_id: int, error: TransientError) -> None:
        row = await self._read(lambda conn: outbox.row(conn, message_id))
        if row is None:
            return
        if self._now() - max(row.queued_at, row.not_before) >= backoff.SEND_GIVES_UP_AFTER:
            await self._fail(message_id, "gave-up", error.detail)
            return
        delay = max(
            self._send_delay(row.attempts), timedelta(seconds=error.retry_after_seconds or 0)
        )
        await self._try_later(
            message_id,
            error.cause.value,
            error.detail,
            delay=delay,
            hold=error.cause in _LINE,
        )

    async def _sent(self, message_id: int, result: SendResult, connector: Connector) -> None:
        copy = Capability.STORE_SENT in connector.info.capabilities
        detail: dict[str, object] = {"detail": result.detail}
        if result.refused:
            detail["refused"] = [asdict(refusal) for refusal in result.refused]
        await self._write(lambda tx: outbox.sent(tx, message_id, detail=detail, file_copy=copy))
        if copy:
            self._filing[message_id] = _Later(self._now())
            await self._file_copies()

    async def _maybe_delivered(self, message_id: int, code: str, detail: str) -> None:
        await self._write(lambda tx: outbox.uncertain(tx, message_id, code=code, detail=detail))
        self._looking[message_id] = _Later(self._now() + self._look_after[0])

    async def _try_later(
        self, message_id: int, code: str, detail: str, *, delay: timedelta, hold: bool = False
    ) -> None:
        next_at = self._now() + delay
        if hold:
            self._held_until = next_at
        await self._write(
            lambda tx: outbox.reschedule(tx, message_id, next_at=next_at, code=code, detail=detail)
        )

    async def _fail(self, message_id: int, code: str, detail: str) -> None:
        await self._write(lambda tx: outbox.fail(tx, message_id, code=code, detail=detail))

    def _draft(self, row: MessageRow | None) -> _Draft:
        """Return what goes out, as it was fixed when it was queued (rule C6)."""
        if row is None:
            return _Draft(None, "gone")
        for file in row.attachments:
            if file.state != "file" or not self._files.has(file.sha256):
                return _Draft(None, "attachment-missing", file.name)
        return _Draft(
            Outgoing(
                client_ref=row.client_ref,
                at=row.at,
                from_=row.from_[0],
                to=row.to,
                cc=row.cc,
                bcc=row.bcc,
                subject=row.subject,
                text=row.text,
                html=row.html,
                in_reply_to=row.in_reply_to,
                references=row.references,
                attachments=tuple(
                    OutgoingFile(
                        name=file.name,
                        media_type=file.media_type,
                        path=self._files.path(file.sha256),
                        size=file.size,
                        content_id=file.content_id,
                        inline=file.inline,
                    )
                    for file in row.attachments
                ),
            )
        )

    # Afterwards

    async def _look_for_uncertain(self) -> None:
        """Ask the service whether it holds messages that may have left."""
        for message_id, later in list(self._looking.items()):
            if later.at <= self._now() and self._ready:
                await self._look_for(message_id, later)

    async def _look_for(self, message_id: int, later: _Later) -> None:
        row = await self._read(lambda conn: outbox.row(conn, message_id))
        connector = self._link.connector
        if connector is None:
            return
        if (
            row is None
            or row.state != "uncertain"
            or Capability.FIND_SENT not in connector.info.capabilities
        ):
            self._looking.pop(message_id, None)
            return
        if await self._is_there(connector, row.client_ref):
            self._looking.pop(message_id, None)
            await self._write(lambda tx: outbox.sent(tx, message_id))
            return
        later.attempts += 1
        if later.attempts >= len(self._look_after):
            self._looking.pop(message_id, None)  # a person decides
        else:
            later.at = self._now() + self._look_after[later.attempts]

    async def _is_there(self, connector: Connector, client_ref: str) -> bool:
        try:
            async with self._link.sending:
                return await connector.find_sent(client_ref)
        except AuthError as error:
            self._link.refuse(error)
        except ConnectorError as error:
            log.info("cannot look for a sent message: %s", type(error).__name__)
        except Exception:
            log.exception("looking for a sent message stopped by a bug")
        return False

    async def _file_copies(self) -> None:
        """File copies of what was accepted in the service's Sent folder."""
        for message_id, later in list(self._filing.items()):
            if later.at <= self._now() and self._ready:
                await self._file_copy(message_id, later)

    async def _file_copy(self, message_id: int, later: _Later) -> None:
        draft = await self._read(lambda conn: self._draft(messages.row(conn, message_id)))
        connector = self._link.connector
        if connector is None:
            return
        try:
            if draft.message is not None:
                async with self._link.sending:
                    await connector.store_sent(draft.message)
        except (TransientError, RateLimited) as error:
            later.attempts += 1
            later.at = self._now() + self._send_delay(later.attempts)
            log.info("a copy for Sent waits: %s", type(error).__name__)
            return
        except AuthError as error:
            self._link.refuse(error)
            return
        except ConnectorError as error:
            log.warning("no copy in Sent of message %d: %s", message_id, type(error).__name__)
        except Exception:
            log.exception("filing a copy of message %d stopped by a bug", message_id)
        self._filing.pop(message_id, None)
        await self._write(lambda tx: outbox.done(tx, message_id))

    # The store

    async def _read(self, what: Callable[[Any], T]) -> T:
        return await asyncio.wrap_future(self._db.read(what))

    async def _write_once(self, what: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self._db.write(what, durable=True))

    async def _write(self, what: Callable[[Tx], T]) -> T:
        """Commit to disk, trying until it works: what happened on the wire must not be lost."""
        while True:
            try:
                return await self._write_once(what)
            except StoreError as error:
                log.warning("the outbox of account %d waits: %s", self._account_id, error.code)
                await asyncio.sleep(_SETTLE_AGAIN.total_seconds())


def _hold_back(tx: Tx, message_id: int) -> bool:
    """Stop a message sent later if the customer wrote since it was queued (rule H4)."""
    draft = outbox.draft_of(tx.conn, message_id)
    row = outbox.row(tx.conn, message_id)
    if row is None or not draft or not draft.get("hold_if_answered"):
        return False
    if row.attempts or row.error_code == SENT_ANYWAY:
        return False
    news = any(
        one.direction is Direction.IN and expects_answer(one.kind) and one.at > row.queued_at
        for one in messages.of_conversation(tx.conn, row.conversation_id)
    )
    if news:
        outbox.fail(tx, message_id, code=CUSTOMER_WROTE, detail="")
    return news
