"""Tries a token for real: whose it is, what it permits, and whether talks can be read by it.

Engine loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

from desktop_inbox.connectors.checking import tried
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import AuthReason
from desktop_inbox.connectors.meta.api import GraphApi, Service
from desktop_inbox.connectors.meta.pace import Pace
from desktop_inbox.connectors.payload import line
from desktop_inbox.connectors.setup import Check


def try_account(config: AccountConfig, service: Service) -> AsyncIterator[Check]:
    """Yield whether the token signs in, is this account's, permits enough, and reads talks."""
    way = partial(
        GraphApi,
        config,
        service,
        token=config.secrets.get("token", "").strip(),
        pace=Pace(),
        now=lambda: datetime.now(UTC),
    )
    return tried(way, partial(_steps, config=config))


async def _steps(api: GraphApi, *, config: AccountConfig) -> AsyncIterator[Check]:
    me = await api.me()
    names = [line(me, name) for name in api.service.me_fields]
    yield Check(step="receive:sign-in", ok=True)
    ours = _folded(config.address) in map(_folded, filter(None, names))
    yield Check(
        step="receive:address",
        ok=ours,
        detail="" if ours else next(filter(None, reversed(names)), ""),
        cause="" if ours else "other-address",
    )
    if not ours:
        return
    granted = await api.granted() if api.service.permissions else None
    if granted is not None:
        lacking = sorted(api.service.permissions - granted)
        yield Check(
            step="receive:permissions",
            ok=not lacking,
            detail=", ".join(lacking),
            cause=AuthReason.PERMISSION.value if lacking else "",
        )
    # What may be read may be answered: Meta has one permission for both.
    query = {"platform": api.service.kind, "fields": "id", "limit": "1"}
    await api.get("me", "conversations", query=query, step="conversations")
    yield Check(step="receive:conversations", ok=True)
    yield Check(step="send:sign-in", ok=True)


def _folded(name: str) -> str:
    return name.strip().lstrip("@").casefold()
