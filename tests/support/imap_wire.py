"""An IMAP link without a network: what is written is kept, what is said is said by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from desktop_inbox.connectors.email.imap_responses import Untagged
from desktop_inbox.connectors.email.protocol import ImapProtocol


class Wire(asyncio.Transport):
    """A transport that keeps what is written and answers by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.paused = False
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.closed

    def abort(self) -> None:
        self.closed = True


def connected(
    *,
    on_untagged: Callable[[Untagged], None] | None = None,
    patience_seconds: float = 30.0,
    high_water: int = 1000,
) -> tuple[ImapProtocol, Wire]:
    loop = asyncio.get_running_loop()
    protocol = ImapProtocol(
        loop, on_untagged=on_untagged, patience_seconds=patience_seconds, high_water=high_water
    )
    wire = Wire()
    protocol.connection_made(wire)
    protocol.data_received(b"* OK ready\r\n")
    return protocol, wire


def tag_of(wire: Wire, name: str) -> bytes:
    line = next(one for one in bytes(wire.written).split(b"\r\n") if name.encode() in one)
    return line.split(b" ")[0]
