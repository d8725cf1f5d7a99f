"""The Messenger connector keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from desktop_inbox.connectors.messenger.connector import MessengerConnector
from tests.connectors.chat_suite import ChatSuite
from tests.connectors.meta_suite import MetaChat
from tests.support.http_service import serving
from tests.support.meta_service import MetaService


class TestMessenger(ChatSuite):
    @pytest.fixture
    async def service(self) -> AsyncIterator[MetaChat]:
        async with serving(MetaService(kind="messenger")) as service:
            yield MetaChat(service, MessengerConnector)
