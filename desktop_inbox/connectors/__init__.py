"""One package or file per channel, all behind `contract.Connector`."""

from __future__ import annotations

from collections.abc import AsyncIterator

from desktop_inbox.connectors.contract import AccountConfig, Connector, ConnectorInfo
from desktop_inbox.connectors.email.info import INFO as EMAIL
from desktop_inbox.connectors.errors import Unsupported
from desktop_inbox.connectors.feed.info import INFO as FEED
from desktop_inbox.connectors.mqtt.info import INFO as MQTT
from desktop_inbox.connectors.phone.info import INFO as PHONE
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.telegram.info import INFO as TELEGRAM
from desktop_inbox.connectors.twilio.info import INFO as TWILIO
from desktop_inbox.connectors.xmpp.info import INFO as XMPP

CONNECTORS: tuple[ConnectorInfo, ...] = (EMAIL, TELEGRAM, TWILIO, XMPP, FEED, MQTT, PHONE)


def create(kind: str, config: AccountConfig) -> Connector:
    """Return an account's connector, not yet open. Imports the channel's libraries.

    *Raises:* Unsupported for a kind this build does not know.
    """
    if kind == EMAIL.kind:
        from desktop_inbox.connectors.email.connector import EmailConnector

        return EmailConnector(config)
    if kind == TELEGRAM.kind:
        from desktop_inbox.connectors.telegram.connector import TelegramConnector

        return TelegramConnector(config)
    if kind == TWILIO.kind:
        from desktop_inbox.connectors.twilio.connector import TwilioConnector

        return TwilioConnector(config)
    if kind == FEED.kind:
        from desktop_inbox.connectors.feed.connector import FeedConnector

        return FeedConnector(config)
    if kind == MQTT.kind:
        from desktop_inbox.connectors.mqtt.connector import MqttConnector

        return MqttConnector(config)
    if kind == PHONE.kind:
        from desktop_inbox.connectors.phone.connector import PhoneConnector

        return PhoneConnector(config)
    if kind == XMPP.kind:
        from desktop_inbox.connectors.xmpp.connector import XmppConnector

        return XmppConnector(config)
    raise Unsupported(kind)


def check(kind: str, config: AccountConfig) -> AsyncIterator[Check]:
    """Try an account's settings for real, step by step. Imports the channel's libraries.

    *Raises:* Unsupported for a kind this build does not know.
    """
    if kind == EMAIL.kind:
        from desktop_inbox.connectors.email.check import check as check_email

        return check_email(config)
    if kind == TELEGRAM.kind:
        from desktop_inbox.connectors.telegram.check import check as check_telegram

        return check_telegram(config)
    if kind == TWILIO.kind:
        from desktop_inbox.connectors.twilio.check import check as check_twilio

        return check_twilio(config)
    if kind == FEED.kind:
        from desktop_inbox.connectors.feed.check import check as check_feed

        return check_feed(config)
    if kind == MQTT.kind:
        from desktop_inbox.connectors.mqtt.check import check as check_mqtt

        return check_mqtt(config)
    if kind == PHONE.kind:
        from desktop_inbox.connectors.phone.check import check as check_phone

        return check_phone(config)
    if kind == XMPP.kind:
        from desktop_inbox.connectors.xmpp.check import check as check_xmpp

        return check_xmpp(config)
    raise Unsupported(kind)
