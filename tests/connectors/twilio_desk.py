"""What the tests of Twilio share: its service, a link to it, and what comes and goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from desktop_inbox import connectors
from desktop_inbox.connectors.chat import Incoming, Receipt
from desktop_inbox.connectors.contract import AccountConfig, Item
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.twilio.connector import TwilioConnector
from desktop_inbox.domain.messages import Address, Delivery, Outgoing
from tests.support.http_service import serving
from tests.support.outgoing import a_reply
from tests.support.twilio_service import (
    ACCOUNT,
    CUSTOMER,
    KEY,
    NUMBER,
    SECRET,
    WHATSAPP,
    TwilioService,
)

SMS_CHAT = f"{NUMBER}|{CUSTOMER}"
WHATSAPP_CHAT = f"{WHATSAPP}|whatsapp:{CUSTOMER}"


@pytest.fixture
async def service() -> AsyncIterator[TwilioService]:
    async with serving(TwilioService()) as service:
        yield service


@pytest.fixture
async def connector(service: TwilioService) -> AsyncIterator[TwilioConnector]:
    connector = TwilioConnector(config(service), now=lambda: service.now)
    connector.look_seconds = 0.01
    await connector.open()
    yield connector
    await connector.close()


def config(
    service: TwilioService, *, key_sid: str = KEY, secret: str = SECRET, **settings: object
) -> AccountConfig:
    return AccountConfig(
        id=1,
        address=NUMBER,
        settings={
            "api_url": service.url,
            "account_sid": ACCOUNT,
            "key_sid": key_sid,
            "senders": WHATSAPP,
            **settings,
        },
        secrets={"secret": secret},
    )


def outgoing(service: TwilioService, text: str = "Hello", **more: object) -> Outgoing:
    fixed: dict[str, object] = {
        "at": service.now,
        "from_": Address(address=NUMBER),
        "to": (Address(address=CUSTOMER),),
        "text": text,
        "chat": SMS_CHAT,
    }
    return a_reply(**{**fixed, **more})


def texts(items: Sequence[Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, Incoming)]


def receipts(items: Sequence[Item]) -> list[tuple[Delivery, str]]:
    return [(item.state, item.code) for item in items if isinstance(item, Receipt)]


async def steps(config: AccountConfig) -> list[Check]:
    return [step async for step in connectors.check("twilio", config)]
