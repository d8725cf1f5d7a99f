"""Names that stay the same on every device of a workspace."""

from __future__ import annotations

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

    Two devices that find the same thing name it the same. `parts` go from the general to the
    particular; a separator that cannot occur in them keeps ("a", "bc") apart from ("ab", "c").
    """
    return str(uuid.uuid5(uuid.UUID(workspace_uid), "\x1f".join(parts)))
