"""Asks web services that the owner uses: over TLS, with a time limit, and within sizes.

Coroutines for any asyncio loop. Plain http is spoken to this machine only, unless a caller that
sends nothing private asks for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

from desktop_inbox.connectors.errors import TransientCause, TransientError
from desktop_inbox.connectors.system_words import system_words
from desktop_inbox.connectors.web.http import (
    MAX_HEAD_BYTES,
    BadAnswer,
    Head,
    read_body,
    read_head,
)

MAX_BYTES = 256 * 1024
SECONDS = 15.0
MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_IN_PATHS = "/%:@!$&'()*+,;=~-._?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """How hosts are reached. Tests bring names and an authority of their own."""

    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    places: Mapping[tuple[str, int], tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service said."""

    status: int
    body: bytes


async def get(
    url: str, *, web: Web | None = None, plain: bool = False, max_bytes: int = MAX_BYTES
) -> Answer:
    """Return the answer at an address; redirects are followed as long as they stay with https.

    With `plain`, http is spoken with strangers as well.
    *Raises:* TransientError.
    """
    for _ in range(MAX_REDIRECTS + 1):
        parts = checked(url, plain=plain)
        answer, onward = await _ask(parts, web or Web(), b"GET", b"", max_bytes)
        if not onward:
            return answer
        url = urljoin(url, onward)
        plain = False
    raise TransientError("too many redirects", cause=TransientCause.SERVER, step="connect")


async def post(url: str, form: Mapping[str, str], *, web: Web | None = None) -> Answer:
    """Send a form and return the answer; it is never sent on to anywhere else.

    *Raises:* TransientError.
    """
    body = urlencode(form).encode("ascii")
    answer, _onward = await _ask(checked(url), web or Web(), b"POST", body, MAX_BYTES)
    return answer


def checked(url: str, *, plain: bool = False) -> SplitResult:
    """Return an address taken apart, if it may be asked. *Raises:* TransientError."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except (ValueError, UnicodeError):
        raise _no(f"{url} is no address") from None
    if not host or not port or parts.username is not None:
        raise _no(f"{url} is no address")
    if parts.scheme == "http" and not plain and not _is_here(host):
        raise TransientError(
            f"{host}: refused without encryption", cause=TransientCause.TLS, step="tls"
        )
    return parts._replace(netloc=f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _ask(
    parts: SplitResult, web: Web, method: bytes, body: bytes, max_bytes: int
) -> tuple[Answer, str]:
    """Return the answer, and where it sends a reader on to."""
    with worded(parts):
        async with asyncio.timeout(SECONDS), exchange(parts, web, method, body) as (head, reader):
            if head.status in REDIRECTS:
                return Answer(status=head.status, body=b""), head.fields.get("location", "")
            content = await read_body(reader, head.fields, max_bytes=max_bytes)
            return Answer(status=head.status, body=content), ""


@contextlib.contextmanager
def worded(parts: SplitResult) -> Iterator[None]:
    """Say what went wrong with a host in the words of this package. *Raises:* TransientError."""
    try:
        yield
    except TimeoutError as error:
        raise TransientError(f"{parts.hostname}: no answer in time", step="connect") from error
    except ssl.SSLCertVerificationError as error:
        words = f"{parts.hostname}: {error.verify_message}"
        raise TransientError(words, cause=TransientCause.TLS, step="tls") from error
    except ssl.SSLError as error:
        raise TransientError(
            f"{parts.hostname}: {error}", cause=TransientCause.TLS, step="tls"
        ) from error
    except socket.gaierror as error:
        words = f"{parts.hostname}: {system_words(error)}"
        raise TransientError(words, cause=TransientCause.DNS, step="connect") from error
    except (BadAnswer, EOFError, ValueError, asyncio.LimitOverrunError) as error:
        raise _no(f"{parts.hostname}: {error}") from error
    except OSError as error:
        words = f"{parts.hostname}: {system_words(error)}"
        raise TransientError(words, step="connect") from error


@contextlib.asynccontextmanager
async def exchange(
    parts: SplitResult, web: Web, method: bytes = b"GET", body: bytes = b""
) -> AsyncIterator[tuple[Head, asyncio.StreamReader]]:
    """Ask, and give how the answer begins and where the rest comes from, under `worded`."""
    host, port = parts.hostname or "", parts.port or 0
    place = web.places.get((host, port), (host, port))
    secure = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        *place,
        limit=MAX_HEAD_BYTES,
        ssl=await asyncio.to_thread(web.tls) if secure else None,
        server_hostname=host if secure else None,
    )
    try:
        writer.write(_request(parts, method, body))
        await writer.drain()
        yield await read_head(reader), reader
    finally:
        writer.transport.abort()  # nothing more is wanted
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _request(parts: SplitResult, method: bytes, body: bytes) -> bytes:
    target = quote(
        (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_KEPT_IN_PATHS
    )
    lines = [
        method + b" " + target.encode("ascii") + b" HTTP/1.1",
        b"Host: " + _host_field(parts).encode("ascii"),
        b"User-Agent: Desktop Inbox",
        b"Accept: */*",
        b"Accept-Encoding: identity",
        b"Connection: close",
    ]
    if method == b"POST":
        lines.append(b"Content-Type: application/x-www-form-urlencoded")
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join((*lines, b"", body))


def _host_field(parts: SplitResult) -> str:
    usual = {"https": ":443", "http": ":80"}[parts.scheme]
    return parts.netloc.removesuffix(usual)


def _no(words: str) -> TransientError:
    return TransientError(words, cause=TransientCause.SERVER, step="connect")
