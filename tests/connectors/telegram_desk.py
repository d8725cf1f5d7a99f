"""What the tests of Telegram share: a bot, its service, and what comes and goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_inbox.connectors.chat import ChatItem
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.telegram.connector import TelegramConnector
from desktop_inbox.connectors.telegram.reading import Bot, Groups, read_update
from desktop_inbox.domain.messages import Address, Outgoing, OutgoingFile
from tests.support.http_service import serving
from tests.support.telegram_service import ELIF, TOKEN, TelegramService

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
BOT = Bot(id=123456, username="our_shop_bot")


@pytest.fixture
async def service() -> AsyncIterator[TelegramService]:
    async with serving(TelegramService()) as service:
        yield service


@pytest.fixture
async def connector(service: TelegramService) -> AsyncIterator[TelegramConnector]:
    connector = TelegramConnector(config(service), now=lambda: service.now)
    connector.conflict_pause_seconds = 0.01
    await connector.open()
    yield connector
    await connector.close()


def config(
    service: TelegramService, *, address: str = "@our_shop_bot", **settings: object
) -> AccountConfig:
    return AccountConfig(
        id=1,
        address=address,
        settings={"api_url": service.url, "groups": "all", **settings},
        secrets={"token": TOKEN},
    )


def message(**contents: object) -> dict[str, object]:
    return {
        "message_id": 5,
        "from": ELIF,
        "chat": {"id": 77, "type": "private", "first_name": "Elif"},
        "date": int(NOW.timestamp()),
        **contents,
    }


def read(*, groups: Groups = Groups.ALL, **update: object) -> tuple[ChatItem, ...]:
    return read_update({"update_id": 1, **update}, bot=BOT, groups=groups, now=NOW)


def outgoing(text: str = "", *, chat: str = "77", **more: object) -> Outgoing:
    fixed: dict[str, object] = {
        "client_ref": "ref-1",
        "at": NOW,
        "from_": Address(address="@our_shop_bot"),
        "to": (Address(address="77"),),
        "text": text,
        "chat": chat,
    }
    return Outgoing(**{**fixed, **more})  # type: ignore[arg-type]


def a_file(tmp_path: Path, name: str, media_type: str, size: int = 10) -> OutgoingFile:
    path = tmp_path / name
    path.write_bytes(name.encode())
    return OutgoingFile(name=name, media_type=media_type, path=path, size=size)
