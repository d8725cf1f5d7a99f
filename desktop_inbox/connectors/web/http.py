"""Reads an HTTP/1.1 answer from a stream, within limits. Coroutines for any asyncio loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

MAX_HEAD_BYTES = 32 * 1024


class BadAnswer(Exception):
    """What came is no answer to take; `reason` is "broken" or "too-large"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How an answer begins. Of fields that come twice, the first counts."""

    status: int
    fields: Mapping[str, str]  # by their names in lower case


async def read_head(reader: asyncio.StreamReader) -> Head:
    """Read up to the empty line.

    *Raises:* BadAnswer; OSError, EOFError, asyncio.LimitOverrunError.
    """
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not _is_number(words[1], 3):
        raise BadAnswer("broken")
    fields: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    return Head(status=int(words[1]), fields=fields)


async def read_body(
    reader: asyncio.StreamReader, fields: Mapping[str, str], *, max_bytes: int
) -> bytes:
    """Read what follows the head, at most `max_bytes`.

    *Raises:* BadAnswer; OSError, EOFError, ValueError, asyncio.LimitOverrunError.
    """
    if fields.get("content-encoding", "identity").lower() not in {"", "identity"}:
        raise BadAnswer("broken")  # not asked for, and a way to make little into much
    if "chunked" in fields.get("transfer-encoding", "").lower():
        return await _chunks(reader, max_bytes)
    length = fields.get("content-length")
    if length is None:
        body = await _at_most(reader, max_bytes + 1)
        if len(body) > max_bytes:
            raise BadAnswer("too-large")
        return body
    if not _is_number(length, 12):
        raise BadAnswer("broken")
    if int(length) > max_bytes:
        raise BadAnswer("too-large")
    return await reader.readexactly(int(length))


def _is_number(text: str, digits: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= digits


async def _at_most(reader: asyncio.StreamReader, most: int) -> bytes:
    pieces: list[bytes] = []
    while most > 0 and (piece := await reader.read(min(most, 65536))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


async def _chunks(reader: asyncio.StreamReader, max_bytes: int) -> bytes:
    pieces: list[bytes] = []
    taken = 0
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        taken += size
        if size < 0 or taken > max_bytes:
            raise BadAnswer("too-large")
        pieces.append(await reader.readexactly(size))
        await reader.readexactly(2)
    return b"".join(pieces)
