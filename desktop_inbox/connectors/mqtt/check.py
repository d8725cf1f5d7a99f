"""Tries a broker for real: connects, signs in, subscribes. Engine loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from desktop_inbox.connectors.checking import failed
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import ConnectorError
from desktop_inbox.connectors.mqtt.broker import Broker, settings_of
from desktop_inbox.connectors.setup import Check


async def check(config: AccountConfig) -> AsyncIterator[Check]:
    """Yield whether the broker lets us in and hear the topics.

    In a session of its own: one that is there already goes on undisturbed.
    """
    try:
        settings = settings_of(config)
        broker = Broker(replace(settings, trial=True))
        await broker.connect()
    except ConnectorError as error:
        yield failed("receive", error)
        return
    await broker.close()
    yield Check(step="receive:sign-in", ok=True)
    yield Check(step="receive:subscribe", ok=True)
