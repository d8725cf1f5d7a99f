"""Tries an account for real: connects, signs in, looks for the archive. Engine loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from desktop_inbox.connectors.checking import failed
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import ConnectorError
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.xmpp.connector import begin
from desktop_inbox.connectors.xmpp.link import Link
from desktop_inbox.connectors.xmpp.settings import settings_of


async def check(config: AccountConfig) -> AsyncIterator[Check]:
    """Yield whether the server lets us in and keeps an archive.

    Under a name of its own: an account that is at work goes on undisturbed.
    """
    link: Link | None = None
    try:
        link = Link(replace(settings_of(config), trial=True), lambda _message: None)
        await link.connect()
        yield Check(step="receive:sign-in", ok=True)
        await begin(link)
        yield Check(step="receive:archive", ok=True)
        yield Check(step="send:sign-in", ok=True)
    except ConnectorError as error:
        yield failed("receive", error)
    finally:
        if link is not None:
            await link.close()
