"""Messages are taken in while other things are done, and what is dropped holds nothing up."""

from __future__ import annotations

import asyncio

from desktop_inbox.connectors.email.contents import Structure, ask_contents
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.imap_responses import LinkLost
from desktop_inbox.connectors.email.protocol import ImapProtocol
from desktop_inbox.connectors.email.settings import Credentials, Security, Server
from tests.support.engine_room import eventually
from tests.support.imap_wire import Wire, connected, tag_of


async def test_small_messages_are_read_before_the_structures_of_large_ones_have_come() -> None:
    protocol, wire, connection = _signed_in()
    come: asyncio.Future[dict[int, Structure]] = asyncio.Future()
    structures = asyncio.create_task(_result_of(come))

    window = await ask_contents(connection, small=[1, 2], large=[3], structures={3: structures})
    protocol.data_received(_message(1) + _message(2))
    assert wire.paused
    await eventually(lambda: not wire.paused)  # else the structures could never come

    protocol.data_received(tag_of(wire, "UID FETCH") + b" OK\r\n")
    come.set_result({})
    assert set(await window) == {1, 2}
    protocol.fail(LinkLost("over"))


async def test_a_dropped_window_does_not_keep_the_link_from_being_read() -> None:
    protocol, wire, connection = _signed_in()
    structures: asyncio.Task[dict[int, Structure]] = asyncio.create_task(asyncio.sleep(60, {}))

    window = await ask_contents(connection, small=[1, 2], large=[3], structures={3: structures})
    protocol.data_received(_message(1) + _message(2))
    assert wire.paused

    window.cancel()
    await asyncio.wait([window])
    assert not wire.paused
    structures.cancel()
    protocol.fail(LinkLost("over"))


def _signed_in() -> tuple[ImapProtocol, Wire, ImapConnection]:
    protocol, wire = connected(high_water=1000)
    server = Server(host="localhost", port=1, security=Security.TLS)
    connection = ImapConnection(server, Credentials(username="shop", password="x"))
    connection._protocol = protocol
    return protocol, wire, connection


def _message(uid: int) -> bytes:
    return b"* 1 FETCH (UID %d BODY[] {900}\r\n" % uid + b"x" * 900 + b")\r\n"


async def _result_of(come: asyncio.Future[dict[int, Structure]]) -> dict[int, Structure]:
    return await come
