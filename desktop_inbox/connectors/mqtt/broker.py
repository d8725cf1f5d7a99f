"""The link to a broker: a session that outlives us, and messages that we acknowledge ourselves.

The library reads and writes on a thread of its own; everything here is called on the engine loop,
and what the thread finds out is brought there.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import platform
import socket
import ssl
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    ConnectorError,
    PermanentError,
    RateLimited,
    TransientCause,
    TransientError,
)
from desktop_inbox.connectors.mqtt.reading import Published
from desktop_inbox.connectors.system_words import system_words

_CONNECT_SECONDS = 15.0
_CLOSE_SECONDS = 4.0
_KEEP_ALIVE_SECONDS = 45  # a dead line is found within one and a half of these
_SESSION_SECONDS = 60 * 24 * 3600  # how long the broker keeps what came while we were away
_MOST_UNACKNOWLEDGED = 200
_LARGEST_BYTES = 256 * 1024
# MQTT 5.0, 2.4: what the broker says of us
_NOT_LET_IN = frozenset({133, 134, 135, 138, 140})
_TAKEN_OVER = 142
_BUSY = frozenset({137, 151, 159})
_BUSY_SECONDS = 60.0
_REFUSED = 128  # and everything above


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    """Where the broker is, and what we want of it."""

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)
    ca_file: str
    topics: tuple[str, ...]
    trial: bool = False  # only to see whether it works; nothing is kept for us

    @property
    def client_id(self) -> str:
        """The name of our session: the same each time, another one on each computer."""
        named = "\n".join((self.host, self.user, *self.topics, platform.node()))
        name = f"desktop-inbox-{hashlib.sha256(named.encode()).hexdigest()[:12]}"
        return f"{name}-trial" if self.trial else name


def settings_of(config: AccountConfig) -> BrokerSettings:
    """Read an account's settings. *Raises:* PermanentError where they make no sense."""
    told: Mapping[str, object] = config.settings
    topics = tuple(one.strip() for one in str(told.get("topics") or "").split(",") if one.strip())
    try:
        port = int(str(told.get("port") or 8883))
    except ValueError as error:
        raise PermanentError(str(error), step="settings") from error
    wrong = [topic for topic in topics if not is_filter(topic)]
    if wrong or not topics or not config.address.strip():
        raise PermanentError(", ".join(wrong) or "no broker, or no topic", step="settings")
    return BrokerSettings(
        host=config.address.strip(),
        port=port,
        tls=told.get("security") != "none",
        user=str(told.get("user") or ""),
        password=config.secrets.get("password", ""),
        ca_file=str(told.get("ca_file") or ""),
        topics=topics,
    )


def is_filter(topic: str) -> bool:
    """Tell whether topics can be asked for like this (MQTT 5.0, 4.7)."""
    levels = topic.split("/")
    whole_levels = all(one == "+" or "+" not in one for one in levels)
    rest_last = all("#" not in one for one in levels[:-1]) and (
        levels[-1] == "#" or "#" not in levels[-1]
    )
    return bool(topic) and "\0" not in topic and whole_levels and rest_last


class Broker:
    """One connection."""

    def __init__(self, settings: BrokerSettings) -> None:
        self.waiting: OrderedDict[int, Published] = OrderedDict()  # not acknowledged, by number
        self.news = asyncio.Event()  # a message came, or the link was lost
        self.session_was_kept = False
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._answered: asyncio.Future[None] = self._loop.create_future()
        self._lost: ConnectorError | None = None
        self._to_acknowledge: dict[int, tuple[int, int]] = {}  # packet and quality, by number
        self._next = 1
        self._client = self._make_client()

    async def connect(self) -> None:
        """Let us in, and subscribe. *Raises:* ConnectorError."""
        settings = self._settings
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 0 if settings.trial else _SESSION_SECONDS
        properties.ReceiveMaximum = _MOST_UNACKNOWLEDGED
        properties.MaximumPacketSize = _LARGEST_BYTES
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                if settings.tls:
                    self._client.tls_set_context(await asyncio.to_thread(_context, settings))
                await asyncio.to_thread(
                    self._client.connect,
                    settings.host,
                    settings.port,
                    keepalive=_KEEP_ALIVE_SECONDS,
                    clean_start=settings.trial,
                    properties=properties,
                )
                self._client.loop_start()
                await self._answered
        except TimeoutError as error:
            await self.close()
            raise TransientError("no answer in time", step="connect") from error
        except OSError as error:
            await self.close()
            raise _no_line(error) from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Leave; the broker goes on keeping what comes. Idempotent."""
        self._client.on_disconnect = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await asyncio.to_thread(self._leave)

    def check(self) -> None:
        """*Raises:* ConnectorError where the link is lost."""
        if self._lost is not None:
            raise self._lost

    async def catch_up(self) -> None:
        """Return once all that the broker has for us now is here, or as much as may be at once.

        Its answer to a further subscription comes behind everything else. *Raises:* ConnectorError.
        """
        self.check()
        self._answered = self._loop.create_future()
        self._subscribe(self._client, SubscribeOptions.RETAIN_DO_NOT_SEND)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await self._answered
        except TimeoutError as error:
            raise TransientError("no answer in time", step="receive") from error

    def acknowledge(self, numbers: list[int]) -> None:
        """Have the broker forget messages: they are stored, or were before."""
        for number in numbers:
            self.waiting.pop(number, None)
            packet = self._to_acknowledge.pop(number, None)
            if packet is not None:
                self._client.ack(*packet)

    # --- on the library's thread: everything is brought to the loop

    def _make_client(self) -> paho.Client:
        settings = self._settings
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            protocol=paho.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        if settings.user:
            client.username_pw_set(settings.user, settings.password)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _bring(self, function: Any, *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            self._loop.call_soon_threadsafe(function, *arguments)

    def _on_connect(
        self,
        client: paho.Client,
        _data: object,
        flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: object,
    ) -> None:
        if reason.is_failure:
            self._bring(self._fail, _refusal(reason))
            return
        self._bring(setattr, self, "session_was_kept", flags.session_present)
        # What is retained is told once, not again each time we come back (MQTT 5.0, 3.8.3.1).
        self._subscribe(client, SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)

    def _subscribe(self, client: paho.Client, retained: int) -> None:
        options = SubscribeOptions(qos=1, retainHandling=retained)
        client.subscribe([(topic, options) for topic in self._settings.topics])

    def _on_subscribe(
        self, _client: object, _data: object, _mid: int, reasons: list[ReasonCode], _props: object
    ) -> None:
        refused = next((one for one in reasons if one.is_failure), None)
        if refused is not None:
            self._bring(self._fail, _refusal(refused, step="subscribe"))
        else:
            self._bring(self._succeed)

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        published = Published(
            topic=message.topic,
            payload=bytes(message.payload),
            retained=message.retain,
            again=message.dup,
        )
        self._bring(self._take, published, message.mid, message.qos)

    def _on_disconnect(
        self,
        _client: object,
        _data: object,
        _flags: object,
        reason: ReasonCode,
        _properties: object,
    ) -> None:
        self._bring(self._fail, _refusal(reason))

    # --- on the loop

    def _take(self, published: Published, mid: int, quality: int) -> None:
        number, self._next = self._next, self._next + 1
        self.waiting[number] = published
        if quality:
            self._to_acknowledge[number] = (mid, quality)
        self.news.set()

    def _succeed(self) -> None:
        if not self._answered.done():
            self._answered.set_result(None)

    def _fail(self, error: ConnectorError) -> None:
        self._lost = self._lost or error
        self.news.set()
        if not self._answered.done():
            self._answered.set_exception(error)


def _context(settings: BrokerSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _no_line(error: OSError) -> TransientError:
    if isinstance(error, ssl.SSLError):
        return TransientError(str(error), cause=TransientCause.TLS, step="connect")
    unknown = isinstance(error, socket.gaierror)
    cause = TransientCause.DNS if unknown else TransientCause.NETWORK
    return TransientError(system_words(error), cause=cause, step="connect")


def _refusal(reason: ReasonCode, *, step: str = "sign-in") -> ConnectorError:
    words = str(reason)
    if reason.value in _NOT_LET_IN:
        return AuthError(words, step=step)
    if reason.value == _TAKEN_OVER:
        return AuthError(words, reason=AuthReason.CONFLICT, step=step)
    if reason.value in _BUSY:
        return RateLimited(words, retry_after_seconds=_BUSY_SECONDS, step=step)
    if reason.value >= _REFUSED:
        return TransientError(words, cause=TransientCause.SERVER, step=step)
    return TransientError("the connection was lost", step="receive")
