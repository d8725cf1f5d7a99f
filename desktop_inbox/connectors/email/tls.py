"""How a link to a mail server is made and protected: certificates are always checked."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from desktop_inbox.connectors.email.settings import Security, Server
from desktop_inbox.connectors.errors import TransientCause, TransientError

CONNECT_SECONDS = 20.0
ATTEMPT_SECONDS = 5.0  # per address, while there is another one

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


async def open_socket(server: Server) -> socket.socket:
    """Return a connected socket, closed by the caller; every address of the host is tried.

    The system is told to notice a dead peer on a silent link within a minute.
    *Raises:* OSError (also socket.gaierror and TimeoutError) of the last attempt.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(CONNECT_SECONDS):
        found = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    last_error: OSError = ConnectionRefusedError(f"{server.host} has no usable address")
    for position, (family, kind, protocol, _, address) in enumerate(found, 1):
        if server.security is Security.NONE and not _is_loopback(address[0]):
            continue  # a name of this machine that leads elsewhere
        patience = CONNECT_SECONDS if position == len(found) else ATTEMPT_SECONDS
        try:
            return await _connect(socket.socket(family, kind, protocol), address, patience)
        except OSError as error:
            last_error = error
    raise last_error


async def _connect(sock: socket.socket, address: Any, patience_seconds: float) -> socket.socket:
    try:
        sock.setblocking(False)
        _keep_alive(sock)
        async with asyncio.timeout(patience_seconds):
            await asyncio.get_running_loop().sock_connect(sock, address)
    except TimeoutError:
        sock.close()
        raise TimeoutError("no answer in time") from None
    except BaseException:
        sock.close()
        raise
    return sock


def _is_loopback(address: object) -> bool:
    try:
        return ipaddress.ip_address(str(address).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _keep_alive(sock: socket.socket) -> None:
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
