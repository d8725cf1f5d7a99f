"""One package per channel, all behind `contract.Connector`.

A package named as its kind holds `info.INFO`, `connector.create` and `check.check`; only the
first is imported for somebody who has no account of that kind.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from importlib import import_module
from types import ModuleType

from desktop_inbox.connectors.contract import AccountConfig, Connector, ConnectorInfo
from desktop_inbox.connectors.email.info import INFO as EMAIL
from desktop_inbox.connectors.errors import Unsupported
from desktop_inbox.connectors.feed.info import INFO as FEED
from desktop_inbox.connectors.instagram.info import INFO as INSTAGRAM
from desktop_inbox.connectors.matrix.info import INFO as MATRIX
from desktop_inbox.connectors.messenger.info import INFO as MESSENGER
from desktop_inbox.connectors.mqtt.info import INFO as MQTT
from desktop_inbox.connectors.phone.info import INFO as PHONE
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.telegram.info import INFO as TELEGRAM
from desktop_inbox.connectors.twilio.info import INFO as TWILIO
from desktop_inbox.connectors.xmpp.info import INFO as XMPP

CONNECTORS: tuple[ConnectorInfo, ...] = (
    EMAIL, TELEGRAM, TWILIO, MESSENGER, INSTAGRAM, MATRIX, XMPP, FEED, MQTT, PHONE,
)  # fmt: skip


def create(kind: str, config: AccountConfig) -> Connector:
    """Return an account's connector, not yet open. Imports the channel's libraries.

    *Raises:* Unsupported for a kind this build does not know.
    """
    open_connector: Callable[[AccountConfig], Connector] = _of_channel(kind, "connector").create
    return open_connector(config)


def check(kind: str, config: AccountConfig) -> AsyncIterator[Check]:
    """Try an account's settings for real, step by step. Imports the channel's libraries.

    *Raises:* Unsupported for a kind this build does not know.
    """
    try_settings: Callable[[AccountConfig], AsyncIterator[Check]]
    try_settings = _of_channel(kind, "check").check
    return try_settings(config)


def _of_channel(kind: str, module: str) -> ModuleType:
    """Import a module of a channel's package, which is named as the channel's kind is."""
    if all(info.kind != kind for info in CONNECTORS):
        raise Unsupported(kind)
    return import_module(f"{__name__}.{kind}.{module}")
