"""Names that stay the same on every device of a workspace."""

from __future__ import annotations

import functools
import hashlib
import secrets
import uuid
from datetime import datetime


def new_uid(at: datetime) -> str:
    """Return a UUIDv7 (RFC 9562 section 5.7) for something a person created at `at`.

    It begins with the time, so that names sort by age and index pages stay warm.
    """
    milliseconds = round(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def found_uid(workspace_uid: str, *parts: str) -> str:
    """Return the UUIDv5 for something found outside, such as a message or an identity.

    As `uuid.uuid5`, but without its two throw-away objects: ingest asks for several a message.
    Two devices that find the same thing name it the same. `parts` go from the general to the
    particular; a separator that cannot occur in them keeps ("a", "bc") apart from ("ab", "c").
    """
    name = "\x1f".join(parts).encode()
    value = bytearray(hashlib.sha1(_namespace(workspace_uid) + name).digest()[:16])  # noqa: S324
    value[6] = value[6] & 0x0F | 0x50
    value[8] = value[8] & 0x3F | 0x80
    digits = value.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@functools.lru_cache(maxsize=4)
def _namespace(workspace_uid: str) -> bytes:
    return uuid.UUID(workspace_uid).bytes
