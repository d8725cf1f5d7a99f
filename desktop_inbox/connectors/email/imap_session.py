"""One IMAP connection from the socket to the sign-in, and what was agreed on. Engine loop.

Nothing secret is sent before the link is protected as the owner asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aioimaplib import aioimaplib

from desktop_inbox.connectors.email.failures import translate, wire_errors
from desktop_inbox.connectors.email.imap_link import attach, encrypt, unprotected
from desktop_inbox.connectors.email.imap_responses import (
    CommandRefused,
    LinkLost,
    ProtocolError,
    Status,
    Untagged,
    read_status,
)
from desktop_inbox.connectors.email.imap_sign_in import sign_in
from desktop_inbox.connectors.email.protocol import ImapProtocol
from desktop_inbox.connectors.email.settings import Credentials, Security, Server
from desktop_inbox.connectors.email.tls import CONNECT_SECONDS, client_context, open_socket

GOODBYE_SECONDS = 2.0


class ImapSession:
    """One link to a server: `open` once, use, `close`. It knows what the server can do."""

    def __init__(
        self,
        server: Server,
        credentials: Credentials,
        *,
        on_untagged: Callable[[Untagged], None] | None = None,
        on_lost: Callable[[], None] | None = None,
    ) -> None:
        self.server = server
        self.capabilities: frozenset[str] = frozenset()
        self.qresync = False
        self.condstore = False  # the server counts changes (RFC 7162)
        self._credentials = credentials
        self._listener = on_untagged
        self._on_lost = on_lost
        self._protocol: ImapProtocol | None = None

    @property
    def alive(self) -> bool:
        """Whether the link is up as far as we know."""
        return self._protocol is not None and self._protocol.lost is None

    def require(self) -> None:
        """See that the link is up. *Raises:* TransientError with what ended it."""
        with wire_errors("link"):
            lost = self._link().lost
            if lost is not None:
                raise lost

    async def open(self) -> None:
        """Connect, protect the link, sign in, agree on extensions.

        *Raises:* TransientError, AuthError; `step` is "connect", "tls" or "sign-in".
        """
        try:
            await self._connect()
            if self.server.security is Security.STARTTLS:
                await self._start_tls()
            with wire_errors("sign-in"):
                await self._sign_in()
                await self._agree()
        except BaseException:
            await self.drop()
            raise

    async def close(self) -> None:
        """Say goodbye and let go. Idempotent, takes at most three seconds, never raises."""
        protocol = self._protocol
        if protocol is None:
            return
        with suppress(CommandRefused, LinkLost, ProtocolError, OSError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await protocol.run("LOGOUT")
        await self.drop()

    async def drop(self) -> None:
        """Let go at once, and return when the socket is closed. Idempotent, never raises."""
        self.abort()
        if self._protocol is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._protocol.wait_closed()

    def abort(self) -> None:
        """Let go at once."""
        if self._protocol is not None:
            self._protocol.fail(LinkLost("closed"))

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        context = await client_context(self.server)
        implicit = context if self.server.security is Security.TLS else None
        protocol = ImapProtocol(loop, on_untagged=self._on_untagged, on_lost=self._on_lost)
        with wire_errors("connect"):
            sock = await open_socket(self.server)
        with wire_errors("tls" if implicit else "connect"):
            await attach(protocol, sock, implicit, self.server)
        self._protocol = protocol
        with wire_errors("connect"):
            async with asyncio.timeout(CONNECT_SECONDS):
                greeting = await asyncio.shield(protocol.greeting)
        self._read_greeting(greeting)

    def _read_greeting(self, greeting: Untagged) -> None:
        words = greeting.parts[0].partition(b" ")[2].partition(b" ")[2]
        status = read_status(words)
        if greeting.kind == "BYE":
            refusal = CommandRefused("NO", status.code, status.text)
            raise translate(refusal, "connect")
        if greeting.kind == "PREAUTH" and self.server.security is Security.STARTTLS:
            # Someone may have put this in our way to keep us from encrypting.
            raise unprotected("the server starts without encryption (PREAUTH)")
        self._note_capabilities(status)

    async def _start_tls(self) -> None:
        protocol = self._link()
        with wire_errors("tls"):
            if not self.capabilities:
                await self._ask_capabilities()
            if "STARTTLS" not in self.capabilities:
                raise unprotected("the server offers no STARTTLS")
            await encrypt(protocol, self.server)
            self.capabilities = frozenset()  # what was said in clear text does not count

    async def _sign_in(self) -> None:
        protocol = self._link()
        if not self.capabilities:
            await self._ask_capabilities()
        before = self.capabilities
        if protocol.state == aioimaplib.AUTH:
            return  # PREAUTH over TLS or to this machine
        self.capabilities = frozenset()
        protocol.literal_plus = "LITERAL+" in before
        status = await sign_in(protocol, self.server, self._credentials, capabilities=before)
        protocol.state = aioimaplib.AUTH
        self._note_capabilities(status)

    async def _agree(self) -> None:
        protocol = self._link()
        if not self.capabilities:
            await self._ask_capabilities()
        protocol.literal_plus = "LITERAL+" in self.capabilities
        enabling = identifying = None
        if "ID" in self.capabilities:
            # Some providers shut out programs that do not introduce themselves.
            identifying = await protocol.begin("ID", b'("name" "Desktop Inbox")')
        if "ENABLE" in self.capabilities and "QRESYNC" in self.capabilities:
            enabling = await protocol.begin("ENABLE", b"QRESYNC", collects=frozenset({"ENABLED"}))
        if identifying is not None:
            with suppress(CommandRefused):
                await identifying.done()
        if enabling is not None:
            with suppress(CommandRefused):
                said = await enabling.collect()
                self.qresync = any(b"QRESYNC" in one.parts[0].upper() for one in said)
        self.condstore = self.qresync or "CONDSTORE" in self.capabilities

    async def _ask_capabilities(self) -> None:
        with wire_errors("connect"):  # a refusal here says nothing about the password
            await self._link().run("CAPABILITY", collects=frozenset({"CAPABILITY"}))

    def _note_capabilities(self, status: Status) -> None:
        if status.code == "CAPABILITY":
            self._set_capabilities(status.argument)

    def _set_capabilities(self, words: bytes) -> None:
        self.capabilities = frozenset(words.decode("ascii", "replace").upper().split())

    def _on_untagged(self, response: Untagged) -> None:
        if response.kind == "CAPABILITY":
            self._set_capabilities(response.parts[0].partition(b"CAPABILITY")[2])
        if self._listener is not None:
            self._listener(response)

    def _link(self) -> ImapProtocol:
        if self._protocol is None:
            raise LinkLost("not connected")
        return self._protocol

    def has(self, capability: str) -> bool:
        """Whether the server offers an extension, by its name in upper case."""
        return capability in self.capabilities

    @property
    def is_gmail(self) -> bool:
        """Whether labels take the place of folders, and threads have names (X-GM-EXT-1)."""
        return self.has("X-GM-EXT-1")
