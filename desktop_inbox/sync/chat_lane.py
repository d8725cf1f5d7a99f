"""What sending through a messaging channel does otherwise than through mail.

On the engine loop, as a part of an account's outbox lane.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from desktop_inbox.connectors.contract import Capability, ConnectorInfo, SendResult
from desktop_inbox.connectors.kinds import info_of
from desktop_inbox.domain.messages import Outgoing
from desktop_inbox.store import accounts, chat_messages, chat_ways
from desktop_inbox.store.database import Tx
from desktop_inbox.sync import chat_outgoing
from desktop_inbox.sync.ledger import Ledger
from desktop_inbox.sync.outgoing import Prepared


class ChatLane:
    """One account's rules of sending."""

    def __init__(self, ledger: Ledger, kind: str) -> None:
        self._ledger = ledger
        self._info = info_of(kind) or ConnectorInfo(kind=kind, title=kind, capabilities=frozenset())

    @property
    def sends_again(self) -> bool:
        """Whether what may have left can leave again without arriving twice (rule N)."""
        return Capability.IDEMPOTENT in self._info.capabilities

    async def give_up_closed(self) -> datetime | None:
        """Hand messages to a person whose window closed; return when the next one does."""
        account_id, info = self._ledger.account_id, self._info

        def closing(conn: object) -> datetime | None:
            return chat_outgoing.next_closing(conn, account_id, info)

        due = await self._ledger.read(closing)
        if due is None or due > self._ledger.now():
            return due
        await self._ledger.write(lambda tx: chat_outgoing.give_up_closed(tx, account_id, info))
        return await self._ledger.read(closing)

    async def complete(self, message_id: int, prepared: Prepared) -> Prepared:
        """Return a message with what its chat needs, or why it cannot leave now."""
        now = self._ledger.now()
        return await self._ledger.read(
            lambda conn: chat_outgoing.complete(
                conn, message_id, prepared, self._as_told(conn), now=now
            )
        )

    def _as_told(self, conn: Any) -> ConnectorInfo:
        """Return what the channel takes, as its service said last."""
        row = accounts.row(conn, self._ledger.account_id)
        told = row.limits if row is not None else {}
        return replace(self._info, limits={**self._info.limits, **told})

    async def as_looked_for(self, message_id: int, message: Outgoing) -> Outgoing:
        """Return a message as the service may know it."""
        way = await self._ledger.read(lambda conn: chat_ways.way_out(conn, message_id))
        return message if way is None else chat_outgoing.with_chat(message, way)

    def accepted(self, tx: Tx, message_id: int, result: SendResult) -> None:
        """Note what the service calls a message that it took."""
        chat_messages.accepted(tx, message_id, result.external_id)
