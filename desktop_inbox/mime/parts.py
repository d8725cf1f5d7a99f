"""The parts of a message by their own names: one of them as bytes, or the tree of all. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from desktop_inbox.mime import headers, names, structure, tnef
from desktop_inbox.mime.structure import DEFAULT_LIMITS, Limits, Part


def attachment_bytes(raw: bytes, section: str, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the decoded bytes of the part that IMAP calls `section`.

    Raises:
        KeyError: the message has no such part.
    """
    root, _ = structure.read(raw, limits=limits)
    for part in _everything(root):
        if part.section == section and not (part.is_multipart and part.parts):
            return part.content
    raise KeyError(section)


def leaf(raw: bytes, content_id: str, *, limits: Limits = DEFAULT_LIMITS) -> bytes | None:
    """Return the decoded bytes of the part with this Content-ID; None where there is none."""
    wanted = content_id.strip("<>")
    root, _ = structure.read(raw, limits=limits)
    for part in _everything(root):
        if not part.parts and part.content_id == wanted:
            return part.content
    return None


def _everything(root: Part) -> Iterator[Part]:
    """Yield every part, and what lies in packages after the package itself."""
    for part in root.walk():
        yield part
        if tnef.is_packed(part):
            yield from tnef.unpack(part).files


def part_tree(raw: bytes, *, limits: Limits = DEFAULT_LIMITS) -> dict[str, object]:
    """Return the tree of parts as plain values, each with its size and digest, for inspection."""
    root, _ = structure.read(raw, limits=limits)
    return _described(root)


def _described(part: Part) -> dict[str, object]:
    empty = part.is_multipart and not part.parts
    content = b"" if empty else part.content
    return {
        "type": headers.clean(part.media_type),
        "charset": headers.clean(part.parameters.get("charset", "")).lower(),
        "name": names.shown(part.name),
        "disposition": headers.clean(part.disposition),
        "content_id": headers.clean(part.content_id),
        "section": part.section,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "parts": [_described(child) for child in part.parts],
    }
