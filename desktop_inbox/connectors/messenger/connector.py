"""One Facebook page's talks in Messenger. Engine loop."""

from __future__ import annotations

from typing import ClassVar

from desktop_inbox.connectors.messenger.info import INFO
from desktop_inbox.connectors.messenger.service import SERVICE
from desktop_inbox.connectors.meta.connector import MetaConnector


class MessengerConnector(MetaConnector):
    """The page's link."""

    info: ClassVar = INFO
    service: ClassVar = SERVICE

    async def read(self, chat: str, external_id: str) -> None:
        await self._ready.post(
            {"recipient": {"id": chat}, "sender_action": "mark_seen"}, step="read"
        )


create = MessengerConnector
