"""A proxy between a client and a real server that loses, delays and cuts at random."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from types import TracebackType
from typing import Self


class FaultyProxy:
    """Passes bytes on, TLS and all, as long as it is not told to be `faulty`."""

    def __init__(self, target_port: int, dice: random.Random) -> None:
        self.port = 0
        self.faulty = False
        self.faults = 0
        self.connections = 0
        self._target_port = target_port
        self._dice = dice
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def cut(self) -> None:
        """Cut every connection that is there now."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        far_writer: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            ways = {
                asyncio.create_task(self._pass(reader, far_writer)),
                asyncio.create_task(self._pass(far_reader, writer)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # either side has gone
        finally:
            self._tasks.discard(task)
            for one in (writer, far_writer):
                if one is not None:
                    one.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(4096):
                if self.faulty:
                    data = await self._let_through(data, writer)
                if not data:
                    return
                writer.write(data)
                await writer.drain()

    async def _let_through(self, data: bytes, writer: asyncio.StreamWriter) -> bytes:
        """Perhaps do harm; return what goes on, nothing where the connection is to end."""
        chance = self._dice.random()
        if chance < 0.02:  # cut off, in the middle of what was said
            self.faults += 1
            writer.write(data[: self._dice.randrange(len(data))])
            return b""
        if chance < 0.04:  # cut off before
            self.faults += 1
            return b""
        if chance < 0.10:
            self.faults += 1
            await asyncio.sleep(self._dice.random() * 0.2)
        return data
