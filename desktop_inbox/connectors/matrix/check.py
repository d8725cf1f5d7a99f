"""Tries an account for real: finds the server, signs in, and out again. Engine loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from desktop_inbox.connectors.checking import failed
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import ConnectorError
from desktop_inbox.connectors.matrix.link import log_out, sign_in
from desktop_inbox.connectors.setup import Check


async def check(config: AccountConfig) -> AsyncIterator[Check]:
    """Yield whether the server lets us in with what a person gave.

    As a device of its own: an account that is at work goes on undisturbed.
    """
    given = {name: config.secrets.get(name, "") for name in ("password", "access_token")}
    tried = replace(config, secrets=given, keep_secrets=None)
    try:
        link = await sign_in(tried, has_keys=lambda _device: True)
    except ConnectorError as error:
        yield failed("receive", error)
        return
    try:
        yield Check(step="receive:sign-in", ok=True)
        yield Check(step="send:sign-in", ok=True)
        if link.session.token != link.settings.access_token:
            await log_out(link)
    except ConnectorError as error:
        yield failed("receive", error)
    finally:
        await link.close()
