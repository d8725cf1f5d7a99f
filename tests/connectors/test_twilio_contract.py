"""The Twilio connector keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

import pytest

from desktop_inbox.connectors.contract import AccountConfig, Connector
from desktop_inbox.connectors.twilio.connector import TwilioConnector
from desktop_inbox.domain.messages import Address, Outgoing
from tests.connectors.chat_suite import ChatSuite
from tests.connectors.http_chat import HttpChat, Requests
from tests.support.http_service import Asked, Said, serving
from tests.support.twilio_service import (
    ACCOUNT,
    CUSTOMER,
    KEY,
    NUMBER,
    SECRET,
    TwilioService,
    refused,
)


def config(url: str, *, secret: str = SECRET, settings: Mapping[str, object] = {}) -> AccountConfig:
    return AccountConfig(
        id=1,
        address=NUMBER,
        settings={"api_url": url, "account_sid": ACCOUNT, "key_sid": KEY, **settings},
        secrets={"secret": secret},
    )


def is_send(asked: Asked) -> bool:
    return asked.method == "POST"


def is_list(asked: Asked) -> bool:
    return asked.path.endswith("/Messages.json") and not is_look(asked)


def too_many(seconds: float) -> Said:
    said = refused(429, 20429, "Too Many Requests")
    return Said(said.value, status=429, headers={"Retry-After": str(int(seconds))})


def is_look(asked: Asked) -> bool:
    return asked.query.get("PageSize") == "1" and "DateSent>" in asked.query


def is_media(asked: Asked) -> bool:
    return "/Media" in asked.path


class Twilio(HttpChat):
    secrets = (SECRET, "wrong-secret")
    requests = Requests(send=is_send, receive=is_list, wait=is_look, file=is_media)

    def __init__(self, service: TwilioService, *, url: str = "") -> None:
        super().__init__(service)
        self.service = service
        self.url = url or service.url

    def connector(self) -> Connector:
        return self._connector(SECRET)

    def refused(self) -> Connector:
        return self._connector("wrong-secret")

    def _connector(self, secret: str) -> Connector:
        connector = TwilioConnector(config(self.url, secret=secret), now=self.clock)
        connector.look_seconds = 0.01
        return connector

    @property
    def time(self) -> datetime:
        return self.service.now

    async def arrive(self, *names: str) -> None:
        for name in names:
            self.service.says(name)

    def outgoing(self, client_ref: str) -> Outgoing:
        return Outgoing(
            client_ref=client_ref,
            at=self.service.now,
            from_=Address(address=NUMBER),
            to=(Address(name="Elif", address=CUSTOMER),),
            chat=f"{NUMBER}|{CUSTOMER}",
            text=client_ref,
        )

    def accepted(self) -> list[str]:
        return [str(asked.form["Body"]) for asked in self.service.taken]

    def too_many(self, seconds: float) -> Said:
        return too_many(seconds)

    async def passes(self, time: timedelta) -> None:
        self.service.now += time

    async def arrive_strange(self) -> None:
        strange = self.service.says("")
        strange["status"], strange["num_media"] = "teleported", None
        self.service.lists.messages.append({**strange, "sid": 7, "from": None})

    async def arrive_with_file(self, name: str, data: bytes) -> None:
        self.service.says(name, media={"image/png": data})

    def break_files(self) -> None:
        self.service.fail(is_media, times=2)

    def lose_files(self) -> None:
        self.service.media.clear()

    async def deliver_again(self) -> None:
        self.service.lists.messages += list(self.service.lists.messages)

    async def write_elsewhere(self, name: str) -> bool:
        self.service.sent_elsewhere(name)
        return True


class TestTwilio(ChatSuite):
    @pytest.fixture
    async def service(self) -> AsyncIterator[Twilio]:
        async with serving(TwilioService()) as service:
            yield Twilio(service)
