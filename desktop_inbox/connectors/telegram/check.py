"""Tries a bot's token for real, and whether another program gets its messages. Engine loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from urllib.parse import urlsplit

from desktop_inbox.connectors.checking import tried
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import AuthReason
from desktop_inbox.connectors.payload import part, words
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.telegram.api import BotApi


def check(config: AccountConfig) -> AsyncIterator[Check]:
    """Yield whether the token is this bot's, and whether its messages come to us.

    A webhook is ended only where the owner asked for that.
    """
    return tried(partial(BotApi, config), partial(_steps, config=config))


async def _steps(api: BotApi, *, config: AccountConfig) -> AsyncIterator[Check]:
    me = part(await api.call("getMe", step="sign-in"))
    name = words(me, "username")
    if config.address.strip().lstrip("@").lower() != name.lower():
        yield Check(
            step="receive:address",
            ok=False,
            detail=f"@{name}",
            cause="other-address",
        )
        return
    yield Check(step="receive:sign-in", ok=True)
    hook = words(await api.call("getWebhookInfo", step="webhook"), "url")
    if hook and config.settings.get("take_over") == "yes":
        await api.call("deleteWebhook", step="webhook")
        hook = ""
    yield Check(
        step="receive:webhook",
        ok=not hook,
        detail=urlsplit(hook).hostname or hook,
        cause=AuthReason.CONFLICT.value if hook else "",
    )
    yield Check(step="send:sign-in", ok=True)
