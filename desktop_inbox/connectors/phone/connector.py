"""The log of calls and visits as a connector: there is nobody to ask, so nothing ever comes.

What is written down here is stored by `services.phone`, the way that all chats are. Engine loop.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from desktop_inbox.connectors.contract import Batch, Connector, ConnectorInfo, Cursor
from desktop_inbox.connectors.phone.info import INFO


class PhoneConnector(Connector):
    """One account's link to nothing."""

    info: ClassVar[ConnectorInfo] = INFO

    async def open(self) -> None:
        """There is nothing to connect to."""

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def pull(self, cursor: Cursor | None) -> Batch:
        """Return that nothing is new."""
        return Batch(items=(), cursor=cursor or {}, more=False)

    async def wait(self) -> None:
        """Wait until somebody ends it."""
        await asyncio.Event().wait()


create = PhoneConnector
