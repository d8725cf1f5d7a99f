"""What every connector that speaks HTTP shares: one service's address, and how it can fail.

Coroutines for the engine loop. Nothing here logs, and no error carries a secret: some services
have the token in their addresses.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import httpx

from desktop_inbox.connectors.contract import BeforeBody
from desktop_inbox.connectors.errors import (
    ConnectorError,
    PermanentError,
    PermanentReason,
    TransientCause,
    TransientError,
    UncertainDelivery,
)
from desktop_inbox.connectors.http_answers import Answer, by_status
from desktop_inbox.connectors.http_failures import cause_of, why

# They write whole addresses, and so tokens, at INFO and DEBUG.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

MAX_ANSWER_BYTES = 16 * 2**20
CONNECT_SECONDS = 15.0
ANSWER_SECONDS = 30.0
CLOSE_SECONDS = 2.0  # for each of two
MAX_REDIRECTS = 3
_PIECE_BYTES = 256 * 1024
_LONGEST_WORDS = 500  # of a service, in an error
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({403, 404, 410})
# 503 is said before anything was looked at; others may come from a gateway that lost the answer.
_NOT_TAKEN = frozenset({429, 503})


Refusal = Callable[[Answer], ConnectorError]
"""Makes an error of an answer that is none of 2xx, by its codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that goes out in a form."""

    field: str
    name: str
    media_type: str
    path: Path


def service_url(override: object, usual: str) -> str:
    """Return where a service is: where it usually is, or what stands in for it on this machine.

    *Raises:* PermanentError for any other address; an account's secrets go to nobody else.
    """
    if not override:
        return usual
    try:
        parts = urlsplit(str(override))
        fits = parts.scheme in {"http", "https"} and is_here(parts.hostname or "")
    except ValueError:
        fits = False
    if not fits:
        raise PermanentError("api_url: only an address of this machine", step="settings")
    return str(override).rstrip("/")


def is_here(host: str) -> bool:
    """Tell whether a host can only be this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class HttpApi:
    """One account's way to one service. Connections are made when they are needed."""

    def __init__(
        self,
        base_url: str,
        *,
        refusal: Refusal,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
    ) -> None:
        self.base_url = base_url
        self.host = urlsplit(base_url).hostname or ""
        self._refusal = refusal
        self._auth = httpx.BasicAuth(*auth) if auth else None
        self._headers = dict(headers or {})
        self._secrets = [one for one in (*secrets, *(auth or ())[1:]) if one]
        self._tls: ssl.SSLContext | None = None
        self._clients: dict[bool, httpx.AsyncClient] = {}

    def __repr__(self) -> str:
        return f"HttpApi({self.host})"  # never the secrets

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        content: object = None,
        form: Mapping[str, str | Sequence[str]] | None = None,
        files: Sequence[Upload] = (),
        upload: Upload | None = None,
        seconds: float = ANSWER_SECONDS,
        step: str = "",
        before_body: BeforeBody | None = None,
    ) -> Answer:
        """Return the answer to one request, if it is one of 2xx.

        `path` may be a whole address. `content` is sent as JSON, `upload` as all there is to say.
        With `before_body` it delivers something: that is awaited right before the last piece of
        the body, without which nothing can have happened; a failure after that is uncertain.
        Raises: ConnectorError.
        """
        client = await self._ready(fresh=before_body is not None)
        with contextlib.ExitStack() as opened:
            request = client.build_request(
                method,
                urljoin(f"{self.base_url}/", path.removeprefix("/")),
                params=dict(query) if query else None,
                content=pieces_of(upload.path) if upload else None,
                headers=_described(upload) if upload else None,
                json=content,
                data=dict(form) if form else None,
                files=[_part(one, opened) for one in files] or None,
                timeout=_timeout(seconds),
            )
            body: _Delivery | None = None
            if before_body is not None:
                assert isinstance(request.stream, httpx.AsyncByteStream)
                body = request.stream = _Delivery(request.stream, before_body)
            try:
                with self._worded(step):
                    answer = await self._answer(client, request)
            except TransientError as error:
                if body is not None and body.left:
                    raise UncertainDelivery(error.detail, step=step) from error
                raise
        if answer.ok:
            return answer
        if body is not None and answer.status >= 500 and answer.status not in _NOT_TAKEN:
            raise UncertainDelivery(self.words(answer), step=step)
        raise self._refused(answer, step)

    async def download(
        self, path: str, target: Path, *, max_bytes: int, step: str = "file"
    ) -> None:
        """Write what lies at a path or an address into `target`; nothing of it stays on failure.

        Our secrets go to the service itself only, wherever it sends us on to.
        Raises:
            PermanentError: MEDIA where it is gone, TOO_LARGE.
            ConnectorError: it did not come.
        """
        url = urljoin(f"{self.base_url}/", path.removeprefix("/"))
        try:
            for _ in range(MAX_REDIRECTS + 1):
                onward = await self._take(url, target, max_bytes=max_bytes, step=step)
                if not onward:
                    return
                url = urljoin(url, onward)
            raise TransientError("too many redirects", cause=TransientCause.SERVER, step=step)
        except BaseException:
            await asyncio.to_thread(target.unlink, missing_ok=True)
            raise

    async def renew(self) -> None:
        """Let go of connections that may have died; what is being delivered has its own."""
        await _let_go(self._clients.pop(False, None))

    async def close(self) -> None:
        """Let go of every connection; twice does no harm."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await _let_go(client)

    def words(self, answer: Answer) -> str:
        """Return what can be said of an answer that says nothing itself."""
        return f"{self.host}: status {answer.status}"

    def cleaned(self, words: str) -> str:
        """Return a service's words without our secrets, and not too many of them."""
        for secret in self._secrets:
            words = words.replace(secret, "…")
        return words[:_LONGEST_WORDS]

    def _refused(self, answer: Answer, step: str) -> ConnectorError:
        error = self._refusal(answer)
        error.detail = self.cleaned(error.detail) or self.words(answer)
        error.args = (error.detail,)
        error.step = error.step or step
        return error

    async def _ready(self, *, fresh: bool = False) -> httpx.AsyncClient:
        """Return what speaks for us.

        With `fresh`, on a new connection each time: on one that was idle, a delivery that the
        other end hung up on could not be told from one that was taken.
        """
        if self._tls is None:
            # The authorities of this system, as everywhere else; reading them takes a while.
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        if fresh not in self._clients:
            self._clients[fresh] = httpx.AsyncClient(
                verify=self._tls,
                headers={"User-Agent": "Desktop Inbox"},
                limits=httpx.Limits(max_keepalive_connections=0 if fresh else 5),
                timeout=_timeout(ANSWER_SECONDS),
                trust_env=not is_here(self.host),  # a proxy is not asked for this machine
            )
        return self._clients[fresh]

    async def _answer(self, client: httpx.AsyncClient, request: httpx.Request) -> Answer:
        ours = self._is_ours(str(request.url))
        if ours:
            request.headers.update(self._headers)
        response = await client.send(request, stream=True, auth=self._auth if ours else None)
        try:
            pieces: list[bytes] = []
            taken = 0
            async for piece in response.aiter_bytes():
                taken += len(piece)
                if taken > MAX_ANSWER_BYTES:
                    raise TransientError("the answer has no end", cause=TransientCause.SERVER)
                pieces.append(piece)
        finally:
            await response.aclose()
        return Answer(
            status=response.status_code, headers=dict(response.headers), body=b"".join(pieces)
        )

    async def _take(self, url: str, target: Path, *, max_bytes: int, step: str) -> str:
        """Write what lies at an address; return where it sends a reader on to instead, or ''."""
        ours = self._is_ours(url)
        if urlsplit(url).scheme != "https" and not (ours and is_here(self.host)):
            raise PermanentError(
                "refused without encryption", reason=PermanentReason.MEDIA, step=step
            )
        client = await self._ready()
        request = client.build_request("GET", url, headers=self._headers if ours else None)
        with self._worded(step):
            response = await client.send(request, stream=True, auth=self._auth if ours else None)
            try:
                if response.status_code in _REDIRECTS:
                    return str(response.headers.get("location", ""))
                if response.status_code != 200:
                    raise self._no_file(Answer(
                        status=response.status_code,
                        headers=dict(response.headers),
                        body=await _beginning(response),
                    ), step)  # fmt: skip
                pieces = response.aiter_bytes(_PIECE_BYTES)
                await _write(pieces, target, max_bytes=max_bytes, step=step)
            finally:
                await response.aclose()
        return ""

    def _no_file(self, answer: Answer, step: str) -> ConnectorError:
        if answer.status in _GONE:
            return PermanentError(self.words(answer), reason=PermanentReason.MEDIA, step=step)
        return by_status(answer, self.words(answer), step=step)

    def _is_ours(self, url: str) -> bool:
        here, there = urlsplit(self.base_url), urlsplit(url)
        return (here.scheme, here.hostname, here.port) == (
            there.scheme, there.hostname, there.port,
        )  # fmt: skip

    @contextlib.contextmanager
    def _worded(self, step: str) -> Iterator[None]:
        """Say what went wrong in the words of this package. *Raises:* TransientError."""
        try:
            yield
        except (httpx.HTTPError, httpx.StreamError) as error:
            words = self.cleaned(f"{self.host}: {why(error)}".rstrip(": ")) or self.host
            if isinstance(error, httpx.TimeoutException):
                words = f"{self.host}: no answer in time"
            raise TransientError(words, cause=cause_of(error), step=step) from error


class _Delivery(httpx.AsyncByteStream):
    """A body that says when it can no more be taken back: before its last piece."""

    def __init__(self, pieces: httpx.AsyncByteStream, before_body: BeforeBody) -> None:
        self._pieces = pieces
        self._before_body = before_body
        self.left = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        held: bytes | None = None
        async for piece in self._pieces:
            if held is not None:
                yield held
            held = piece
        await self._before_body()
        self.left = True
        yield held or b""


async def _let_go(client: httpx.AsyncClient | None) -> None:
    if client is not None:
        with contextlib.suppress(TimeoutError, OSError, httpx.HTTPError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await client.aclose()


def _timeout(seconds: float) -> httpx.Timeout:
    """Return how long each read and write may take, and less for a door to open."""
    return httpx.Timeout(seconds, connect=CONNECT_SECONDS)


async def pieces_of(path: Path) -> AsyncIterator[bytes]:
    """Yield a file piece by piece. *Raises:* OSError."""
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece
    finally:
        await asyncio.to_thread(file.close)


def _described(upload: Upload) -> dict[str, str]:
    return {"Content-Type": upload.media_type, "Content-Length": str(upload.path.stat().st_size)}


def _part(upload: Upload, opened: contextlib.ExitStack) -> tuple[str, tuple[str, BinaryIO, str]]:
    file = opened.enter_context(upload.path.open("rb"))
    return upload.field, (upload.name, file, upload.media_type)


async def _beginning(response: httpx.Response) -> bytes:
    async for piece in response.aiter_bytes(_PIECE_BYTES):
        return piece
    return b""


async def _write(pieces: AsyncIterator[bytes], target: Path, *, max_bytes: int, step: str) -> None:
    file = await asyncio.to_thread(target.open, "wb")
    try:
        taken = 0
        async for piece in pieces:
            taken += len(piece)
            if taken > max_bytes:
                raise PermanentError(
                    f"larger than {max_bytes} bytes", reason=PermanentReason.TOO_LARGE, step=step
                )
            await asyncio.to_thread(file.write, piece)
    finally:
        await asyncio.to_thread(file.close)
