"""What sending needs of an account's runner."""

from __future__ import annotations

import asyncio
from typing import Protocol

from desktop_inbox.connectors.contract import Connector
from desktop_inbox.connectors.errors import AuthError


class Link(Protocol):
    """The runner, as the outbox sees it."""

    @property
    def connector(self) -> Connector | None: ...

    @property
    def can_send(self) -> bool: ...

    @property
    def sending(self) -> asyncio.Lock: ...

    def refuse(self, error: AuthError) -> None:
        """Stop until a person acts: the service refused our sign-in."""
