"""An SMTP server in the process of the tests, that can fail at any step.

What it takes responsibility for is handed on to a Dovecot, where there is one.
"""

from __future__ import annotations

import asyncio
import base64
import shutil
import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.support.mail_accounts import DOMAIN, PASSWORD
from tests.support.tls_authority import Authority


class Cut(Enum):
    """Ways to fail without an answer."""

    DROP = "drop"  # the connection is cut
    HANG = "hang"  # no answer ever comes


Fault = str | Cut  # an answer such as "451 4.3.0 later", or none


class Faults:
    """What goes wrong, by step of a delivery.

    The steps: greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, body, dot, answer. "DATA" strikes
    before the body is asked for, "body" in the middle of it, "dot" when it is all there and nothing
    is delivered yet, "answer" when the message has been delivered. Each fault strikes `times`
    times, for ever by default.
    """

    def __init__(self) -> None:
        self._planned: dict[str, list[tuple[Fault, Callable[[str], bool]]]] = {}

    def plan(self, step: str, fault: Fault, *, times: int = 1_000_000, only: str = "") -> None:
        """Have `step` fail, for arguments that contain `only`."""
        remaining = [times]

        def strikes(argument: str) -> bool:
            if only not in argument or not remaining[0]:
                return False
            remaining[0] -= 1
            return True

        self._planned.setdefault(step, []).append((fault, strikes))

    def clear(self) -> None:
        """Let everything work again."""
        self._planned.clear()

    def next(self, step: str, argument: str = "") -> Fault | None:
        """Return what strikes now."""
        for fault, strikes in self._planned.get(step, ()):
            if strikes(argument):
                return fault
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One message the SMTP server took responsibility for."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    options: tuple[str, ...]
    account: str  # who had signed in


class SmtpServer:
    """An SMTP server on a thread of its own, with TLS, AUTH and planned faults."""

    def __init__(self, authority: Authority, *, lmtp_port: int | None = None) -> None:
        self.ca_file = authority.ca_file
        self.faults = Faults()
        self.accepted: list[Accepted] = []
        self.commands: list[str] = []  # verbs, in the order they came
        self.connections = 0
        self.size_limit = 20 * 2**20
        self.smtputf8 = True
        self.certificate = "localhost"
        self.passwords: dict[str, str] = {}  # beyond PASSWORD, by account
        self.token_owner: Callable[[str], str | None] | None = None  # whose access token it is
        self.tls_port = self.starttls_port = self.plain_port = 0
        self._authority = authority
        self._lmtp_port = lmtp_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)
        self._open: set[_Session] = set()

    def start(self) -> None:
        """Listen on three free ports: implicit TLS, STARTTLS, clear text without AUTH."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)

    def stop(self) -> None:
        """Cut every connection and end the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def reset(self) -> None:
        """Forget what came and what was planned."""
        self.faults.clear()
        self.accepted.clear()
        self.commands.clear()
        self.connections = 0
        self.size_limit = 20 * 2**20
        self.smtputf8 = True
        self.certificate = "localhost"
        self.token_owner = None
        self._loop.call_soon_threadsafe(self._cut_all)

    def cut_connections(self) -> None:
        """Drop every client, and return when that is done."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(self._cut_all)
        self._loop.call_soon_threadsafe(done.set)
        done.wait(5)

    def deliver(self, envelope: Envelope) -> str:
        """Hand a message to Dovecot for those it has accounts for."""
        ours = [one for one in envelope.rcpt_tos if one.endswith(f"@{DOMAIN}")]
        if ours and self._lmtp_port is not None:
            with smtplib.LMTP("127.0.0.1", self._lmtp_port) as lmtp:
                lmtp.sendmail(envelope.mail_from or "", ours, _content(envelope))
        return "250 2.0.0 OK queued"

    async def _listen(self) -> None:
        self._servers = [
            await self._loop.create_server(
                lambda: self._session(tls=True), "127.0.0.1", 0,
                ssl=self._authority.server_context(),
            ),
            await self._loop.create_server(lambda: self._session(), "127.0.0.1", 0),
            await self._loop.create_server(
                lambda: self._session(protected=False), "127.0.0.1", 0
            ),
        ]  # fmt: skip
        ports = [server.sockets[0].getsockname()[1] for server in self._servers]
        self.tls_port, self.starttls_port, self.plain_port = ports

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        self._cut_all()
        await asyncio.sleep(0)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _cut_all(self) -> None:
        for session in list(self._open):
            session.cut()

    def _session(self, *, tls: bool = False, protected: bool = True) -> _Session:
        options: dict[str, Any] = {"auth_require_tls": protected}
        if protected:
            options["auth_required"] = True
        if protected and not tls:
            options["tls_context"] = self._authority.server_context(self.certificate)
            options["require_starttls"] = True
        return _Session(self, over_tls=tls, **options)


def _content(envelope: Envelope) -> bytes:
    assert isinstance(envelope.content, bytes)
    return envelope.content


class _Login(Session):
    login_data = None  # the real one warns whenever somebody signs in


class _Session(SMTP):
    def _create_session(self) -> Session:
        return _Login(self.loop)

    def __init__(self, owner: SmtpServer, *, over_tls: bool, **options: Any) -> None:
        self.owner = owner
        super().__init__(
            _Handler(),
            loop=owner._loop,
            hostname="mail.desk.example",
            enable_SMTPUTF8=owner.smtputf8,
            data_size_limit=owner.size_limit,
            authenticator=self._check_password,
            **options,
        )
        self._over_tls = over_tls
        if over_tls:
            self._auth_require_tls = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.owner._open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.owner._open.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """Drop the connection without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            with suppress(AttributeError):  # closed twice: Python 3.11.2 has forgotten it by then
                self.transport.abort()

    def _check_password(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        login = data.login.decode("utf-8", "replace")
        password = data.password.decode("utf-8", "replace")
        if password in (PASSWORD, self.owner.passwords.get(login)):
            return AuthResult(success=True, auth_data=login)
        return AuthResult(success=False, handled=False)  # else no 535 is ever sent

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        said = base64.b64decode(args[1]).decode() if len(args) > 1 else ""
        login = said.partition("user=")[2].partition("\x01")[0]
        token = said.partition("auth=Bearer ")[2].partition("\x01")[0]
        if token and (token == self.owner.passwords.get(login) or self._owns(login, token)):
            return AuthResult(success=True, auth_data=login)
        await self.push("334 " + base64.b64encode(b'{"status":"401"}').decode())
        await self._reader.readline()
        return AuthResult(success=False, handled=False)

    def _owns(self, login: str, token: str) -> bool:
        return self.owner.token_owner is not None and self.owner.token_owner(token) == login

    async def _handle_client(self) -> None:
        self.owner.connections += 1
        if await self._strikes("greeting"):
            if self.transport is not None:
                self.transport.close()
            return
        await super()._handle_client()

    async def _strikes(self, step: str, argument: str = "") -> bool:
        self.owner.commands.append(step)
        fault = self.owner.faults.next(step, argument)
        if fault is None:
            return False
        if isinstance(fault, str):
            await self.push(fault)
            if fault.startswith("421") and self.transport is not None:
                self.transport.close()
        elif fault is Cut.DROP:
            self.cut()
            raise ConnectionResetError
        else:
            await asyncio.sleep(3600)
        return True

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if not await self._strikes("EHLO", hostname):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if not await self._strikes("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if not await self._strikes("AUTH", arg):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if not await self._strikes("MAIL", arg or ""):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        if not await self._strikes("RCPT", arg or ""):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if await self._strikes("DATA"):
            return
        fault = self.owner.faults.next("body")
        if fault is None:
            await super().smtp_DATA(arg)
            return
        await self.push("354 go on")
        await self._reader.readline()
        self.owner.faults.plan("_now", fault, times=1)
        await self._strikes("_now")

    async def take(self, envelope: Envelope, session: Session) -> str:
        """Take responsibility for a message, unless something else is planned."""
        fault = self.owner.faults.next("reject")
        if isinstance(fault, str):
            return fault
        await self._strikes("dot")
        words = self.owner.deliver(envelope)
        self.owner.accepted.append(
            Accepted(
                sender=envelope.mail_from or "<>",
                recipients=tuple(envelope.rcpt_tos),
                raw=_content(envelope),
                options=tuple(envelope.mail_options),
                account=str(session.auth_data),
            )
        )
        fault = self.owner.faults.next("answer")
        if fault is Cut.DROP:
            self.cut()
            raise ConnectionResetError
        if fault is Cut.HANG:
            await asyncio.sleep(3600)
        return fault if isinstance(fault, str) else words


class _Handler:
    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(server, _Session)
        return await server.take(envelope, session)

    async def handle_exception(self, error: Exception) -> str:
        return f"451 4.3.0 {type(error).__name__}"


@pytest.fixture(scope="session")
def _smtp_process(authority: Authority, request: pytest.FixtureRequest) -> Iterator[SmtpServer]:
    lmtp_port = None
    if shutil.which("dovecot") is not None:
        lmtp_port = request.getfixturevalue("dovecot").lmtp_port
    server = SmtpServer(authority, lmtp_port=lmtp_port)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def smtp_server(_smtp_process: SmtpServer) -> Iterator[SmtpServer]:
    """The SMTP server, with nothing planned and nothing received."""
    _smtp_process.reset()
    yield _smtp_process
    _smtp_process.reset()
