"""Messenger and Instagram as the suites drive them: one stand-in for both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import AccountConfig, Connector, Item
from desktop_inbox.connectors.messenger.connector import MessengerConnector
from desktop_inbox.connectors.meta.connector import MetaConnector
from desktop_inbox.domain.messages import Address, Outgoing, OutgoingFile
from tests.connectors.http_chat import HttpChat, Requests
from tests.support.http_service import Asked, Said, serving
from tests.support.meta_service import ELIF, TOKEN, MetaService, refused


def config(
    url: str, *, token: str = TOKEN, address: str = "Elif's Mugs", **settings: object
) -> AccountConfig:
    return AccountConfig(
        id=1, address=address, settings={"api_url": url, **settings}, secrets={"token": token}
    )


def is_send(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path.endswith("/me/messages")


def is_list(asked: Asked) -> bool:
    return asked.path.endswith("/me/conversations") and not is_look(asked)


def is_look(asked: Asked) -> bool:
    return asked.path.endswith("/me/conversations") and asked.query.get("limit") == "1"


def is_file(asked: Asked) -> bool:
    return asked.path.startswith("/cdn/")


class MetaChat(HttpChat):
    """The stand-in."""

    secrets = (TOKEN, "EAA-wrong-token")
    requests = Requests(send=is_send, receive=is_list, wait=is_look, file=is_file)

    def __init__(self, service: MetaService, kind: type[MetaConnector]) -> None:
        super().__init__(service)
        self.service = service
        self.kind = kind

    def connector(self) -> Connector:
        return self._connector(TOKEN)

    def refused(self) -> Connector:
        return self._connector("EAA-wrong-token")

    def _connector(self, token: str) -> Connector:
        connector = self.kind(config(self.service.url, token=token), now=self.clock)
        connector.look_seconds = 0.01
        connector.pace.seconds = 0.0
        return connector

    @property
    def time(self) -> datetime:
        return self.service.now

    async def arrive(self, *names: str) -> None:
        for name in names:
            self.service.says(name)

    def outgoing(self, client_ref: str) -> Outgoing:
        if ELIF not in self.service.talks:
            self.service.talk(ELIF).heard = self.service.now
        return outgoing(self.service, client_ref, client_ref=client_ref)

    def accepted(self) -> list[str]:
        return [str(body["message"]["text"]) for body in self.service.taken]  # type: ignore[index]

    def too_many(self, seconds: float) -> Said:
        return too_many(seconds)

    async def passes(self, time: timedelta) -> None:
        self.service.now += time

    async def arrive_strange(self) -> None:
        strange = self.service.says("", hologram={"data": [7]}, attachments="teleported")
        self.service.talks[ELIF].messages.append({**strange, "id": 7, "from": None})

    async def arrive_with_file(self, name: str, data: bytes) -> None:
        self.service.says(name, files={"image/png": data})

    def lose_files(self) -> None:
        self.service.forget_files()

    async def deliver_again(self) -> None:
        for talk in self.service.talks.values():
            talk.messages += list(talk.messages)

    async def write_elsewhere(self, name: str) -> bool:
        self.service.sent_elsewhere(name)
        return True


def too_many(seconds: float) -> Said:
    """Return how Meta asks for patience."""
    headers = {"Retry-After": str(int(seconds))}
    return refused(613, "Calls to this api have exceeded the rate limit.", headers=headers)


def outgoing(service: MetaService, text: str = "Hello", **more: object) -> Outgoing:
    fixed: Mapping[str, object] = {
        "client_ref": "ref-1@desk.example",
        "at": service.now,
        "from_": Address(address="page"),
        "to": (Address(name="Elif", address=ELIF),),
        "chat": ELIF,
        "text": text,
    }
    return Outgoing(**{**fixed, **more})  # type: ignore[arg-type]


def a_file(folder: Path, name: str, kind: str, *, size: int = 4) -> OutgoingFile:
    path = folder / name
    path.write_bytes(b"data")
    return OutgoingFile(name=name, media_type=kind, path=path, size=size)


def texts(items: Sequence[Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, Incoming)]


@pytest.fixture
async def service() -> AsyncIterator[MetaService]:
    """Messenger's stand-in."""
    async with serving(MetaService()) as service:
        yield service


@pytest.fixture
async def connector(service: MetaService) -> AsyncIterator[MessengerConnector]:
    """A page's link that is open, and asks without a pause."""
    connector = MessengerConnector(config(service.url), now=lambda: service.now)
    connector.look_seconds = 0.01
    connector.pace.seconds = 0.0
    await connector.open()
    yield connector
    await connector.close()
