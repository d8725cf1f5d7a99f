"""Fetches one file of known size and contents: over TLS only, checked while it comes.

A coroutine for any asyncio loop but the window's; what was written appears whole or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

from desktop_inbox.connectors.errors import TransientCause, TransientError
from desktop_inbox.connectors.web.client import (
    MAX_REDIRECTS,
    REDIRECTS,
    Web,
    checked,
    exchange,
    worded,
)

IDLE_SECONDS = 30.0  # a connection that brings nothing for this long is given up
_PIECE_BYTES = 256 * 1024

Report = Callable[[int], object]
"""Called with how many bytes have come."""


class Differs(Exception):
    """What came is not the file that was announced."""


class _Unwritten(Exception):
    """The disk's failure, which is not to be taken for the network's."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


async def fetch_file(
    url: str,
    target: Path,
    *,
    size: int,
    sha256: str,
    web: Web | None = None,
    report: Report | None = None,
) -> None:
    """Write the file at `url` to `target`, if it has exactly this size and these contents.

    Raises:
        Differs: it is another file; nothing of it is left.
        TransientError: it did not come, or not all of it.
        OSError: it cannot be written.
    """
    part = target.with_name(target.name + ".part")
    try:
        for _ in range(MAX_REDIRECTS + 1):
            onward = await _take(url, part, size=size, sha256=sha256, web=web, report=report)
            if not onward:
                await asyncio.to_thread(part.replace, target)
                return
            url = urljoin(url, onward)
        raise TransientError("too many redirects", cause=TransientCause.SERVER, step="connect")
    except _Unwritten as unwritten:
        raise unwritten.error from unwritten
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


async def _take(
    url: str, part: Path, *, size: int, sha256: str, web: Web | None, report: Report | None
) -> str:
    """Write what lies at an address; return where it sends a reader on to instead, or ''."""
    parts = checked(url)
    if parts.scheme != "https":
        raise TransientError(
            f"{parts.hostname}: refused without encryption", cause=TransientCause.TLS, step="tls"
        )
    with worded(parts):
        async with contextlib.AsyncExitStack() as stack:
            async with asyncio.timeout(IDLE_SECONDS):
                head, reader = await stack.enter_async_context(exchange(parts, web or Web()))
            if head.status in REDIRECTS:
                return head.fields.get("location", "")
            if head.status != 200 or "transfer-encoding" in head.fields:
                raise TransientError(
                    f"{parts.hostname}: status {head.status}, no file of a known size",
                    cause=TransientCause.SERVER,
                    step="connect",
                )
            if head.fields.get("content-length", str(size)) != str(size):
                raise Differs
            await _write(reader, part, size=size, sha256=sha256, report=report)
    return ""


async def _write(
    reader: asyncio.StreamReader, part: Path, *, size: int, sha256: str, report: Report | None
) -> None:
    digest, taken = hashlib.sha256(), 0
    with _begun(part) as file:
        while taken < size:
            async with asyncio.timeout(IDLE_SECONDS):
                piece = await reader.read(min(_PIECE_BYTES, size - taken))
            if not piece:
                raise EOFError(f"{taken} of {size} bytes came")
            digest.update(piece)
            with _disk():
                file.write(piece)
            taken += len(piece)
            if report is not None:
                report(taken)
        with _disk():
            file.flush()
    if digest.hexdigest() != sha256:
        raise Differs


def _begun(part: Path) -> BinaryIO:
    with _disk():
        part.unlink(missing_ok=True)  # whatever lies there, it is not written through a link
        return part.open("xb")


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _Unwritten(error) from error
