"""The link below an IMAP connection: a socket taken over, and encrypted before or after.

asyncio's own ways of failing become those of sockets.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress

from desktop_inbox.connectors.email.imap_responses import CommandRefused, LinkLost
from desktop_inbox.connectors.email.protocol import ImapProtocol
from desktop_inbox.connectors.email.settings import Server
from desktop_inbox.connectors.email.tls import client_context
from desktop_inbox.connectors.errors import TransientCause, TransientError

HANDSHAKE_SECONDS = 15.0


async def attach(
    protocol: ImapProtocol, sock: socket.socket, context: ssl.SSLContext | None, server: Server
) -> None:
    """Put the protocol on a connected socket, which is closed where that fails.

    *Raises:* OSError, TimeoutError.
    """
    attaching = asyncio.ensure_future(
        protocol.loop.create_connection(
            lambda: protocol,
            sock=sock,
            ssl=context,
            server_hostname=server.host if context else None,
            ssl_handshake_timeout=HANDSHAKE_SECONDS if context else None,
        )
    )
    try:
        await asyncio.shield(attaching)
    except asyncio.CancelledError:
        # asyncio leaks a transport whose handshake is cancelled; one that fails it closes.
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        await asyncio.wait([attaching])
        if attaching.cancelled() or attaching.exception() is not None:
            sock.close()
        else:
            protocol.fail(LinkLost("closed"))
        raise
    except ConnectionAbortedError as error:  # how asyncio says that it took too long
        sock.close()
        raise TimeoutError(str(error)) from error
    except BaseException:
        sock.close()
        raise


async def encrypt(protocol: ImapProtocol, server: Server) -> None:
    """Go on in TLS (STARTTLS); nothing said in clear text before it counts any more.

    *Raises:* TransientError where the server will not, or somebody else spoke; LinkLost, OSError.
    """
    try:
        await protocol.run("STARTTLS")
    except CommandRefused as refusal:
        raise unprotected(refusal.text) from refusal
    context = await client_context(server)
    assert context is not None
    try:
        if protocol.tampered:
            raise unprotected("somebody spoke in clear text in the server's name")
        transport = await protocol.loop.start_tls(
            protocol.transport,
            protocol,
            context,
            server_hostname=server.host,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
        )
    except ConnectionAbortedError as error:
        raise TimeoutError(str(error)) from error
    if transport is None:
        raise LinkLost("the server closed the connection")
    protocol.secured(transport)


def unprotected(words: str) -> TransientError:
    """Return what is raised where a link would not be protected as the owner asked."""
    return TransientError(words, cause=TransientCause.TLS, step="tls")
