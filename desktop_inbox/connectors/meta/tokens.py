"""An account's token, and its exchange for another before it runs out. Engine loop."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import ConnectorError
from desktop_inbox.connectors.meta.api import GraphApi
from desktop_inbox.connectors.payload import written_date

log = logging.getLogger(__name__)

_LASTS = timedelta(days=30)  # one that is good for less is exchanged
_ASK_AGAIN = timedelta(days=1)  # Meta exchanges none that is younger than that


class TokenKeeper:
    """One account's token."""

    def __init__(self, config: AccountConfig, *, now: Callable[[], datetime]) -> None:
        self.value = config.secrets.get("token", "").strip()
        self._keep = config.keep_secrets
        self._now = now
        self._until = written_date(config.secrets, "token_until")
        self._asked: datetime | None = None

    def __repr__(self) -> str:
        return "TokenKeeper(…)"  # never the token

    @property
    def is_due(self) -> bool:
        """Whether it runs out before long, or nobody knows when."""
        now = self._now()
        if self._asked is not None and abs(now - self._asked) < _ASK_AGAIN:
            return False
        return self._until is None or self._until - now < _LASTS

    async def exchange(self, api: GraphApi) -> bool:
        """Exchange it, and tell whether there is another one now.

        Where Meta refuses, the one we have is used as long as it is good.
        *Raises:* AuthError: the new one cannot be kept.
        """
        self._asked = self._now()
        if self._keep is None:
            return False
        try:
            value, seconds = await api.renewed()
        except ConnectorError as error:
            log.info("the token was not exchanged: %s", type(error).__name__)
            return False
        if not value or seconds <= 0:
            return False
        self._until = self._now() + timedelta(seconds=min(seconds, 10**9))
        await self._keep({"token": value, "token_until": self._until.isoformat()})
        self.value = value
        return True
