"""Messages are taken in while other things are done, and what is dropped holds nothing up."""

from __future__ import annotations

import asyncio

from desktop_inbox.connectors.email.contents import Structure, ask_contents
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.protocol import LinkLost
from desktop_inbox.connectors.email.settings import Credentials, Security, Server
from tests.support.imap_wire import connected


async def test_a_dropped_window_does_not_keep_the_link_from_being_read() -> None:
    protocol, wire = connected(high_water=1000)
    server = Server(host="localhost", port=1, security=Security.TLS)
    connection = ImapConnection(server, Credentials(username="shop", password="x"))
    connection._protocol = protocol
    structures: asyncio.Task[dict[int, Structure]] = asyncio.create_task(asyncio.sleep(60, {}))

    window = await ask_contents(connection, small=[1, 2], large=[3], structures={3: structures})
    answer = b"* 1 FETCH (UID %d BODY[] {900}\r\n" + b"x" * 900 + b")\r\n"
    protocol.data_received(answer % 1 + answer % 2)
    assert wire.paused

    window.cancel()
    await asyncio.wait([window])
    assert not wire.paused
    structures.cancel()
    protocol.fail(LinkLost("over"))
