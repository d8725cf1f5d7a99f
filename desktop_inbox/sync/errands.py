"""What a lane does beside sending: looks for what may have left, and sees to copies in Sent.

When each is due lies in the outbox, so that it goes on after a crash and other processes can ask
for it. On the engine loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from desktop_inbox.connectors.contract import Capability, SendResult
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    RateLimited,
    TransientError,
)
from desktop_inbox.domain.messages import Outgoing
from desktop_inbox.log import for_account
from desktop_inbox.store import messages, outbox, outbox_agenda
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.sync.ledger import Ledger
from desktop_inbox.sync.link import Link
from desktop_inbox.sync.outgoing import prepare, without_files

# After how long a message that may have left is looked for again; and at each new connection.
LOOK_AFTER = (
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
LOOK_FOR = timedelta(days=3)  # after that long only when a person asks
LOOK_AFTER_FAILURE = timedelta(minutes=2)  # where looking itself failed
# How long a provider that files copies itself is waited for, before we do.
COPY_AFTER = (timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=10))


class Chats(Protocol):
    """What a messaging channel does otherwise than mail: see `sync.chat_lane`."""

    @property
    def sends_again(self) -> bool: ...

    async def as_looked_for(self, message_id: int, message: Outgoing) -> Outgoing: ...

    def accepted(self, tx: Tx, message_id: int, result: SendResult) -> None: ...


class Errands:
    """One account's looking and filing."""

    def __init__(
        self,
        ledger: Ledger,
        link: Link,
        *,
        look_after: Sequence[timedelta] = LOOK_AFTER,
        copy_after: Sequence[timedelta] = COPY_AFTER,
        retry_after: Callable[[int], timedelta],
        chats: Chats | None = None,
    ) -> None:
        self._chats = chats
        self._ledger = ledger
        self._log = for_account(logging.getLogger(__name__), ledger.account_id)
        self._link = link
        self._look_after = look_after
        self._copy_after = copy_after
        self._retry_after = retry_after

    async def run_due(self) -> None:
        """Do what is due."""
        account_id, now = self._ledger.account_id, self._ledger.now()
        for message_id in await self._ledger.read(
            lambda conn: outbox_agenda.to_look_for(conn, now, account_id=account_id)
        ):
            if self._link.can_send:
                await self._look_for(message_id)
        for copy in await self._ledger.read(
            lambda conn: outbox_agenda.to_file(conn, now, account_id=account_id)
        ):
            if self._link.can_send:
                await self._see_to(copy)

    def look_again(self, tx: Tx) -> None:
        """There is a new connection: look at once for what has been uncertain for a while."""
        for row in outbox.list_all(tx.conn):
            mine = row.account_id == self._ledger.account_id and row.state == "uncertain"
            young = tx.now - max(row.queued_at, row.not_before) < LOOK_FOR
            if mine and young and row.recipients is None:
                outbox.look_at(tx, row.message_id, tx.now)

    # What may have been delivered

    async def _look_for(self, message_id: int) -> None:
        row = await self._ledger.read(lambda conn: outbox.row(conn, message_id))
        message = await self._ledger.read(lambda conn: messages.row(conn, message_id))
        connector = self._link.connector
        if row is None or message is None or connector is None:
            return
        if Capability.FIND_SENT not in connector.info.capabilities:
            if not await self._sent_again(row):
                await self._ledger.write(lambda tx: outbox.look_at(tx, message_id, None))
            return
        wanted = without_files(message)
        if self._chats is not None:
            wanted = await self._chats.as_looked_for(message_id, wanted)
        try:
            async with self._link.sending:
                found = await connector.find_sent(wanted)
        except AuthError as error:
            self._link.refuse(error)
            await self._not_looked(row, error.reason.value)
        except TransientError as error:
            await self._not_looked(row, error.cause.value)
        except ConnectorError as error:
            self._log.info("cannot look for a sent message: %s", type(error).__name__)
            await self._not_looked(row, "server")
        except Exception:  # noqa: BLE001 - a bug with one message stops no other
            self._log.exception("looking for message %d stopped by a bug", message_id)
            await self._not_looked(row, "bug")
        else:
            await self._looked(row, found)

    async def _sent_again(self, row: OutboxRow) -> bool:
        """Send it again where the service tells a second one by its name and drops it (rule N)."""
        if self._chats is None or not self._chats.sends_again:
            return False
        next_at = self._ledger.now() + self._retry_after(row.attempts)
        await self._ledger.write(
            lambda tx: outbox.reschedule(
                tx,
                row.message_id,
                next_at=next_at,
                code=row.error_code,
                detail=row.error_text,
                failed=True,
            )
        )
        return True

    async def _looked(self, row: OutboxRow, found: SendResult | None) -> None:
        if found is not None:
            await self._ledger.write(lambda tx: self._found(tx, row.message_id, found))
            return
        if await self._sent_again(row):
            return
        again = self._look_after[row.looks] if row.looks < len(self._look_after) else None
        next_at = None if again is None else self._ledger.now() + again
        await self._ledger.write(
            lambda tx: outbox.looked(tx, row.message_id, error="", next_at=next_at)
        )

    def _found(self, tx: Tx, message_id: int, found: SendResult) -> None:
        if self._chats is not None:
            self._chats.accepted(tx, message_id, found)
        outbox.sent(tx, message_id)

    async def _not_looked(self, row: OutboxRow, why: str) -> None:
        next_at = self._ledger.now() + LOOK_AFTER_FAILURE
        await self._ledger.write(
            lambda tx: outbox.looked(tx, row.message_id, error=why, next_at=next_at)
        )

    # Copies in Sent

    async def _see_to(self, copy: outbox_agenda.Copy) -> None:
        message_id, connector = copy.message_id, self._link.connector
        if connector is None:
            return
        prepared = await self._ledger.read(
            lambda conn: prepare(messages.row(conn, message_id), self._ledger.files)
        )
        waited = copy.tries >= len(self._copy_after)
        settled = True
        try:
            if prepared.message is not None:
                async with self._link.sending:
                    settled = await connector.store_sent(prepared.message, insist=waited)
        except (TransientError, RateLimited) as error:
            self._log.info("a copy for Sent waits: %s", type(error).__name__)
            await self._copy_later(copy, self._retry_after(copy.tries + 1))
            return
        except AuthError as error:
            self._link.refuse(error)
            await self._copy_later(copy, timedelta(0))
            return
        except ConnectorError as error:
            self._log.warning("no copy in Sent of message %d: %s", message_id, type(error).__name__)
        except Exception:  # noqa: BLE001 - a bug with one message stops no other
            self._log.exception("filing a copy of message %d stopped by a bug", message_id)
        if settled:
            await self._ledger.write(lambda tx: outbox.copied(tx, message_id))
        else:
            await self._copy_later(copy, self._copy_after[copy.tries])

    async def _copy_later(self, copy: outbox_agenda.Copy, delay: timedelta) -> None:
        at = self._ledger.now() + delay
        await self._ledger.write(lambda tx: outbox.copy_later(tx, copy.message_id, at=at))
