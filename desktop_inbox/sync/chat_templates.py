"""Texts that a service approved for use after its reply window: asked for, and kept (rule M3).

What was told last is kept, so that a message can be written while there is no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from desktop_inbox.connectors.contract import Connector, Template
from desktop_inbox.connectors.errors import TransientError
from desktop_inbox.store import accounts
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.link import Link

MOST = 500  # of an account; each is a few hundred characters


def kept(conn: Any, account_id: int) -> tuple[Template, ...]:
    """Return what the service told last, none where it was never asked."""
    return tuple(Template(**one) for one in accounts.templates(conn, account_id))


def keep(tx: Tx, account_id: int, found: Sequence[Template]) -> None:
    """Keep what the service told, in place of what was known."""
    accounts.set_templates(tx, account_id, [asdict(one) for one in found[:MOST]])


async def ask(link: Link | None) -> Sequence[Template]:
    """Return what the service offers now. On the engine loop.

    *Raises:* TransientError without a link; else see `Connector.templates`.
    """
    if link is None:
        raise TransientError("not connected")
    async with link.sending:
        connector: Connector | None = link.connector
        if connector is None or not link.can_send:
            raise TransientError("not connected")
        return await connector.templates()
