"""The Instagram connector keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from desktop_inbox.connectors.instagram.connector import InstagramConnector
from tests.connectors.chat_suite import ChatSuite
from tests.connectors.meta_suite import MetaChat
from tests.support.http_service import serving
from tests.support.meta_service import MetaService


class TestInstagram(ChatSuite):
    @pytest.fixture
    async def service(self) -> AsyncIterator[MetaChat]:
        async with serving(MetaService(kind="instagram")) as service:
            yield MetaChat(service, InstagramConnector)
