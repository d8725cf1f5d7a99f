"""The Twilio connector keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import AccountConfig, Connector, Item
from desktop_inbox.connectors.twilio.connector import TwilioConnector
from desktop_inbox.domain.messages import Address, Outgoing
from tests.connectors.contract_suite import ContractSuite, Service
from tests.support.http_service import Asked, serving
from tests.support.twilio_service import ACCOUNT, CUSTOMER, KEY, NUMBER, SECRET, TwilioService


def config(url: str, *, secret: str = SECRET, settings: Mapping[str, object] = {}) -> AccountConfig:
    return AccountConfig(
        id=1,
        address=NUMBER,
        settings={"api_url": url, "account_sid": ACCOUNT, "key_sid": KEY, **settings},
        secrets={"secret": secret},
    )


def is_send(asked: Asked) -> bool:
    return asked.method == "POST"


def is_look(asked: Asked) -> bool:
    return asked.query.get("PageSize") == "1"


class Twilio(Service):
    def __init__(self, service: TwilioService, *, url: str = "") -> None:
        self.service = service
        self.url = url or service.url

    def connector(self) -> Connector:
        return self._connector(SECRET)

    def refused(self) -> Connector:
        return self._connector("wrong")

    def _connector(self, secret: str) -> Connector:
        connector = TwilioConnector(config(self.url, secret=secret))
        connector.look_seconds = 0.01
        return connector

    async def arrive(self, *names: str) -> None:
        for name in names:
            self.service.says(name)

    def name_of(self, item: Item) -> str | None:
        return item.text if isinstance(item, Incoming) else None

    def outgoing(self, client_ref: str) -> Outgoing:
        return Outgoing(
            client_ref=client_ref,
            at=datetime.now(UTC),
            from_=Address(address=NUMBER),
            to=(Address(name="Elif", address=CUSTOMER),),
            chat=f"{NUMBER}|{CUSTOMER}",
            text=client_ref,
        )

    def accepted(self) -> list[str]:
        return [str(asked.form["Body"]) for asked in self.service.taken]

    def steps_before_body(self) -> Sequence[str]:
        return ("connect",)

    def drop_at(self, step: str) -> None:
        if step == "connect":
            self.service.refuse()
        else:
            self.service.fail(is_send, after=True)

    async def mend(self) -> None:
        await self.service.listen()

    async def drop_link(self) -> None:
        self.service.fail(is_look)
        self.service.hang_up()


class TestTwilio(ContractSuite):
    @pytest.fixture
    async def service(self) -> AsyncIterator[Twilio]:
        async with serving(TwilioService()) as service:
            yield Twilio(service)
