"""The XMPP connector keeps the contract, with a real server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import Connector, Item
from desktop_inbox.connectors.xmpp.connector import XmppConnector
from desktop_inbox.connectors.xmpp.refusals import WAIT_SECONDS
from desktop_inbox.domain.messages import Outgoing
from tests.connectors.chat_suite import ChatService, ChatSuite
from tests.connectors.test_xmpp import (
    SAID,
    authority,  # noqa: F401 - of the server
    config,
    outgoing,
)
from tests.connectors.test_xmpp import elif_ as elif_
from tests.connectors.test_xmpp import server as server
from tests.connectors.test_xmpp import shop as shop
from tests.support.http_service import Asked, HttpService, Said, serving
from tests.support.prosody import PASSWORD, Customer, Front, Prosody, program

pytestmark = pytest.mark.skipif(program() is None, reason="Prosody is not installed")

_ARCHIVED = '<store xmlns="urn:xmpp:hints"/>'
_TOO_MUCH = (
    '<error type="wait"><{condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>'
    '<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">Slow down</text></error>'
)


class Shelf(HttpService):
    """Where customers' programs put files."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}

    async def answer(self, asked: Asked) -> Said:
        data = self.files.get(asked.path)
        return Said(status=404) if data is None else Said(body=data)


class Xmpp(ChatService):
    secrets = (PASSWORD, "wrong-horse")
    patience = WAIT_SECONDS

    def __init__(
        self, server: Prosody, front: Front, shelf: Shelf, shop: str, customer: Customer
    ) -> None:
        super().__init__()
        self.server = server
        self.front = front
        self.shelf = shelf
        self.shop = shop
        self.customer = customer
        self.made: list[Connector] = []

    @property
    def time(self) -> datetime:
        return datetime.now(UTC)

    def connector(self) -> Connector:
        told = config(self.front.port, self.shop)
        self.made.append(XmppConnector(told, now=self.clock))
        return self.made[-1]

    def refused(self) -> Connector:
        return XmppConnector(config(self.front.port, self.shop, password="wrong-horse"))

    async def arrive(self, *names: str) -> None:
        said = [SAID.format(to=self.shop, id=f"id-{one}", text=one, more="") for one in names]
        await self.customer.say(*said)

    def name_of(self, item: Item) -> str | None:
        return item.text if isinstance(item, Incoming) else None

    async def drop_link(self) -> None:
        await self.front.cut()

    async def mend(self) -> None:
        await self.made[-1].open()

    def outgoing(self, client_ref: str) -> Outgoing:
        return outgoing(client_ref, shop=self.shop, to=self.customer.address)

    def accepted(self) -> list[str]:
        kept = self.server.archived(self.customer.address.partition("@")[0])
        return re.findall(r">?words of ([\w@.-]+)", kept)

    def steps_before_body(self) -> Sequence[str]:
        return ["ping"]

    def drop_at(self, step: str) -> None:
        self.front.cut_at(step)

    async def passes(self, time: timedelta) -> None:
        """The archive keeps what nobody fetched, however long that takes."""

    def ask_patience(self, seconds: float) -> None:
        self.front.refuse(b"urn:xmpp:mam:2", _TOO_MUCH.format(condition="resource-constraint"))

    def ask_patience_of_senders(self, seconds: float) -> None:
        self.front.refuse(b"<body", _TOO_MUCH.format(condition="policy-violation"))

    async def arrive_strange(self) -> None:
        odd = (
            '<hologram xmlns="urn:example:holo" depth="3"><x/></hologram>',
            '<x xmlns="jabber:x:oob"><url>mailto:a@b</url></x>',
            '<reactions xmlns="urn:xmpp:reactions:0"/>',
        )
        head = f'<message to="{self.shop}" type="chat"'
        for number, what in enumerate(odd):
            await self.customer.say(f'{head} id="odd{number}">{what}{_ARCHIVED}</message>')

    async def arrive_with_file(self, name: str, data: bytes) -> None:
        self.shelf.files["/mug.png"] = data
        shared = f'<x xmlns="jabber:x:oob"><url>{self.shelf.url}/mug.png</url></x>'
        await self.customer.say(SAID.format(to=self.shop, id="file", text=name, more=shared))

    def break_files(self) -> None:
        self.shelf.fail(lambda asked: asked.path == "/mug.png")

    def lose_files(self) -> None:
        self.shelf.files.clear()

    async def deliver_again(self) -> None:
        """It never does: the archive is read from where the last page ended."""

    async def write_elsewhere(self, name: str) -> bool:
        async with Customer(self.server, self.shop) as phone:
            to = self.customer.address
            await phone.say(SAID.format(to=to, id="phone", text=name, more=""))
        return True


class TestXmpp(ChatSuite):
    @pytest.fixture
    async def service(self, server: Prosody, shop: str, elif_: Customer) -> AsyncIterator[Xmpp]:
        async with Front(server.port) as front, serving(Shelf()) as shelf:
            yield Xmpp(server, front, shelf, shop, elif_)
