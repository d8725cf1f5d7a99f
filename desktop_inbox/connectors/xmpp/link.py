"""The stream to a server: signs in, asks, says, and hears. Engine loop.

The library connects, encrypts and signs in; what is said and heard after that are plain elements.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

from slixmpp import ClientXMPP
from slixmpp.xmlstream.tostring import tostring
from slixmpp.xmlstream.xmlstream import NotConnectedError

from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    ConnectorError,
    RateLimited,
    TransientCause,
    TransientError,
)
from desktop_inbox.connectors.system_words import system_words
from desktop_inbox.connectors.xmpp import names
from desktop_inbox.connectors.xmpp.names import element
from desktop_inbox.connectors.xmpp.refusals import WAIT_SECONDS, Refusal, refusal_of
from desktop_inbox.connectors.xmpp.settings import XmppSettings

# It writes whole stanzas, and so what people say, at DEBUG; what it warns of is raised here.
logging.getLogger("slixmpp").setLevel(logging.CRITICAL)

ANSWER_SECONDS = 30.0
_CONNECT_SECONDS = 20.0
_CLOSE_SECONDS = 2.0
_DIRECT_TLS_PORTS = frozenset({443, 5223})
_ALIVE_SECONDS = 45.0  # how often a silent line is tried
_PROBE_SECONDS = 5.0
_FOR_NOW = frozenset({"temporary-auth-failure"})  # RFC 6120 6.5.10
_BARRED = frozenset({"account-disabled", "credentials-expired"})
_TOO_MUCH = frozenset({"policy-violation", "resource-constraint"})  # RFC 6120 4.9.3


class Refused(Exception):
    """The server, or somebody behind it, answered with an error."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.refusal = refusal


class Link:
    """One connection. `hear` is given every message that arrives, as it arrives."""

    def __init__(self, settings: XmppSettings, hear: Callable[[ET.Element], None]) -> None:
        self.settings = settings
        self.lost = asyncio.Event()
        self._hear = hear
        self._error: ConnectorError | None = None
        self._asked: dict[str, asyncio.Future[ET.Element]] = {}
        self._bound: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._client: _Client | None = None
        self._alive: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Sign in. *Raises:* ConnectorError."""
        settings = self.settings
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                context = await asyncio.to_thread(_context, settings.ca_file)
                self._client = _Client(settings, context, self._take, self._fail, self._succeed)
                if settings.host:
                    self._client.connect(settings.host, settings.port)
                else:
                    self._client.connect()
                await self._bound
        except TimeoutError as error:
            await self.close()
            raise TransientError("no answer in time", step="connect") from error
        except OSError as error:  # of the file with the authority's certificate
            await self.close()
            raise TransientError(str(error), cause=TransientCause.TLS, step="tls") from error
        except BaseException:
            await self.close()
            raise
        self._alive = asyncio.create_task(self._stay_alive())

    async def close(self) -> None:
        """Leave. Idempotent."""
        alive, self._alive = self._alive, None
        if alive is not None:
            alive.cancel()
            await asyncio.gather(alive, return_exceptions=True)
        client, self._client = self._client, None
        if client is not None:
            await client.leave()
        self._fail(TransientError("the connection was closed", step="receive"))
        if not self._bound.cancelled():
            self._bound.exception()  # seen: nobody may be waiting for it any more

    def check(self) -> None:
        """*Raises:* ConnectorError where the link is lost."""
        if self._error is not None:
            raise self._error

    async def is_good(self) -> bool:
        """Tell whether the line is good still; what is being said on it goes on."""
        try:
            self.check()
            async with asyncio.timeout(_PROBE_SECONDS):
                await self.ping()
        except (ConnectorError, TimeoutError):
            return False
        return True

    def say(self, stanza: ET.Element) -> None:
        """Put a stanza on the line. *Raises:* ConnectorError where there is none."""
        self.check()
        client = self._client
        try:
            if client is None:
                raise NotConnectedError
            client.send_raw(tostring(stanza, xmlns=names.CLIENT, stream=client, top_level=True))
        except NotConnectedError as error:
            raise TransientError("the connection was lost", step="send") from error

    async def ask(
        self, what: ET.Element, *, to: str = "", kind: str = "get", seconds: float = ANSWER_SECONDS
    ) -> ET.Element:
        """Return the answer to a question.

        Raises:
            Refused: the answer is an error.
            ConnectorError: the line is lost, or nobody answers.
        """
        name = uuid4().hex
        iq = element(names.CLIENT, "iq", "", what, type=kind, id=name)
        if to:
            iq.set("to", to)
        answer: asyncio.Future[ET.Element] = asyncio.get_running_loop().create_future()
        self._asked[name] = answer
        try:
            self.say(iq)
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError as error:
            raise TransientError("no answer in time", step="receive") from error
        finally:
            self._asked.pop(name, None)

    async def ping(self) -> None:
        """Return once the server has dealt with all that was said before (XEP-0199).

        *Raises:* ConnectorError.
        """
        with contextlib.suppress(Refused):  # that it knows no pings is an answer as well
            await self.ask(element(names.PING, "ping"), to=self.settings.address.partition("@")[2])

    async def _stay_alive(self) -> None:
        """Find out that a line is dead though nobody said so."""
        while self._error is None:
            await asyncio.sleep(_ALIVE_SECONDS)
            try:
                await self.ping()
            except ConnectorError as error:
                self._fail(error)

    def _take(self, stanza: ET.Element) -> None:
        if stanza.tag == names.MESSAGE:
            self._hear(stanza)
            return
        answer = self._asked.get(stanza.get("id", "")) if stanza.tag == names.IQ else None
        if answer is None or answer.done():
            return
        if stanza.get("type") == "result":
            answer.set_result(stanza)
        elif stanza.get("type") == "error":
            answer.set_exception(Refused(refusal_of(stanza)))

    def _succeed(self) -> None:
        if not self._bound.done():
            self._bound.set_result(None)

    def _fail(self, error: ConnectorError) -> None:
        self._error = self._error or error
        self.lost.set()
        waited: list[asyncio.Future[Any]] = [self._bound, *self._asked.values()]
        for answer in waited:
            if not answer.done():
                answer.set_exception(self._error)


class _Client(ClientXMPP):
    """The library's client, which does not try again by itself and tells us what happens."""

    def __init__(
        self,
        settings: XmppSettings,
        context: ssl.SSLContext,
        take: Callable[[ET.Element], None],
        fail: Callable[[ConnectorError], None],
        succeed: Callable[[], None],
    ) -> None:
        plain = not settings.tls
        super().__init__(
            f"{settings.address}/{settings.resource}",
            settings.password,
            plugin_config={
                "feature_mechanisms": {"unencrypted_plain": plain, "unencrypted_scram": plain}
            },
            ssl_context=context,
        )
        direct = settings.port in _DIRECT_TLS_PORTS
        self.enable_plaintext = plain
        self.enable_direct_tls = not plain and (direct or not settings.host)
        self.enable_starttls = not plain and not (direct and settings.host)
        self.auto_authorize = None  # who may see us is for the owner to say, in another program
        self.auto_subscribe = False
        self._take = take
        self._fail = fail
        self._no_line: object = ""
        self._refused = ""
        self.add_event_handler("connection_failed", self._could_not_connect)
        self.add_event_handler("ssl_invalid_chain", self._distrusted)
        self.add_event_handler("failed_auth", self._not_let_in)
        self.add_event_handler("failed_all_auth", self._no_way_in)
        self.add_event_handler("stream_error", self._thrown_out)
        self.add_event_handler("session_bind", lambda _jid: succeed())
        self.add_event_handler("disconnected", self._hung_up)

    def incoming_filter(self, xml: ET.Element) -> ET.Element:
        self._take(xml)
        return xml

    def exception(self, exception: Exception) -> None:
        self._fail(TransientError(str(exception), cause=TransientCause.SERVER, step="receive"))

    def reschedule_connection_attempt(self) -> asyncio.Future[Any] | None:
        """Give up: the engine knows when to try again."""
        self._fail(_failure(self._no_line))
        return None

    async def leave(self) -> None:
        """End the stream, and everything that the library does beside it."""
        self._fail = lambda _error: None
        self.cancel_connection_attempt()
        with contextlib.suppress(TimeoutError, NotConnectedError):
            async with asyncio.timeout(_CLOSE_SECONDS + 1):
                await self.disconnect(wait=_CLOSE_SECONDS, ignore_send_queue=True)
        self.abort()
        sender = self._run_out_filters
        if sender is not None:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    def _could_not_connect(self, why: object) -> None:
        self._no_line = why

    def _distrusted(self, error: ssl.SSLError) -> None:
        self._fail(TransientError(str(error), cause=TransientCause.TLS, step="tls"))
        self.abort()

    def _not_let_in(self, failure: Any) -> None:
        self._refused = str(failure["condition"])

    def _no_way_in(self, _nothing: object) -> None:
        if not self._refused:  # no way of signing in that we would use on this line
            self._fail(
                TransientError("no secure way to sign in", cause=TransientCause.TLS, step="sign-in")
            )
        elif self._refused in _FOR_NOW:
            self._fail(TransientError(self._refused, cause=TransientCause.SERVER, step="sign-in"))
        else:
            reason = AuthReason.REVOKED if self._refused in _BARRED else AuthReason.SIGN_IN
            self._fail(AuthError(self._refused, reason=reason))

    def _thrown_out(self, error: Any) -> None:
        condition = str(error["condition"])
        if condition == "conflict":  # the same program signed in elsewhere under our name
            self._fail(AuthError(condition, reason=AuthReason.CONFLICT))
        elif condition in _TOO_MUCH:
            self._fail(RateLimited(condition, retry_after_seconds=WAIT_SECONDS, step="receive"))
        else:
            self._fail(TransientError(condition, cause=TransientCause.SERVER, step="receive"))

    def _hung_up(self, why: object) -> None:
        if isinstance(why, ssl.SSLError):
            self._fail(TransientError(str(why), cause=TransientCause.TLS, step="tls"))
        self._fail(TransientError("the connection was lost", step="receive"))


def _context(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _failure(why: object) -> TransientError:
    if isinstance(why, ssl.SSLError):
        return TransientError(str(why), cause=TransientCause.TLS, step="tls")
    unknown = isinstance(why, str | socket.gaierror)  # the library tells of missing names in words
    cause = TransientCause.DNS if unknown else TransientCause.NETWORK
    words = system_words(why) if isinstance(why, OSError) else str(why)
    return TransientError(words, cause=cause, step="connect")
