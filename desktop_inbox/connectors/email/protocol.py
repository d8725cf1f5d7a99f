"""The receiving and sending of IMAP on one connection, on top of aioimaplib's protocol class.

Owns the byte stream: a linear, literal-aware scanner; commands that may overlap; every untagged
response handed on; back-pressure; a dead or silent link that fails whatever waits. Engine loop.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from aioimaplib import aioimaplib

from desktop_inbox.connectors.email.imap_pending import PendingCommand
from desktop_inbox.connectors.email.imap_responses import (
    LinkLost,
    ProtocolError,
    Untagged,
    read_status,
)
from desktop_inbox.connectors.email.imap_scanner import Scanner
from desktop_inbox.connectors.email.wire import Literal, Part, is_safe

HIGH_WATER_BYTES = 8 * 2**20  # unread responses; above it the socket is not read
PATIENCE_SECONDS = 45.0  # silence after which a link with a command under way is given up
_UNTAGGED = re.compile(rb"\* (?:(\d{1,10}) +)?([A-Za-z][A-Za-z0-9-]*)")
_TAGGED = re.compile(rb"(\S+) (OK|NO|BAD)(?: +(.*))?\Z", re.IGNORECASE | re.DOTALL)


class ImapProtocol(aioimaplib.IMAP4ClientProtocol):
    """aioimaplib's client protocol with its receive path and its command queue replaced.

    `on_untagged` gets every untagged response, also those that answer a command; `on_lost` is
    called when the connection is gone, whoever ended it. Neither may raise. `literal_plus` is set
    by the owner of the connection from the capabilities.
    """

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport  # type: ignore[assignment]

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        on_untagged: Callable[[Untagged], None] | None = None,
        on_lost: Callable[[], None] | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
        high_water: int = HIGH_WATER_BYTES,
    ) -> None:
        super().__init__(loop)
        self._on_lost = on_lost
        self.greeting: asyncio.Future[Untagged] = loop.create_future()
        self.lost: Exception | None = None
        self.literal_plus = False
        self._scanner = Scanner()
        self._on_untagged = on_untagged
        self._patience_seconds = patience_seconds
        self._high_water = high_water
        self._unread = 0
        self._paused = False
        self._deaf = False  # between STARTTLS and the handshake nothing is believed
        self.tampered = False  # something was said there all the same
        self._farewell = ""
        self._commands: dict[str, PendingCommand] = {}
        self._sending = asyncio.Lock()
        self._go_on: tuple[PendingCommand, asyncio.Future[None]] | None = None
        self._last_sign = loop.time()
        self._last_backlog = (0, 0)  # bytes unsent, bytes unread
        self._watch: asyncio.Handle | None = None  # Qt's loop does not tell when it is due
        self._watch_due = 0.0
        self._closed = asyncio.Event()

    # -- what the transport calls ---------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self._last_sign = self.loop.time()
        try:
            for parts in self._scanner.feed(data):
                if self._deaf:
                    self.tampered = True
                if self._deaf or self.lost is not None:
                    break
                self._handle(parts)
        except ProtocolError as error:
            self.fail(error)

    def connection_lost(self, exc: Exception | None) -> None:
        words = self._farewell or (str(exc) if exc else "the server closed the connection")
        self.fail(LinkLost(words, by_server=exc is None))
        self._closed.set()
        if self._on_lost is not None:
            self._on_lost()

    def eof_received(self) -> None:
        return None

    # -- reading ---------------------------------------------------------------------------

    def _handle(self, parts: list[bytes]) -> None:
        first = parts[0]
        if first.startswith(b"* "):
            self._handle_untagged(parts)
        elif first.startswith(b"+"):
            self._handle_continuation(first[1:].lstrip(b" "))
        else:
            self._handle_tagged(first)

    def _handle_untagged(self, parts: list[bytes]) -> None:
        match = _UNTAGGED.match(parts[0])
        if match is None:
            raise ProtocolError(_excerpt(parts[0]))
        count = match[1]
        response = Untagged(
            match[2].decode("ascii").upper(), None if count is None else int(count), parts
        )
        if not self.greeting.done():
            self._greet(response)
            return
        if response.kind == "BYE":
            self._farewell = read_status(parts[0][6:]).text
        for command in self._commands.values():
            if command.wants(response):
                self._queue(command, response)
                break
        if self._on_untagged is not None:
            self._on_untagged(response)

    def _greet(self, response: Untagged) -> None:
        if response.kind not in ("OK", "PREAUTH", "BYE"):
            raise ProtocolError(_excerpt(response.parts[0]))
        self.state = aioimaplib.AUTH if response.kind == "PREAUTH" else aioimaplib.NONAUTH
        self.greeting.set_result(response)

    def _queue(self, command: PendingCommand, response: Untagged) -> None:
        size = sum(map(len, response.parts))
        self._unread += size
        command.add(size, response)
        if self._unread > self._high_water and not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def _consumed(self, size: int) -> None:
        self._unread -= size
        if self._paused and self._unread <= self._high_water // 2:
            self._paused = False
            self._last_sign = self.loop.time()
            if not self.transport.is_closing():
                self.transport.resume_reading()

    def _handle_continuation(self, words: bytes) -> None:
        if self._go_on is not None and not self._go_on[1].done():
            self._go_on[1].set_result(None)
            return
        for command in self._commands.values():
            if command.on_continuation is not None:
                self.transport.write(command.on_continuation(words))
                return
        raise ProtocolError(_excerpt(b"+ " + words))

    def _handle_tagged(self, line: bytes) -> None:
        match = _TAGGED.match(line)
        command = self._commands.pop(match[1].decode("ascii", "replace"), None) if match else None
        if match is None or command is None:
            raise ProtocolError(_excerpt(line))
        if command.name == "STARTTLS":
            # Whatever follows in clear text was put there by somebody else (RFC 3501 11.1).
            self._deaf = True
        command.complete(match[2].decode("ascii").upper(), read_status(match[3] or b""))
        self._stop_waiting(command)

    def _stop_waiting(self, command: PendingCommand) -> None:
        """The server has answered instead of asking for a literal."""
        if self._go_on is not None and self._go_on[0] is command and not self._go_on[1].done():
            self._go_on[1].set_result(None)

    # -- writing ---------------------------------------------------------------------------

    async def begin(
        self,
        name: str,
        *parts: Part,
        collects: frozenset[str] = frozenset(),
        claims: Callable[[Untagged], bool] | None = None,
        patience_seconds: float | None = None,
        on_continuation: Callable[[bytes], bytes] | None = None,
    ) -> PendingCommand:
        """Put a command on the wire without waiting for its answer.

        `parts` are written one after the other behind the name. Untagged responses of the kinds
        in `collects` that pass `claims` are its answer: a server may work on several commands at
        once and mix what it says. *Raises:* ValueError for an
        argument that would end the line; LinkLost and its kin where the link is already gone.
        """
        if not all(isinstance(part, Literal) or is_safe(part) for part in parts):
            raise ValueError(f"a line break in an argument of {name}")
        async with self._sending:
            if self.lost is not None:
                raise self.lost
            command = PendingCommand(
                name,
                self.new_tag(),
                collects=collects,
                claims=claims,
                patience_seconds=patience_seconds or self._patience_seconds,
                consumed=self._consumed,
            )
            command.on_continuation = on_continuation
            self._commands[command.tag] = command
            self._last_sign = self.loop.time()
            self._watch_over(command.patience_seconds)
            try:
                await self._write(command, parts)
            except BaseException:
                # Half a command is on the wire; nothing after it would be understood.
                self.fail(LinkLost("interrupted while sending"))
                raise
            return command

    async def _write(self, command: PendingCommand, parts: tuple[Part, ...]) -> None:
        line = [f"{command.tag} {command.name}".encode("ascii")]
        for index, part in enumerate(parts):
            if index == 0:
                line.append(b" ")
            if isinstance(part, bytes):
                line.append(part)
            elif self.literal_plus:
                line.append(b"{%d+}\r\n" % len(part.data))
                line.append(part.data)
            else:
                line.append(b"{%d}\r\n" % len(part.data))
                if not await self._ask(command, b"".join(line)):
                    return
                line = [part.data]
        self.transport.write(b"".join(line) + b"\r\n")

    async def _ask(self, command: PendingCommand, line: bytes) -> bool:
        """Announce a literal; False where the server answers the command instead of `+`."""
        asked = self.loop.create_future()
        self._go_on = (command, asked)
        try:
            self.transport.write(line)
            await asked
        finally:
            self._go_on = None
        return not command.finished

    async def run(
        self,
        name: str,
        *parts: Part,
        collects: frozenset[str] = frozenset(),
        claims: Callable[[Untagged], bool] | None = None,
        patience_seconds: float | None = None,
        on_continuation: Callable[[bytes], bytes] | None = None,
    ) -> list[Untagged]:
        """Send a command and return the responses it collects, once it has succeeded.

        *Raises:* CommandRefused, LinkLost, ProtocolError, TimeoutError, ValueError.
        """
        command = await self.begin(
            name,
            *parts,
            collects=collects,
            claims=claims,
            patience_seconds=patience_seconds,
            on_continuation=on_continuation,
        )
        return await command.collect()

    def write_line(self, line: bytes) -> None:
        """Write what belongs to a command already under way, such as DONE."""
        if self.lost is not None:
            raise self.lost
        self._last_sign = self.loop.time()
        self.transport.write(line + b"\r\n")

    # -- the end ---------------------------------------------------------------------------

    def fail(self, error: Exception) -> None:
        """Give the link up: everything that waits gets `error`. Idempotent."""
        if self.lost is not None:
            return
        self.lost = error
        self.state = aioimaplib.LOGOUT
        if self._watch is not None:
            self._watch.cancel()
        if not self.greeting.done():
            self.greeting.set_exception(error)
            self.greeting.exception()  # nobody need be waiting for it
        commands, self._commands = self._commands, {}
        for command in commands.values():
            command.fail(error)
            self._stop_waiting(command)
        if self.transport is not None:
            self.transport.abort()

    async def wait_closed(self) -> None:
        """Return once the transport has let go of its socket."""
        await self._closed.wait()

    def secured(self, transport: asyncio.Transport) -> None:
        """Go on over TLS, having forgotten everything said in clear text."""
        self.transport = transport
        self._scanner.reset()
        self._deaf = False

    def _watch_over(self, patience: float) -> None:
        due = self.loop.time() + patience
        if self._watch is not None:
            if self._watch_due <= due:
                return
            self._watch.cancel()
        self._watch_due = due
        self._watch = self.loop.call_at(due, self._check_silence)

    def _check_silence(self) -> None:
        self._watch = None
        if not self._commands or self.lost is not None:
            return
        backlog = (self.transport.get_write_buffer_size(), self._unread)
        if backlog != self._last_backlog:
            self._last_sign = self.loop.time()  # bytes still leave, or are still being read
        self._last_backlog = backlog
        patience = max(command.patience_seconds for command in self._commands.values())
        silent = self.loop.time() - self._last_sign
        if silent >= patience:
            self.fail(TimeoutError(f"no answer for {patience:.0f} s"))
            return
        self._watch_due = self.loop.time() + max(0.05, patience - silent)
        self._watch = self.loop.call_at(self._watch_due, self._check_silence)


def _excerpt(line: bytes) -> str:
    shown = line[:80].decode("ascii", "backslashreplace")
    return f"not IMAP: {shown}"
