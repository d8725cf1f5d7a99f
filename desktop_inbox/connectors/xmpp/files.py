"""Files lie on a web server: put there before they are sent, fetched from where we are told.

Coroutines for the engine loop.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import httpx

from desktop_inbox.connectors.errors import (
    ConnectorError,
    PermanentError,
    PermanentReason,
    TransientCause,
    TransientError,
)
from desktop_inbox.connectors.http_answers import Answer, by_status
from desktop_inbox.connectors.http_api import HttpApi, is_here, pieces_of
from desktop_inbox.connectors.web.public import is_public, is_public_name, literal
from desktop_inbox.connectors.xmpp import names
from desktop_inbox.connectors.xmpp.link import Link, Refused
from desktop_inbox.connectors.xmpp.names import element
from desktop_inbox.domain.messages import OutgoingFile

MAX_DOWNLOAD_BYTES = 100 * 2**20
_SECONDS = 60.0
_HEADERS = frozenset({"authorization", "cookie", "expires"})  # XEP-0363, 5: no others


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadService:
    """Where the server takes files, and how large ones."""

    address: str
    most_bytes: int  # 0 where it does not say


async def find_service(link: Link) -> UploadService | None:
    """Return where the server takes files, None: nowhere. *Raises:* ConnectorError."""
    domain = link.settings.address.partition("@")[2]
    try:
        answer = await link.ask(element(names.ITEMS, "query"), to=domain)
    except Refused:
        return None
    items = [one.get("jid", "") for one in answer.iter(f"{{{names.ITEMS}}}item")][:20]
    told = await asyncio.gather(*(_about(link, one) for one in (domain, *filter(None, items))))
    return next((one for one in told if one is not None), None)


async def _about(link: Link, address: str) -> UploadService | None:
    try:
        answer = await link.ask(element(names.INFO, "query"), to=address)
    except (Refused, ConnectorError):  # a part of the server that is away is no upload service
        return None
    features = {one.get("var") for one in answer.iter(f"{{{names.INFO}}}feature")}
    if names.UPLOAD not in features:
        return None
    most = "0"
    for field in answer.iter(f"{{{names.FORM}}}field"):
        if field.get("var") == "max-file-size":
            most = field.findtext(f"{{{names.FORM}}}value") or "0"
    number = most.isascii() and most.isdigit() and len(most) < 16
    return UploadService(address=address, most_bytes=int(most) if number else 0)


async def upload(link: Link, service: UploadService | None, file: OutgoingFile) -> str:
    """Put a file on the server; return its address (XEP-0363). *Raises:* ConnectorError."""
    if service is None:
        raise PermanentError(
            "the server takes no files", reason=PermanentReason.MEDIA, step="files"
        )
    if service.most_bytes and file.size > service.most_bytes:
        raise _too_large(file, service)
    request = element(names.UPLOAD, "request", filename=file.name, size=str(file.size))
    request.set("content-type", file.media_type)
    try:
        answer = await link.ask(request, to=service.address)
    except Refused as refused:
        if refused.refusal.condition == "not-acceptable":
            raise _too_large(file, service) from refused
        raise refused.refusal.failure("files") from refused
    put = next(answer.iter(f"{{{names.UPLOAD}}}put"), None)
    get = next(answer.iter(f"{{{names.UPLOAD}}}get"), None)
    if put is None or get is None:
        raise TransientError("no place for the file", cause=TransientCause.SERVER, step="files")
    headers = {
        name: (one.text or "").replace("\n", "").replace("\r", "")
        for one in put.iter(f"{{{names.UPLOAD}}}header")
        if (name := one.get("name", "")).lower() in _HEADERS
    }
    url = put.get("url", "")
    _taken_apart(url, local=link.settings.local)
    headers |= {"Content-Length": str(file.size), "Content-Type": file.media_type}
    await _put(url, file, headers, local=link.settings.local)
    return get.get("url", "")


async def fetch(url: str, target: Path, *, local: bool) -> None:
    """Write what lies where somebody said it does into `target`; only from the public internet.

    *Raises:* PermanentError(MEDIA) where it is gone or must not be asked, ConnectorError.
    """
    parts = _taken_apart(url, local=local)
    if not (local and is_here(parts.hostname or "")):
        await _insist_on_public(parts)
    api = HttpApi(f"{parts.scheme}://{parts.netloc}", refusal=_refusal)
    try:
        await api.download(url, target, max_bytes=MAX_DOWNLOAD_BYTES)
    finally:
        await api.close()


async def _put(url: str, file: OutgoingFile, headers: dict[str, str], *, local: bool) -> None:
    tls = await asyncio.to_thread(ssl.create_default_context)
    try:
        async with httpx.AsyncClient(
            verify=tls,
            timeout=_SECONDS,
            trust_env=not local,
            headers={"User-Agent": "Desktop Inbox"},
        ) as client:
            response = await client.put(url, content=pieces_of(file.path), headers=headers)
    except httpx.TransportError as error:
        raise TransientError(str(error) or "no answer", step="files") from error
    if response.status_code == 413:
        raise PermanentError(
            f"{file.name}: too large", reason=PermanentReason.TOO_LARGE, step="files"
        )
    if not response.is_success:
        raise TransientError(
            f"status {response.status_code}", cause=TransientCause.SERVER, step="files"
        )


def _taken_apart(url: str, *, local: bool) -> SplitResult:
    """Return an address that may be asked: with encryption, but for a server on this machine."""
    try:
        parts = urlsplit(url)
        fits = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise _no_file(str(error)) from error
    here = local and parts.scheme == "http" and is_here(parts.hostname or "")
    if not fits or parts.username is not None or (parts.scheme != "https" and not here):
        raise _no_file("refused without encryption" if fits else "no address of a file")
    return parts


async def _insist_on_public(parts: SplitResult) -> None:
    host = parts.hostname or ""
    address = literal(host)
    if address is not None:
        found = [address]
    elif not is_public_name(host):
        raise _no_file(f"{host} is not on the public internet")
    else:
        try:
            told = await asyncio.get_running_loop().getaddrinfo(
                host, parts.port or 443, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise TransientError(str(error), cause=TransientCause.DNS, step="file") from error
        found = [one for *_, place in told if (one := literal(str(place[0]))) is not None]
    if not found or not all(map(is_public, found)):
        raise _no_file(f"{host} is not on the public internet")


def _refusal(answer: Answer) -> ConnectorError:
    return by_status(answer, f"status {answer.status}", step="file")


def _no_file(words: str) -> PermanentError:
    return PermanentError(words, reason=PermanentReason.MEDIA, step="file")


def _too_large(file: OutgoingFile, service: UploadService) -> PermanentError:
    return PermanentError(
        f"{file.name}: more than {service.most_bytes} bytes",
        reason=PermanentReason.TOO_LARGE,
        step="files",
    )
