"""Fetches one picture from the web as a stranger would: no cookies, no Referer, nothing of ours.

Coroutines for any asyncio loop but the window's. The address that was checked is the address that
is connected to, so that a name cannot change its meaning in between (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from desktop_inbox.connectors.web.http import MAX_HEAD_BYTES, BadAnswer, read_body, read_head
from desktop_inbox.connectors.web.public import Address, is_public, is_public_name, literal

MAX_BYTES = 5 * 1024 * 1024
SECONDS = 10.0
_SECURE_FIRST_SECONDS = 4.0  # for a host that may not speak TLS at all
_MAX_REDIRECTS = 4
_MAX_ADDRESSES = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WITHOUT_TLS = frozenset({"unreachable", "broken", "status"})  # what a server without TLS does
_KEPT_IN_PATHS = "/%:@!$&'()*+,;=~-._?[]|"
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")

Resolve = Callable[[str, int], Awaitable[list[Address]]]


class PictureRefused(Exception):
    """A picture is not fetched, or not taken; `reason` is a short code.

    "url", "private" (the host is none of the public internet), "redirects", "status",
    "too-large", "no-picture", "unreachable" or "broken".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def resolve(host: str, port: int) -> list[Address]:
    """Look a name up with the system's resolver. *Raises:* OSError.

    On a thread that nobody waits for: the system may take minutes over a name, and the program
    must be able to end meanwhile.
    """
    answer: Future[list[Address]] = Future()

    def look() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            failure = error
        else:
            names = (str(entry[4][0]).split("%")[0] for entry in found)
            _settle(answer, list(dict.fromkeys(map(ipaddress.ip_address, names))))
            return
        _settle(answer, failure)

    threading.Thread(target=look, name="look-up", daemon=True).start()
    return await asyncio.wrap_future(answer)


def _settle(answer: Future[list[Address]], found: list[Address] | OSError) -> None:
    """Hand over what was found, unless whoever asked has gone."""
    if not answer.set_running_or_notify_cancel():
        return
    if isinstance(found, OSError):
        answer.set_exception(found)
    else:
        answer.set_result(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which hosts may be asked. The defaults are the public internet; tests bring their own."""

    resolve: Resolve = resolve
    allows_address: Callable[[Address], bool] = is_public
    allows_name: Callable[[str], bool] = is_public_name
    ports: Mapping[str, int] = field(default_factory=lambda: {"http": 80, "https": 443})
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context


async def fetch(url: str, *, reach: Reach | None = None, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the bytes of the picture at `url`, at most `max_bytes`, within `SECONDS`.

    Redirects are followed, and each of them is checked like the first address. An address with
    http is asked for with https first.

    Raises:
        PictureRefused: it may not be fetched, cannot be had, or is no picture.
    """
    try:
        async with asyncio.timeout(SECONDS):
            return await _fetch(url, reach=reach or Reach(), max_bytes=max_bytes)
    except TimeoutError:
        raise PictureRefused("unreachable") from None


async def _fetch(url: str, *, reach: Reach, max_bytes: int) -> bytes:
    for _ in range(_MAX_REDIRECTS + 1):
        answer = await _ask_securely_first(_checked(url, reach), reach, max_bytes)
        if not answer.location:
            return answer.body
        url = urljoin(url, answer.location)
    raise PictureRefused("redirects")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    body: bytes = b""
    location: str = ""


def _checked(url: str, reach: Reach) -> SplitResult:
    """Return the parts of an address that may be asked. *Raises:* PictureRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port or reach.ports.get(parts.scheme, 0)
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise PictureRefused("url") from None
    if parts.scheme not in reach.ports or not host or parts.username is not None:
        raise PictureRefused("url")
    if port not in reach.ports.values():
        raise PictureRefused("private")
    if literal(host) is None and not reach.allows_name(host):
        raise PictureRefused("private")
    netloc = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{netloc}:{port}", fragment="")


async def _ask_securely_first(parts: SplitResult, reach: Reach, max_bytes: int) -> _Answer:
    if parts.scheme == "http" and parts.port == reach.ports["http"]:
        secure = parts._replace(
            scheme="https", netloc=f"{_host_part(parts)}:{reach.ports['https']}"
        )
        try:
            async with asyncio.timeout(_SECURE_FIRST_SECONDS):
                return await _ask(secure, reach, max_bytes)
        except TimeoutError:
            pass
        except PictureRefused as refused:
            if refused.reason not in _WITHOUT_TLS:
                raise
    return await _ask(parts, reach, max_bytes)


async def _ask(parts: SplitResult, reach: Reach, max_bytes: int) -> _Answer:
    host, port = parts.hostname or "", parts.port or 0
    try:
        addresses = await _addresses(host, port, reach)
        reader, writer = await _connect(addresses, host, port, parts.scheme, reach)
    except OSError:
        raise PictureRefused("unreachable") from None
    try:
        writer.write(_request(parts, reach))
        await writer.drain()
        return await _answer(reader, max_bytes)
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
        raise PictureRefused("broken") from None
    finally:
        writer.transport.abort()  # nothing more is wanted, not even a polite end


async def _addresses(host: str, port: int, reach: Reach) -> list[Address]:
    """Return where a host lies; one private address among them taints them all."""
    given = literal(host)
    found = [given] if given is not None else await reach.resolve(host, port)
    if not found or not all(reach.allows_address(address) for address in found):
        raise PictureRefused("private")
    return found[:_MAX_ADDRESSES]


async def _connect(
    addresses: Iterable[Address], host: str, port: int, scheme: str, reach: Reach
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    failure: OSError = OSError("no address")
    for address in addresses:
        try:
            return await asyncio.open_connection(
                str(address),
                port,
                limit=MAX_HEAD_BYTES,
                ssl=reach.tls() if scheme == "https" else None,
                server_hostname=host if scheme == "https" else None,
            )
        except OSError as error:
            failure = error
    raise failure


def _host_part(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def _request(parts: SplitResult, reach: Reach) -> bytes:
    """Return the whole request: the same for everybody who uses this program."""
    host = _host_part(parts)
    if parts.port != reach.ports[parts.scheme]:
        host += f":{parts.port}"
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    target = quote(target, safe=_KEPT_IN_PATHS)  # no space and no line break gets through
    return (
        f"GET {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0\r\n"
        "Accept: image/png,image/jpeg,image/gif,image/webp\r\nAccept-Encoding: identity\r\n"
        "Connection: close\r\n\r\n"
    ).encode("ascii")


async def _answer(reader: asyncio.StreamReader, max_bytes: int) -> _Answer:
    try:
        head = await read_head(reader)
        if head.status in _REDIRECTS and head.fields.get("location"):
            return _Answer(location=head.fields["location"])
        if head.status != 200:
            raise PictureRefused("status")
        body = await read_body(reader, head.fields, max_bytes=max_bytes)
    except BadAnswer as bad:
        raise PictureRefused(bad.reason) from None
    if not _is_picture(body):
        raise PictureRefused("no-picture")
    return _Answer(body=body)


def _is_picture(body: bytes) -> bool:
    """Tell by its first bytes, never by what the server calls it."""
    return body.startswith(_BEGINNINGS) or (body[:4] == b"RIFF" and body[8:12] == b"WEBP")
