"""One connection to the session bus of a freedesktop.org desktop (D-Bus).

PySide's own binding cannot say that a number is unsigned, which notifications need, so the calls
are made with jeepney, that the keyring brings along on Linux. Nothing waits longer than a few
seconds, whoever does not answer. One per loop.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    HeaderFields,
    MatchRule,
    MessageType,
    message_bus,
    new_method_call,
)
from jeepney.auth import BEGIN, AuthenticationError, Authenticator  # type: ignore[import-untyped]
from jeepney.bus import get_connectable_addresses  # type: ignore[import-untyped]
from jeepney.io.asyncio import DBusConnection  # type: ignore[import-untyped]

ANSWER_SECONDS = 3.0

OnSignal = Callable[[str, str, tuple[Any, ...]], None]
"""Called with a signal's sender, its name and what it carries."""


class BusError(Exception):
    """The bus cannot be reached, or refused, or whoever was asked does not answer in time."""


class Bus:
    """Calls methods and hears signals until it is closed or the other side goes away."""

    def __init__(self, connection: Any, on_signal: OnSignal) -> None:
        self._connection = connection
        self._on_signal = on_signal
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reader = asyncio.get_running_loop().create_task(self._receive(), name="bus")

    @classmethod
    async def open(cls, on_signal: OnSignal) -> Bus:
        """Return a connection to the session bus that the environment names.

        *Raises:* BusError.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                connection = await _connect(_address())
        except (OSError, EOFError, ValueError, LookupError, RuntimeError) as error:
            raise BusError(str(error) or type(error).__name__) from error
        except AuthenticationError as error:
            raise BusError(str(error)) from error
        bus = cls(connection, on_signal)
        try:
            await bus._call(message_bus.Hello())
        except BusError:
            await bus.close()
            raise
        return bus

    @property
    def is_open(self) -> bool:
        """Whether the other side is still there."""
        return not self._reader.done()

    async def hear(self, **rule: str) -> None:
        """Have signals sent here that a rule of `jeepney.MatchRule` fits. *Raises:* BusError."""
        await self._call(message_bus.AddMatch(MatchRule(type="signal", **rule)))

    async def call(
        self, address: DBusAddress, method: str, signature: str = "", *arguments: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Call a method and return who answered, by unique name, and what. *Raises:* BusError."""
        message = new_method_call(address, method, signature or None, arguments)
        answer = await self._call(message)
        return str(answer.header.fields.get(HeaderFields.sender, "")), tuple(answer.body)

    async def close(self) -> None:
        """End the connection. Idempotent."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _call(self, message: Any) -> Any:
        if not self.is_open:
            raise BusError("the bus is gone")
        serial = next(self._connection.outgoing_serial)
        self._waiting[serial] = answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._connection.send(message, serial=serial)
                found = await answer
        except TimeoutError as error:
            raise BusError("no answer") from error
        except OSError as error:
            raise BusError(str(error)) from error
        finally:
            self._waiting.pop(serial, None)
        if found.header.message_type is MessageType.error:
            name = found.header.fields.get(HeaderFields.error_name, "")
            raise BusError(" ".join(map(str, (name, *found.body))))
        return found

    async def _receive(self) -> None:
        """Hand on what comes in, until nothing can come any more."""
        try:
            while True:
                self._take(await self._connection.receive())
        except (OSError, EOFError, ValueError):
            pass  # whoever waits is told below; the next call connects anew
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(BusError("the bus is gone"))
            self._connection.writer.close()

    def _take(self, message: Any) -> None:
        fields = message.header.fields
        answer = self._waiting.get(fields.get(HeaderFields.reply_serial, -1))
        if answer is not None:
            if not answer.done():
                answer.set_result(message)
        elif message.header.message_type is MessageType.signal:
            self._on_signal(
                str(fields.get(HeaderFields.sender, "")),
                str(fields.get(HeaderFields.member, "")),
                tuple(message.body),
            )


def _address() -> str:
    """Return the socket of the session bus. *Raises:* LookupError, ValueError, RuntimeError."""
    named = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    usual = Path(os.environ.get("XDG_RUNTIME_DIR", "")) / "bus"
    if not named and not usual.is_socket():
        raise LookupError("there is no session bus")
    return str(next(get_connectable_addresses(named or f"unix:path={usual}")))


async def _connect(address: str) -> Any:
    reader, writer = await asyncio.open_unix_connection(address)
    try:
        authenticator = Authenticator()
        for request in authenticator:
            writer.write(request)
            await writer.drain()
            answer = await reader.read(1024)
            if not answer:
                raise EOFError("the bus hung up")
            authenticator.feed(answer)
        writer.write(BEGIN)
        await writer.drain()
    except BaseException:
        writer.close()
        raise
    return DBusConnection(reader, writer)
