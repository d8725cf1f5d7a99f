"""A mail server inside the program: IMAP (pymap) and SMTP (aiosmtpd) on loopback, in memory.

It runs a loop of its own on a thread of its own, so that the engine talks to it as to any server.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from argparse import Namespace
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from ssl import create_default_context
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag, Seen
from pymap.user import Passwords, UserMetadata

T = TypeVar("T")

HOST = "127.0.0.1"
FOLDERS = ("Sent", "Archive")
_START_SECONDS = 10.0
_STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One mail put into a folder of the mailbox."""

    raw: bytes
    folder: str = "INBOX"
    seen: bool = False
    at: datetime | None = None  # INTERNALDATE; None: now


Sent = Callable[[bytes, tuple[str, ...]], None]
"""Called on the server's loop with a mail that was submitted, and its recipients."""


class MailServer:
    """One mailbox, reached like any other by address and password. `start`, then `stop`."""

    def __init__(self, *, address: str, password: str) -> None:
        self.address = address
        self.password = password
        self.imap_port = 0
        self.smtp_port = 0
        self._on_sent: list[Sent] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sample-mail-server", daemon=True)
        # aiosmtpd logs each command with its addresses, and warns of its own deprecations.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self._mailboxes = MailboxSet()
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.StreamWriter] = set()

    def start(self, deliveries: Iterable[Delivery] = ()) -> None:
        """Listen on two free ports with `deliveries` already there; returns when both are open.

        *Raises:* OSError where no port can be opened.
        """
        self._thread.start()
        self._call(self._open(list(deliveries))).result(_START_SECONDS)

    def stop(self) -> None:
        """Close the ports and every connection, and forget all mail. Idempotent."""
        if self._loop.is_closed():
            return
        if not self._thread.is_alive():
            self._loop.close()
            return
        self._call(self._close()).result(_STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECONDS)

    def deliver(self, delivery: Delivery) -> Future[None]:
        """Put a mail into the mailbox; whoever idles there hears of it. Any thread."""
        return self._call(self._append(delivery))

    def listen(self, on_sent: Sent) -> None:
        """Have `on_sent` called for each mail that is submitted. Before `start`, or on the loop."""
        self._on_sent.append(on_sent)

    def later(self, seconds: float, function: Callable[[], None]) -> None:
        """Call `function` on the server's loop in a while; forgotten when the server stops."""
        self._loop.call_soon_threadsafe(self._loop.call_later, seconds, function)

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    async def _open(self, deliveries: list[Delivery]) -> None:
        for name in FOLDERS:
            await self._mailboxes.add_mailbox(name)
        for delivery in deliveries:
            await self._append(delivery)
        self._servers = [await self._open_imap(), await self._open_smtp()]
        self.imap_port, self.smtp_port = (
            server.sockets[0].getsockname()[1] for server in self._servers
        )

    async def _open_imap(self) -> asyncio.Server:
        config = _config(self.address, self.password)
        config.apply_context()
        login = Login(config)
        password = await Passwords(config).hash_password(self.password)
        await login.demo_user_identity.set(UserMetadata(config, self.address, password=password))
        config.set_cache[self.address] = (self._mailboxes, FilterSet())
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._connections.add(writer)
            await serve(reader, writer)

        return await asyncio.start_server(connected, host=HOST, port=0)

    async def _open_smtp(self) -> asyncio.Server:
        return await self._loop.create_server(
            lambda: SMTP(
                self,
                hostname="mail.kayaceramics.example",
                enable_SMTPUTF8=True,
                auth_require_tls=False,  # loopback only, and the password opens nothing else
                authenticator=self._authenticate,
                loop=self._loop,
            ),
            host=HOST,
            port=0,
        )

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for writer in self._connections:
            writer.close()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0)  # closed transports let go of their sockets one turn later

    async def _append(self, delivery: Delivery) -> None:
        mailbox = await self._mailboxes.get_mailbox(delivery.folder)
        flags: frozenset[Flag] = frozenset({Seen} if delivery.seen else ())
        when = delivery.at or datetime.now(UTC)
        await mailbox.append(AppendMessage(delivery.raw, when, flags))

    # --- aiosmtpd asks for these names

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (
            self.address.encode(),
            self.password.encode(),
        )
        # handled=False: aiosmtpd then answers 535 itself.
        return AuthResult(success=right, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse whoever did not sign in; asking aiosmtpd to would warn about the missing TLS."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a submitted mail: it goes to whoever listens, as there is no world outside."""
        content = envelope.content
        assert isinstance(content, bytes)
        for listener in self._on_sent:
            listener(content, tuple(envelope.rcpt_tos))
        return "250 2.0.0 Ok: taken"


def _config(address: str, password: str) -> Config:
    return Config(
        Namespace(proxy_protocol=None, passlib_cfg=None),
        host=HOST,
        port=0,
        tls_enabled=False,
        cpu_subsystem=Subsystem.for_asyncio(),  # one password needs no thread pool
        ssl_context=create_default_context(),  # never used: it offers no TLS
        reject_dnsbl=False,  # it would ask the network about 127.0.0.1
        demo_data=False,
        demo_user=address,
        demo_password=password,
    )
