"""Downloads one attachment that stayed on the server, piece by piece. Engine loop."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import os
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from desktop_inbox.connectors.contract import Location
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.structure import leaves, read_structure
from desktop_inbox.connectors.email.wire import encode_mailbox, number
from desktop_inbox.connectors.errors import PermanentError, TransientCause, TransientError
from desktop_inbox.mime.transfer import quoted_printable

PIECE_BYTES = 2**20
_SECTION = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,60}|TEXT")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


async def download(
    connection: ImapConnection, location: Location, section: str, target: Path
) -> None:
    """Write the decoded bytes of `section` to `target`, which is complete or not there at all.

    *Raises:* PermanentError (step "attachment") where the message or the section is gone;
    TransientError; OSError where the file cannot be written.
    """
    if not _SECTION.fullmatch(section):
        raise _gone(f"no section {section!r}")
    selected = await connection.examine(encode_mailbox(location.folder))
    if selected.uidvalidity != location.uidvalidity:
        raise _gone("the folder was renumbered")
    encoding = await _encoding(connection, location.uid, section)
    partial = target.with_name(target.name + ".part")
    try:
        with partial.open("wb") as file:
            decoder = _decoder(encoding)
            async for piece in _pieces(connection, location.uid, section):
                await asyncio.to_thread(file.write, decoder(piece, False))
            file.write(decoder(b"", True))
        partial.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)  # noqa: PTH108
        raise


async def _encoding(connection: ImapConnection, uid: int, section: str) -> str:
    found = await connection.fetch([uid], b"(UID BODYSTRUCTURE)")
    structures = [one.get(b"BODYSTRUCTURE") for one in found if number(one[b"UID"]) == uid]
    if not structures:
        raise _gone("the message is no longer there")
    if section == "TEXT":
        return ""
    with contextlib.suppress(ValueError):
        for leaf in leaves(read_structure(structures[0])):
            if leaf.number == section:
                return leaf.encoding
    raise _gone(f"no section {section}")


async def _pieces(connection: ImapConnection, uid: int, section: str) -> AsyncIterator[bytes]:
    offset = 0
    key = f"BODY[{section}]".encode("ascii")
    while True:
        items = b"(UID BODY.PEEK[%s]<%d.%d>)" % (section.encode("ascii"), offset, PIECE_BYTES)
        found = await connection.fetch([uid], items)
        piece = next((one[key] for one in found if key in one), None)
        if not isinstance(piece, bytes):
            if offset:
                return
            raise TransientError(
                "the server sent no attachment", cause=TransientCause.SERVER, step="attachment"
            )
        yield piece
        offset += len(piece)
        if len(piece) < PIECE_BYTES:
            return


def _decoder(encoding: str) -> Callable[[bytes, bool], bytes]:
    """Return a function that takes pieces, the last one with True, and returns decoded bytes."""
    kept = bytearray()

    def as_base64(piece: bytes, last: bool) -> bytes:
        kept.extend(_NOT_BASE64.sub(b"", piece))
        usable = len(kept) if last else len(kept) - len(kept) % 4
        data = bytes(kept[:usable])
        del kept[:usable]
        try:
            return base64.b64decode(data + b"=" * (-len(data) % 4))
        except binascii.Error:
            return base64.b64decode(data[: len(data) - len(data) % 4])

    def as_quoted(piece: bytes, last: bool) -> bytes:
        kept.extend(piece)
        usable = len(kept) if last else kept.rfind(b"\n") + 1
        data = bytes(kept[:usable])
        del kept[:usable]
        return quoted_printable(data)

    def as_is(piece: bytes, last: bool) -> bytes:
        return piece

    return {"base64": as_base64, "quoted-printable": as_quoted}.get(encoding, as_is)


def _gone(words: str) -> PermanentError:
    return PermanentError(words, step="attachment")
