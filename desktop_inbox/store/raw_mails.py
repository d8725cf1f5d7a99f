"""Mail exactly as it came: small ones lie beside their text, the others among the files.

Most mail is small, and for those a file of its own costs more than all that is in it. Packed, as
far as that is worth it, it is stored with its row or not at all. Whatever its place, a raw mail
is known by its sha256.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import Protocol

from desktop_inbox.store.files import Files

SMALL_BYTES = 32 * 1024  # most mail with its HTML; above it are attachments, which hardly pack
_QUICK = 1  # of zlib: twice as quick as its default, and a tenth larger
_AS_IT_IS = b"\0"  # before what is not packed; what zlib makes begins otherwise
_SHORT_BYTES = 4096  # a page of the database, which hardly becomes smaller
_WORD_BYTES = 300  # within so many there is a blank in any text and markup, and none in base64


class Kept(Protocol):
    """A message whose raw mail was kept."""

    @property
    def raw_sha256(self) -> str: ...  # '' where it never came from a server
    @property
    def raw_packed(self) -> bytes: ...  # b"" where it lies among the files


def keep(files: Files, raw: bytes) -> tuple[str, bytes]:
    """Return the sha256 of a raw mail, and what is to be stored in its row: b"" where it is a file.

    Raises:
        StoreError: it is to be a file, and the disk is full or does not let us write.
    """
    if len(raw) > SMALL_BYTES:
        return files.put(raw), b""
    packed = zlib.compress(raw, _QUICK) if _is_worth_packing(raw) else _AS_IT_IS + raw
    return hashlib.sha256(raw).hexdigest(), packed


def _is_worth_packing(raw: bytes) -> bool:
    """Tell whether a mail becomes much smaller: base64 takes the longest, and hardly does."""
    half = len(raw) // 2
    return len(raw) > _SHORT_BYTES and b" " in raw[half : half + _WORD_BYTES]


def unpack(packed: bytes) -> bytes:
    """Return the raw mail that `keep` packed."""
    return packed[1:] if packed.startswith(_AS_IT_IS) else zlib.decompress(packed)


def read(files: Files, message: Kept) -> bytes:
    """Return a message as it came; b"" where it never came from a server.

    Raises:
        FileNotFoundError: its file is gone.
    """
    if message.raw_packed:
        return unpack(message.raw_packed)
    return files.read(message.raw_sha256) if message.raw_sha256 else b""
