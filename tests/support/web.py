"""A web server on the loopback, and a reach that takes it for the internet."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

from desktop_inbox.connectors.web.pictures import Reach
from desktop_inbox.connectors.web.public import Address

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 108\r\n\r\n" + PNG
HOST = "pictures.shop.com"

Answer = Callable[[bytes], bytes]


@dataclass
class Server:
    """A web server on the loopback that answers as it is told and keeps what it was asked."""

    answer: Answer = lambda _request: OK
    port: int = 0
    asked: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(request)
            writer.write(self.answer(request))
            await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    @property
    def targets(self) -> list[str]:
        return [request.split(b" ")[1].decode() for request in self.asked]


@asynccontextmanager
async def serving(server: Server, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server


def at(host: str, *addresses: str) -> Callable[[str, int], object]:
    async def resolve(name: str, _port: int) -> list[Address]:
        assert name == host
        return [ip_address(address) for address in addresses]

    return resolve


def reach(server: Server, **changed: object) -> Reach:
    """The loopback as if it were the internet; only http unless a test says otherwise."""
    options: dict[str, object] = {
        "resolve": at(HOST, "127.0.0.1"),
        "allows_address": lambda address: address == ip_address("127.0.0.1"),
        "ports": {"http": server.port, "https": 1},
    }
    return Reach(**(options | changed))  # type: ignore[arg-type]
