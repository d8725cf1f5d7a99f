"""The Telegram connector keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from desktop_inbox.connectors.contract import AccountConfig, Connector
from desktop_inbox.connectors.telegram.connector import TelegramConnector
from desktop_inbox.domain.messages import Address, Outgoing
from tests.connectors.chat_suite import ChatSuite
from tests.connectors.http_chat import HttpChat, Requests
from tests.support.http_service import Asked, Said, serving
from tests.support.telegram_service import (
    BUSINESS,
    ELIF,
    OWNER,
    TOKEN,
    TelegramService,
    method,
    rate_limited,
)


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


def is_file(asked: Asked) -> bool:
    return asked.path.startswith("/file/")


class Telegram(HttpChat):
    keeps_for = timedelta(hours=24)
    secrets = (TOKEN, "1:wrong")
    requests = Requests(send=is_send, receive=method("getUpdates"), wait=is_long_poll, file=is_file)

    def __init__(self, service: TelegramService) -> None:
        super().__init__(service)
        self.service = service

    @property
    def time(self) -> datetime:
        return self.service.now

    def connector(self) -> Connector:
        return self._connector(TOKEN)

    def refused(self) -> Connector:
        return self._connector("1:wrong")

    def _connector(self, token: str) -> Connector:
        connector = TelegramConnector(config(self.service, token=token), now=self.clock)
        connector.conflict_pause_seconds = 0.01
        return connector

    async def arrive(self, *names: str) -> None:
        for name in names:
            await self.service.says(name)

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

    def too_many(self, seconds: float) -> Said:
        return rate_limited(int(seconds))

    async def passes(self, time: timedelta) -> None:
        self.service.pass_time(time)

    async def arrive_strange(self) -> None:
        message = self.service.message(hologram={"depth": 3}, text=["no", "text"])
        await self.service.update(message=message)
        await self.service.update(message={"chat": None, "message_id": "seven"})

    async def arrive_with_file(self, name: str, data: bytes) -> None:
        document = {**self.service.file("F1", data), "file_name": "mug.png"}
        await self.service.update(message=self.service.message(caption=name, document=document))

    def lose_files(self) -> None:
        self.service.files.clear()

    async def deliver_again(self) -> None:
        await self.service.again()

    async def write_elsewhere(self, name: str) -> bool:
        chat = {"id": ELIF["id"], "type": "private", "first_name": "Elif"}
        message = self.service.message(
            user=OWNER, chat=chat, text=name, business_connection_id=BUSINESS
        )
        await self.service.update(business_message=message)
        return True


class TestTelegram(ChatSuite):
    @pytest.fixture
    async def service(self) -> AsyncIterator[Telegram]:
        async with serving(TelegramService()) as service:
            yield Telegram(service)
