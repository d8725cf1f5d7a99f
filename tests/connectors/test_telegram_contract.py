"""The Telegram connector keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from desktop_inbox.connectors import create
from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import AccountConfig, Connector, Item
from desktop_inbox.domain.messages import Address, Outgoing
from tests.connectors.contract_suite import ContractSuite, Service
from tests.support.http_service import Asked, serving
from tests.support.telegram_service import TOKEN, TelegramService


def config(
    service: TelegramService, *, token: str = TOKEN, settings: Mapping[str, object] = {}
) -> AccountConfig:
    return AccountConfig(
        id=1,
        address="@our_shop_bot",
        settings={"api_url": service.url, "groups": "all", **settings},
        secrets={"token": token},
    )


def is_send(asked: Asked) -> bool:
    return "/send" in asked.path


def is_long_poll(asked: Asked) -> bool:
    return asked.path.endswith("/getUpdates") and bool(asked.json.get("timeout"))


class Telegram(Service):
    def __init__(self, service: TelegramService) -> None:
        self.service = service

    def connector(self) -> Connector:
        return create("telegram", config(self.service))

    def refused(self) -> Connector:
        return create("telegram", config(self.service, token="1:wrong"))

    async def arrive(self, *names: str) -> None:
        for name in names:
            await self.service.says(name)

    def name_of(self, item: Item) -> str | None:
        return item.text if isinstance(item, Incoming) else None

    def outgoing(self, client_ref: str) -> Outgoing:
        return Outgoing(
            client_ref=client_ref,
            at=datetime(2026, 11, 20, 10, tzinfo=UTC),
            from_=Address(address="@our_shop_bot"),
            to=(Address(name="Elif", address="77"),),
            chat="77",
            text=client_ref,
        )

    def accepted(self) -> list[str]:
        return [str(sent.params["text"]) for sent in self.service.sent]

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
        self.service.fail(is_long_poll)
        self.service.hang_up()


class TestTelegram(ContractSuite):
    @pytest.fixture
    async def service(self) -> AsyncIterator[Telegram]:
        async with serving(TelegramService()) as service:
            yield Telegram(service)
