"""Bytes into a tree of parts, within limits of our own. Pure, total, linear in the size.

A part keeps the place of its bytes instead of a copy; nothing is decoded before it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from desktop_inbox.mime import headers, transfer
from desktop_inbox.mime.parameters import Value, value_and_parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one message may cost. Beyond a limit the rest is kept whole, as one raw part."""

    max_bytes: int = 128 * 1024 * 1024
    max_header_bytes: int = 512 * 1024
    max_depth: int = 40
    max_parts: int = 1_000
    max_text_chars: int = 2_000_000  # of text shown and indexed
    max_html_chars: int = 1_500_000


DEFAULT_LIMITS = Limits()


@dataclass(slots=True, kw_only=True)
class Part:
    """One entity: a leaf, a multipart with its parts, or a message with the one it holds."""

    section: str  # as IMAP numbers it; '' for a multipart at the root
    fields: headers.Fields
    media_type: str  # lower case; what RFC 2045 implies where none is given
    declared_type: str  # the same as written; '' where none is given
    parameters: dict[str, str]
    source: bytes
    start: int
    end: int
    parts: list[Part] = field(default_factory=list)
    _decoded: bytes | None = None
    _warning: str = ""

    @property
    def is_multipart(self) -> bool:
        return self.media_type.startswith("multipart/")

    @property
    def is_message(self) -> bool:
        return self.media_type in _MESSAGES

    @property
    def encoding(self) -> str:
        """The transfer encoding as a bare, lower-case token."""
        values = self.fields.get("content-transfer-encoding")
        if not values:
            return ""
        return value_and_parameters(values[0])[0]

    @property
    def body(self) -> bytes:
        """The bytes as they travelled."""
        return self.source[self.start : self.end]

    @property
    def content(self) -> bytes:
        """The decoded bytes; decoded once."""
        if self._decoded is None:
            self._decoded, self._warning = transfer.undo(self.body, self.encoding)
        return self._decoded

    @property
    def warning(self) -> str:
        """What was wrong with the transfer encoding, once `content` was read."""
        return self._warning

    @property
    def disposition(self) -> str:
        return self._disposition()[0]

    @property
    def content_id(self) -> str:
        values = self.fields.get("content-id")
        found = headers.message_ids(values[0]) if values else ()
        return found[0] if found else ""

    @property
    def name(self) -> str:
        """The file name the sender gave, decoded but otherwise as it came; '' without one."""
        parameters = self._disposition()[1]
        return parameters.get("filename") or self.parameters.get("name") or ""

    def walk(self) -> list[Part]:
        """Return this part and all below it, in the order of the message."""
        found: list[Part] = []
        waiting = [self]
        while waiting:
            part = waiting.pop()
            found.append(part)
            waiting.extend(reversed(part.parts))
        return found

    def _disposition(self) -> Value:
        values = self.fields.get("content-disposition")
        return value_and_parameters(values[0]) if values else ("", {})


_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})
_HALF_TYPES = {"text": "text/plain", "multipart": "multipart/mixed", "message": "message/rfc822"}
_ENCODED = frozenset({"base64", "quoted-printable"})
_FALSE_HITS = 100_000

TOO_DEEP = "too-deeply-nested"
TOO_MANY_PARTS = "too-many-parts"
NO_BOUNDARY = "boundary-missing"
BAD_HEADER = "malformed-header"


class _Builder:
    """Builds one tree; holds what is left of the message's budget."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.parts = 0
        self.false_hits = 0
        self.warnings: dict[str, None] = {}

    def entity(
        self, source: bytes, start: int, end: int, *, section: str, depth: int, implied: str
    ) -> Part:
        """Read the entity that lies in `source` from `start` to `end`."""
        header_end = min(end, start + self.limits.max_header_bytes)
        fields, body, sound = headers.split(source, start=start, end=header_end)
        if not sound:
            self.warnings[BAD_HEADER] = None
        part = _typed(fields, source, body, end, section=section, implied=implied)
        self.parts += 1
        if not (part.is_multipart or part.is_message):
            part.section = section or "1"
        elif depth >= self.limits.max_depth:
            self._leave_whole(part, TOO_DEEP)
        elif part.is_multipart:
            self._multipart(part, depth=depth)
        else:
            part.section = section or "1"
            self._message(part, depth=depth)
        return part

    def _leave_whole(self, part: Part, warning: str) -> None:
        self.warnings[warning] = None
        part.section = part.section or "1"
        part.media_type = "text/plain"
        part.parameters = {}

    def _multipart(self, part: Part, *, depth: int) -> None:
        boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
        spans = self._spans(part, boundary) if boundary else []
        if not spans and boundary.strip() != boundary:
            spans = self._spans(part, boundary.strip())
        if not spans:
            self.warnings[NO_BOUNDARY] = None
        prefix = f"{part.section}." if part.section else ""
        implied = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
        for number, (start, end) in enumerate(spans, start=1):
            if self.parts >= self.limits.max_parts:
                self.warnings[TOO_MANY_PARTS] = None
                return
            child = self.entity(
                part.source,
                start,
                end,
                section=f"{prefix}{number}",
                depth=depth + 1,
                implied=implied,
            )
            part.parts.append(child)

    def _message(self, part: Part, *, depth: int) -> None:
        source, start, end = part.source, part.start, part.end
        if part.encoding in _ENCODED:
            source = part.content
            start, end = 0, len(source)
        inner = self.entity(
            source, start, end, section=f"{part.section}.", depth=depth + 1, implied="text/plain"
        )
        _renumber(inner, part.section)
        part.parts.append(inner)

    def _spans(self, part: Part, boundary: bytes) -> list[tuple[int, int]]:
        """Return where the parts between the boundary lines lie."""
        source, stop = part.source, part.end
        mark = b"--" + boundary
        spans: list[tuple[int, int]] = []
        opened = -1
        position = part.start
        while len(spans) <= self.limits.max_parts:
            hit = source.find(mark, position, stop)
            if hit < 0:
                break
            position = hit + len(mark)
            line_end, closing = _boundary_line(source, position, stop)
            if line_end < 0 or not (hit == part.start or source[hit - 1] == 0x0A):
                self.false_hits += 1
                if self.false_hits > _FALSE_HITS:
                    self.warnings[TOO_MANY_PARTS] = None
                    break
                continue
            if opened >= 0:
                spans.append((opened, _before_break(source, opened, hit)))
                opened = -1
            if closing:
                return spans
            opened = position = line_end
        if opened >= 0 and (source[opened:stop].strip() or not spans):
            spans.append((opened, stop))
        return spans


def read(raw: bytes, *, limits: Limits = DEFAULT_LIMITS) -> tuple[Part, tuple[str, ...]]:
    """Return the tree of a message and the codes of what was wrong with it."""
    if b"\n" not in raw[: limits.max_header_bytes] and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")  # line ends of an old Macintosh
    builder = _Builder(limits)
    root = builder.entity(raw, 0, len(raw), section="", depth=0, implied="text/plain")
    return root, tuple(builder.warnings)


def _typed(
    fields: headers.Fields, source: bytes, start: int, end: int, *, section: str, implied: str
) -> Part:
    values = fields.get("content-type")
    declared, parameters = value_and_parameters(values[0]) if values else ("", {})
    media_type = declared
    if declared.count("/") != 1 or declared[0] == "/" or declared[-1] == "/":
        # RFC 2045 5.2: what cannot be read is text; half a type is taken for what it begins.
        media_type = _HALF_TYPES.get(declared.rstrip("/"), "application/octet-stream")
        if not declared or declared[0] == "/":
            media_type = implied
    return Part(
        section=section,
        fields=fields,
        media_type=media_type,
        declared_type=declared,
        parameters=parameters,
        source=source,
        start=start,
        end=end,
    )


def _boundary_line(source: bytes, position: int, stop: int) -> tuple[int, bool]:
    """Return where the line of a boundary ends and whether it closes; (-1, …) if it is none.

    RFC 2046 5.1: whatever else stands on the line does not count, as long as the boundary ends
    where we think it does and is not the beginning of a longer one.
    """
    closing = source.startswith(b"--", position, stop)
    if closing:
        position += 2
    if position < stop and source[position] not in b" \t\r\n":
        return -1, False
    line_end = source.find(b"\n", position, stop)
    return (stop if line_end < 0 else line_end + 1), closing


def _before_break(source: bytes, start: int, hit: int) -> int:
    """Return `hit` without the line break that belongs to the boundary."""
    if hit - 1 >= start and source[hit - 1] == 0x0A:
        hit -= 1
        if hit - 1 >= start and source[hit - 1] == 0x0D:
            hit -= 1
    return hit


def _renumber(inner: Part, section: str) -> None:
    """Give the root of an embedded message its IMAP number: a multipart shares its message's."""
    if not inner.is_multipart:
        inner.section = f"{section}.1"
        return
    for part in inner.walk():
        part.section = part.section.replace(f"{section}..", f"{section}.", 1)
    inner.section = section
