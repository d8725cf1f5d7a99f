"""Files of rooms: fetched and put there, opened and sealed on the way (AES-CTR, attachments v2).

Engine loop; what takes long happens on threads. Nothing is held in memory whole.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import json
import os
from collections.abc import AsyncIterator
from hmac import compare_digest
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from desktop_inbox.connectors.errors import PermanentError, PermanentReason
from desktop_inbox.connectors.matrix.link import Link, where
from desktop_inbox.connectors.matrix.writing import Stored
from desktop_inbox.connectors.payload import Payload, part, words
from desktop_inbox.domain.messages import OutgoingFile

MAX_DOWNLOAD_BYTES = 200 * 2**20
_PIECE_BYTES = 256 * 1024
_SEALED_TYPE = "application/octet-stream"


async def fetch(link: Link, reference: str, target: Path) -> None:
    """Write a file of a room into `target`; nothing of it stays on failure.

    *Raises:* PermanentError(MEDIA) where it is gone or not what was announced, ConnectorError.
    """
    told = _told(reference)
    server, _, name = words(told, "url").removeprefix("mxc://").partition("/")
    if not server or not name:
        raise _no_file("no address of a file")
    path = where("_matrix", "client", "v1", "media", "download", server, name)
    await link.http.download(path, target, max_bytes=MAX_DOWNLOAD_BYTES)
    if "key" not in told:
        return
    try:
        await asyncio.to_thread(_open_sealed, target, told)
    except BaseException:
        await asyncio.to_thread(target.unlink, missing_ok=True)
        raise


async def put(link: Link, file: OutgoingFile, *, seal: bool) -> Stored:
    """Put a file on the server, sealed where the room is. *Raises:* ConnectorError."""
    if not seal:
        address = await link.upload(file.path, name=file.name, media_type=file.media_type)
        return Stored(file=file, address=address, key=None)
    async with _beside() as folder:
        sealed = folder / "sealed"
        key = await asyncio.to_thread(_seal, file.path, sealed)
        address = await link.upload(sealed, name="", media_type=_SEALED_TYPE)
    return Stored(file=file, address=address, key=key)


@contextlib.asynccontextmanager
async def _beside() -> AsyncIterator[Path]:
    folder = await asyncio.to_thread(TemporaryDirectory)
    try:
        yield Path(folder.name)
    finally:
        await asyncio.to_thread(folder.cleanup)


def _seal(path: Path, sealed: Path) -> dict[str, object]:
    """Write a file sealed; return what opens it."""
    key, start = os.urandom(32), os.urandom(8) + bytes(8)
    digest = _through(path, sealed, key=key, start=start, of_output=True)
    return {
        "v": "v2",
        "key": {
            "kty": "oct",
            "alg": "A256CTR",
            "ext": True,
            "key_ops": ["encrypt", "decrypt"],
            "k": base64.urlsafe_b64encode(key).decode().rstrip("="),
        },
        "iv": _written(start),
        "hashes": {"sha256": _written(digest)},
    }


def _open_sealed(path: Path, told: Payload) -> None:
    """Open a file in its place. *Raises:* PermanentError(MEDIA)."""
    key, start = _bytes(words(told, "key", "k")), _bytes(words(told, "iv"))
    if len(key) != 32 or len(start) != 16:
        raise _no_file("no key of a file")
    opened = path.with_name(f"{path.name}.open")
    try:
        digest = _through(path, opened, key=key, start=start, of_output=False)
        if not compare_digest(digest, _bytes(words(told, "hashes", "sha256"))):
            raise _no_file("not the file that was announced")
        opened.replace(path)
    finally:
        opened.unlink(missing_ok=True)


def _through(source: Path, target: Path, *, key: bytes, start: bytes, of_output: bool) -> bytes:
    """Write a file's other form; return the SHA-256 of the sealed one."""
    digest = hashlib.sha256()
    cipher = Cipher(AES(key), CTR(start)).encryptor()  # both ways are the same
    with source.open("rb") as read, target.open("wb") as write:
        while piece := read.read(_PIECE_BYTES):
            changed = cipher.update(piece)
            digest.update(changed if of_output else piece)
            write.write(changed)
        write.write(cipher.finalize())
    return digest.digest()


def _told(reference: str) -> Payload:
    try:
        return part(json.loads(reference))
    except (ValueError, RecursionError):
        return {}


def _written(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Read base64 as both alphabets write it, with or without its end."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _no_file(words_: str) -> PermanentError:
    return PermanentError(words_, reason=PermanentReason.MEDIA, step="file")
