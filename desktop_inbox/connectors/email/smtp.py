"""Sends mail through aiosmtplib, one step at a time, so that "maybe delivered" is known.

Keeps one connection for a burst of messages and lets go of it when idle. Engine loop.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import aiosmtplib

from desktop_inbox.connectors.contract import BeforeBody, Refusal, SendResult
from desktop_inbox.connectors.email import sasl
from desktop_inbox.connectors.email.failures import translate, wire_errors
from desktop_inbox.connectors.email.settings import Credentials, Security, Server
from desktop_inbox.connectors.email.tls import CONNECT_SECONDS, client_context, open_socket
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    PermanentReason,
    TransientCause,
    TransientError,
    UncertainDelivery,
)

ANSWER_SECONDS = 60.0  # for each command
DATA_SECONDS = 120.0  # until the server takes the body
ACCEPT_SECONDS = 300.0  # after the final dot: servers filter before they answer
SLOWEST_BYTES_PER_SECOND = 16_000  # of the body, on top of that
IDLE_SECONDS = 30.0

_LONGEST_SIZE = 20  # digits (RFC 1870 3)
_AUTH_CODES = frozenset({530, 534, 535, 538})
_SIGNED_IN = 235
_GO_ON = 334
_STEPS_BEFORE_SIGN_IN = frozenset({"connect", "tls"})
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_STARTING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who a message is from and for, as the servers on the way see it."""

    sender: str
    recipients: tuple[str, ...]


class SmtpSender:
    """One account's way out. One `send` at a time."""

    def __init__(self, server: Server, credentials: Credentials) -> None:
        self._server = server
        self._credentials = credentials
        self._client: aiosmtplib.SMTP | None = None
        self._transport: asyncio.BaseTransport | None = None  # outlives a client that gave up
        self._let_go: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self.limits: dict[str, int] = {}  # what the server last said it takes

    async def send(
        self, envelope: Envelope, raw: bytes, *, message_id: str, before_body: BeforeBody
    ) -> SendResult:
        """Deliver one message once.

        *Raises:* AuthError, TransientError, PermanentError before the body has left or where the
        server refuses it; UncertainDelivery where it has left and no answer came.
        """
        self._stop_timer()
        _refuse_control_characters(envelope)
        try:
            client = await self._begin(envelope, raw)
            refused = await self._name_recipients(client, envelope, raw)
            words = await self._send_body(client, raw, before_body)
        except BaseException:
            self.abort()  # a session after a failure is in nobody knows what state
            raise
        self._let_go = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._idle_out)
        return SendResult(external_id=message_id, detail=words, refused=refused)

    async def open(self) -> None:
        """Connect and sign in without sending anything.

        *Raises:* TransientError, AuthError, PermanentError; `step` is "connect", "tls", "sign-in".
        """
        self._stop_timer()
        if self._client is not None and self._client.is_connected:
            return
        context = await client_context(self._server)
        implicit = self._server.security is Security.TLS
        with wire_errors("connect"):
            sock = await open_socket(self._server)
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            sock=sock,
            use_tls=implicit,
            start_tls=False,
            tls_context=context,
            timeout=ANSWER_SECONDS,
            local_hostname=_own_name(sock),
        )
        self._client = client
        try:
            with _smtp_errors("connect"):
                await client.connect(timeout=CONNECT_SECONDS)
                self._transport = client.transport
                await self._greet(client)
            if self._server.security is Security.STARTTLS:
                await self._start_tls(client, context)
            with _smtp_errors("sign-in"):
                await self._sign_in(client)
            self.limits = _limits(client)
        except BaseException:
            self.abort()
            sock.close()
            raise

    async def close(self) -> None:
        """Say goodbye and let go. Idempotent, takes at most two seconds, never raises."""
        client, transport = self._detach()
        if client is not None and client.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=2.0)
        _end(client, transport)

    def abort(self) -> None:
        """Let go at once."""
        _end(*self._detach())

    def _detach(self) -> tuple[aiosmtplib.SMTP | None, asyncio.BaseTransport | None]:
        """Give the connection up, so that a message that comes now opens another one."""
        self._stop_timer()
        detached = self._client, self._transport
        self._client = self._transport = None
        return detached

    # -- the steps -------------------------------------------------------------------------

    async def _greet(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError as error:
            if error.code < 500 or not client.is_connected:
                raise
            await client.helo()  # a server of the old kind

    async def _start_tls(self, client: aiosmtplib.SMTP, context: ssl.SSLContext | None) -> None:
        if not client.supports_extension("starttls"):
            raise TransientError(
                "the server offers no STARTTLS", cause=TransientCause.TLS, step="tls"
            )
        with _smtp_errors("tls"):
            try:
                await client.starttls(tls_context=context, timeout=CONNECT_SECONDS)
                self._transport = client.transport
            except aiosmtplib.SMTPResponseException as error:
                raise TransientError(_words(error), cause=TransientCause.TLS, step="tls") from error
            await self._greet(client)

    async def _sign_in(self, client: aiosmtplib.SMTP) -> None:
        if not client.supports_extension("auth"):
            return  # a relay that knows us by our address; else it refuses the sender
        offered = client.server_auth_methods
        name = self._credentials.username.encode("utf-8")
        password = self._credentials.password.encode("utf-8")
        if self._credentials.with_token:
            await self._sign_in_with_token(client)
        elif "plain" in offered:
            await client.auth_plain(name, password)
        elif "login" in offered:
            await client.auth_login(name, password)
        elif "cram-md5" in offered:
            await client.auth_crammd5(name, password)
        else:
            raise AuthError("the server takes no password: " + " ".join(offered))

    async def _sign_in_with_token(self, client: aiosmtplib.SMTP) -> None:
        """Sign in with a token; one that is refused is renewed once."""
        token = await self._credentials.token()
        try:
            await self._say(client, token)
        except aiosmtplib.SMTPAuthenticationError as refusal:
            if self._credentials.tokens is None or not 500 <= refusal.code < 600:
                raise
            await self._say(client, await self._credentials.token(refused=token))

    async def _say(self, client: aiosmtplib.SMTP, token: str) -> None:
        saying = sasl.bearer(
            self._credentials.username,
            token,
            offered={one.upper() for one in client.server_auth_methods},
            host=self._server.host,
            port=self._server.port,
        )
        response = await client.execute_command(
            b"AUTH", saying.mechanism.encode("ascii"), sasl.encoded(saying.message)
        )
        if response.code == _GO_ON:  # an account of the failure, before it is said
            response = await client.execute_command(sasl.encoded(saying.after_refusal))
        if response.code != _SIGNED_IN:
            raise aiosmtplib.SMTPAuthenticationError(response.code, response.message)

    async def _begin(self, envelope: Envelope, raw: bytes) -> aiosmtplib.SMTP:
        """Name the sender, on the kept connection or, where that has died, on a new one."""
        if self._client is not None and self._client.is_connected:
            try:
                return await self._name_sender(self._client, envelope, raw)
            except TransientError as error:
                if error.cause is TransientCause.SERVER and self._client is not None:
                    raise
                self.abort()
        await self.open()
        assert self._client is not None
        return await self._name_sender(self._client, envelope, raw)

    async def _name_sender(
        self, client: aiosmtplib.SMTP, envelope: Envelope, raw: bytes
    ) -> aiosmtplib.SMTP:
        options = _mail_options(client, envelope, raw)
        with _smtp_errors("sender"):
            await client.mail(
                _in_ascii_domain(envelope.sender),
                options=options,
                encoding="utf-8" if "SMTPUTF8" in options else "ascii",
            )
        return client

    async def _name_recipients(
        self, client: aiosmtplib.SMTP, envelope: Envelope, raw: bytes
    ) -> tuple[Refusal, ...]:
        refused: list[Refusal] = []
        encoding = "utf-8" if client.supports_extension("smtputf8") else "ascii"
        with _smtp_errors("recipient"):
            for recipient in envelope.recipients:
                try:
                    await client.rcpt(_in_ascii_domain(recipient), encoding=encoding)
                except aiosmtplib.SMTPRecipientRefused as error:
                    if error.code == 421:
                        raise
                    refused.append(
                        Refusal(address=recipient, code=error.code, text=_line(error.message))
                    )
        if len(refused) == len(envelope.recipients):
            raise _nobody(refused)
        return tuple(refused)

    async def _send_body(self, client: aiosmtplib.SMTP, raw: bytes, before_body: BeforeBody) -> str:
        with _smtp_errors("data"):
            response = await client.execute_command(b"DATA", timeout=DATA_SECONDS)
            if response.code != 354:
                raise aiosmtplib.SMTPDataError(response.code, response.message)
        await before_body()
        protocol = client.protocol
        if protocol is None or not protocol.is_connected:
            raise TransientError("the server closed the connection", step="data")
        limit = ACCEPT_SECONDS + len(raw) / SLOWEST_BYTES_PER_SECOND
        try:
            protocol.write(_stuffed(raw))
            response = await protocol.read_response(timeout=limit)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise UncertainDelivery(str(error), step="body") from error
        if response.code // 100 == 2:
            return f"{response.code} {_line(response.message)}"
        if response.code // 100 not in (4, 5):
            raise UncertainDelivery(f"{response.code} {_line(response.message)}", step="body")
        raise _answer(response.code, response.message, "body")

    # -- the timer -------------------------------------------------------------------------

    def _stop_timer(self) -> None:
        if self._let_go is not None:
            self._let_go.cancel()
            self._let_go = None

    def _idle_out(self) -> None:
        self._let_go = None
        self._closing = asyncio.get_running_loop().create_task(self.close())


def _end(client: aiosmtplib.SMTP | None, transport: asyncio.BaseTransport | None) -> None:
    if client is not None:
        client.close()
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()  # closing alone would wait for a server that may be silent


@contextmanager
def _smtp_errors(step: str) -> Iterator[None]:
    """Turn what aiosmtplib raises before the body into a connector error."""
    try:
        yield
    except ConnectorError:
        raise
    except aiosmtplib.SMTPResponseException as error:
        raise _answer(error.code, error.message, step) from error
    except aiosmtplib.SMTPTimeoutError as error:
        raise TransientError(str(error), step=step) from error
    except aiosmtplib.SMTPException as error:
        raise _underlying(error, step) from error
    except OSError as error:
        raise translate(error, step) from error
    except UnicodeEncodeError as error:
        raise PermanentError(
            f"{error.object!r}: the server takes no international addresses",
            reason=PermanentReason.RECIPIENT,
            step=step,
        ) from error
    except ValueError as error:
        raise PermanentError(str(error), reason=PermanentReason.INVALID, step=step) from error


def _underlying(error: aiosmtplib.SMTPException, step: str) -> ConnectorError:
    cause = error.__cause__
    if isinstance(cause, OSError) and not isinstance(cause, aiosmtplib.SMTPException):
        return translate(cause, step)
    return TransientError(str(error), step=step)


def _answer(code: int, message: str, step: str) -> ConnectorError:
    """Classify a definite answer by its code."""
    words = f"{code} {_line(message)}".strip()
    if code in _AUTH_CODES or (step == "sign-in" and 500 <= code < 600):
        return AuthError(words)
    if not 500 <= code < 600:
        return TransientError(words, cause=TransientCause.SERVER, step=step)
    if step in _STEPS_BEFORE_SIGN_IN:
        return TransientError(words, cause=TransientCause.SERVER, step=step)
    if code == 552 or message.startswith(("5.3.4", "5.2.3")):
        return PermanentError(words, reason=PermanentReason.TOO_LARGE, step=step)
    reason = PermanentReason.RECIPIENT if step == "recipient" else PermanentReason.INVALID
    return PermanentError(words, reason=reason, step=step)


def _nobody(refused: list[Refusal]) -> ConnectorError:
    """Every recipient was refused; it may work later if it may for any of them."""
    words = "; ".join(f"{one.address}: {one.code} {one.text}" for one in refused)
    if any(one.for_now for one in refused):
        return TransientError(words, cause=TransientCause.SERVER, step="recipient")
    if any(one.code in _AUTH_CODES for one in refused):
        return AuthError(words, step="recipient")
    return PermanentError(words, reason=PermanentReason.RECIPIENT, step="recipient")


def _mail_options(client: aiosmtplib.SMTP, envelope: Envelope, raw: bytes) -> list[str]:
    options: list[str] = []
    if client.supports_extension("size"):
        limit = _limits(client).get("max_message_bytes")
        if limit is not None and limit < len(raw):
            raise PermanentError(
                f"{len(raw)} > SIZE {limit}", reason=PermanentReason.TOO_LARGE, step="size"
            )
        options.append(f"SIZE={len(raw)}")
    if not raw.isascii() and client.supports_extension("8bitmime"):
        options.append("BODY=8BITMIME")
    header = raw.partition(b"\r\n\r\n")[0]
    addresses = [_in_ascii_domain(one) for one in (envelope.sender, *envelope.recipients)]
    if not all(one.isascii() for one in addresses) or not header.isascii():
        if not client.supports_extension("smtputf8"):
            foreign = next((one for one in addresses if not one.isascii()), "")
            raise PermanentError(
                f"{foreign}: the server takes no international addresses (SMTPUTF8)",
                reason=PermanentReason.RECIPIENT,
                step="recipient",
            )
        options.append("SMTPUTF8")
    return options


def _limits(client: aiosmtplib.SMTP) -> dict[str, int]:
    """Return what the server said it takes; 0 stands for no limit (RFC 1870 4)."""
    limit = client.esmtp_extensions.get("size", "").strip()
    known = limit.isascii() and limit.isdigit() and len(limit) <= _LONGEST_SIZE and int(limit)
    return {"max_message_bytes": int(limit)} if known else {}


def _refuse_control_characters(envelope: Envelope) -> None:
    for address in (envelope.sender, *envelope.recipients):
        if not address.isprintable() or "<" in address or ">" in address:
            raise PermanentError(
                f"{address!r} is no address", reason=PermanentReason.RECIPIENT, step="recipient"
            )


def _in_ascii_domain(address: str) -> str:
    """Return an address whose domain any server understands."""
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return local + at + domain.encode("idna").decode("ascii")
    except UnicodeError:
        return address


def _own_name(sock: socket.socket) -> str:
    """Return our address as EHLO takes it: asking for our own name may hang for a minute."""
    address = ipaddress.ip_address(str(sock.getsockname()[0]).partition("%")[0])
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"


def _stuffed(raw: bytes) -> bytes:
    """Return the body as it goes over the wire, with its final dot."""
    body = _STARTING_DOT.sub(b"..", _LINE_ENDS.sub(b"\r\n", raw))
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _words(error: aiosmtplib.SMTPResponseException) -> str:
    return f"{error.code} {_line(error.message)}"


def _line(message: str) -> str:
    return " ".join(message.split())
