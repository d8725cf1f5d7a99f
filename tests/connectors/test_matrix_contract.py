"""The Matrix connector keeps the contract, with a real homeserver."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from desktop_inbox.connectors.contract import AccountConfig, Connector
from desktop_inbox.connectors.matrix.connector import MatrixConnector
from desktop_inbox.domain.messages import Address, Outgoing
from tests.connectors.chat_suite import ChatSuite
from tests.connectors.http_chat import HttpChat, Requests
from tests.support.http_service import Asked, Said, serving
from tests.support.synapse import PASSWORD, Front, Person, Synapse


def is_sync(asked: Asked) -> bool:
    return asked.path.endswith("/sync")


def is_long_poll(asked: Asked) -> bool:
    return is_sync(asked) and asked.query.get("timeout", "0") != "0"


def is_send(asked: Asked) -> bool:
    return "/send/" in asked.path


def is_download(asked: Asked) -> bool:
    return "/download/" in asked.path


def limited(seconds: float) -> Said:
    value = {"errcode": "M_LIMIT_EXCEEDED", "error": "Slow", "retry_after_ms": int(seconds * 1000)}
    return Said(status=429, value=value)


class Matrix(HttpChat):
    requests = Requests(send=is_send, receive=is_sync, wait=is_long_poll, file=is_download)

    def __init__(self, front: Front, shop: Person, elif_: Person, room: str) -> None:
        super().__init__(front)
        self.shop = shop
        self.elif_ = elif_
        self.room = room
        self.secrets = (shop.token, PASSWORD, "wrong-token")

    @property
    def time(self) -> datetime:
        return datetime.now(UTC)

    def connector(self) -> Connector:
        return self._connector({"access_token": self.shop.token})

    def refused(self) -> Connector:
        return self._connector({"access_token": "wrong-token"})

    def _connector(self, secrets: Mapping[str, str]) -> Connector:
        config = AccountConfig(
            id=1,
            address=self.shop.user_id,
            settings={"homeserver": self.front.url},
            secrets=secrets,
        )
        return MatrixConnector(config, now=self.clock)

    async def arrive(self, *names: str) -> None:
        for name in names:
            self.elif_.say(self.room, name)

    def outgoing(self, client_ref: str) -> Outgoing:
        return Outgoing(
            client_ref=client_ref,
            at=datetime.now(UTC),
            from_=Address(address=self.shop.user_id),
            to=(Address(name="Elif", address=self.elif_.user_id),),
            chat=self.room,
            text=client_ref,
        )

    def accepted(self) -> list[str]:
        return [
            str(one["content"]["body"])  # type: ignore[index]
            for one in self.shop.events(self.room)
            if one["type"] == "m.room.message" and one["sender"] == self.shop.user_id
        ]

    def too_many(self, seconds: float) -> Said:
        return limited(seconds)

    async def passes(self, time: timedelta) -> None:
        """The server keeps what nobody fetched, however long that takes."""

    async def arrive_strange(self) -> None:
        self.elif_.send(self.room, {"depth": 3, "body": ["no", "text"]}, "org.example.hologram")
        self.elif_.send(self.room, {"body": {"a": []}, "url": 7, "info": "none"}, "m.sticker")

    async def arrive_with_file(self, name: str, data: bytes) -> None:
        address = self.elif_.upload(data, "image/png")
        content = {
            "msgtype": "m.image", "body": name, "filename": "mug.png", "url": address,
            "info": {"mimetype": "image/png", "size": len(data)},
        }  # fmt: skip
        self.elif_.send(self.room, content)

    def lose_files(self) -> None:
        self.shop.server.lose_files()

    async def deliver_again(self) -> None:
        """It never does: a sync goes on from where the last one ended."""

    async def write_elsewhere(self, name: str) -> bool:
        self.shop.say(self.room, name)
        return True


@pytest.fixture(scope="module")
def elif_(homeserver: Synapse) -> Person:
    return homeserver.register("elif")


@pytest.fixture(scope="module")
def room(elif_: Person) -> str:
    """Give a room in which nobody sees what was said before they came: each test is alone there."""
    return elif_.open_room(
        direct=False,
        preset="public_chat",
        initial_state=[
            {
                "type": "m.room.history_visibility",
                "state_key": "",
                "content": {"history_visibility": "joined"},
            }
        ],
    )


class TestMatrix(ChatSuite):
    @pytest.fixture
    async def service(self, homeserver: Synapse, elif_: Person, room: str) -> AsyncIterator[Matrix]:
        shop = homeserver.register("shop")
        shop.join(room)
        async with serving(Front(homeserver)) as front:
            yield Matrix(front, shop, elif_, room)
        shop.leave(room)
