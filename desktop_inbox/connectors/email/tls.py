"""How a link to a mail server is protected: certificates always checked, no way around it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from desktop_inbox.connectors.email.settings import Security, Server
from desktop_inbox.connectors.errors import TransientCause, TransientError

_PROBE_AFTER_SECONDS = 20
_PROBE_EVERY_SECONDS = 10
_PROBES = 3


async def client_context(server: Server) -> ssl.SSLContext | None:
    """Return the TLS context for a server; None only where it is spoken to in clear text.

    Reading the authorities takes a while, so it is done on a thread.
    *Raises:* TransientError (TLS) where clear text would leave this machine, or where the
    extra authority cannot be read.
    """
    if server.security is Security.NONE:
        if not server.is_loopback:
            raise TransientError(
                f"{server.host}: refused without encryption",
                cause=TransientCause.TLS,
                step="tls",
            )
        return None
    try:
        return await asyncio.to_thread(_cached, server.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise TransientError(
            f"{server.ca_file}: {error}", cause=TransientCause.TLS, step="tls"
        ) from error


def _cached(ca_file: str) -> ssl.SSLContext:
    return _build(ca_file, Path(ca_file).stat().st_mtime_ns if ca_file else 0)


@lru_cache(maxsize=16)
def _build(ca_file: str, _changed: int) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def keep_alive(transport: asyncio.BaseTransport) -> None:
    """Have the system notice a dead peer on an otherwise silent link within a minute."""
    sock: Any = transport.get_extra_info("socket")
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    idle = "TCP_KEEPALIVE" if sys.platform == "darwin" else "TCP_KEEPIDLE"
    for name, value in (
        (idle, _PROBE_AFTER_SECONDS),
        ("TCP_KEEPINTVL", _PROBE_EVERY_SECONDS),
        ("TCP_KEEPCNT", _PROBES),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
