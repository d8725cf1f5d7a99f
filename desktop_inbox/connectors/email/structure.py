"""A large message without its attachments: what to ask the server for, and how to put it together.

Reads BODYSTRUCTURE, chooses the text and small sections, and writes a message that holds them
under the original header. What is left on the server is listed. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from desktop_inbox.connectors.email.wire import Value, number, text_of
from desktop_inbox.domain.messages import AttachmentPart
from desktop_inbox.mime import names
from desktop_inbox.mime.parameters import value_and_parameters

MAX_TEXT_BYTES = 2**20  # of one text section; the rest is cut off and listed as an attachment
SMALL_BYTES = 32 * 1024  # other sections up to this size come along, such as logos
MAX_SMALL_BYTES = 256 * 1024  # of all of them together
_MAX_DEPTH = 50

_CONTENT_FIELD = re.compile(rb"(?ims)^content-[a-z-]+:.*?\r?\n(?=[^ \t]|\Z)")
_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{1,70}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One node of a message's structure."""

    number: str  # as IMAP counts: "1", "2.1"; "" for a multipart at the top
    media_type: str
    parameters: Mapping[str, str]
    encoding: str = ""
    size: int = 0  # bytes as they are encoded
    content_id: str = ""
    disposition: str = ""
    file_name: str = ""
    children: tuple[Section, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether a reader sees it as the message itself."""
        return self.media_type in ("text/plain", "text/html") and self.disposition != "attachment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is fetched of a large message, and what stays."""

    root: Section
    wanted: tuple[Section, ...]
    remote: tuple[AttachmentPart, ...]
    cut: frozenset[str] = field(default_factory=frozenset)  # wanted, but only their beginning

    @property
    def items(self) -> bytes:
        """The FETCH items that bring the wanted sections."""
        asked = [b"UID"]
        for section in self.wanted:
            place = section.number.encode("ascii")
            if self.root.children:
                asked.append(b"BODY.PEEK[%s.MIME]" % place)
            limit = b"<0.%d>" % MAX_TEXT_BYTES if section.number in self.cut else b""
            asked.append(b"BODY.PEEK[%s]%s" % (place, limit))
        return b"(" + b" ".join(asked) + b")"


def read_structure(value: Value) -> Section:
    """Read a BODYSTRUCTURE. *Raises:* ValueError where it makes no sense."""
    if isinstance(value, list) and value and not isinstance(value[0], list):
        return _leaf(value, "1")
    return _node(value, "", 0)


def plan_sections(root: Section) -> Plan:
    """Choose what to fetch of a large message."""
    wanted: list[Section] = []
    remote: list[AttachmentPart] = []
    cut: set[str] = set()
    budget = MAX_SMALL_BYTES
    for leaf in leaves(root):
        if leaf.is_text:
            wanted.append(leaf)
            if leaf.size > MAX_TEXT_BYTES:
                cut.add(leaf.number)
                remote.append(attachment(leaf))
        elif root.children and leaf.size <= min(SMALL_BYTES, budget):
            wanted.append(leaf)
            budget -= leaf.size
        else:
            remote.append(attachment(leaf))
    return Plan(root=root, wanted=tuple(wanted), remote=tuple(remote), cut=frozenset(cut))


def leaves(section: Section) -> Iterator[Section]:
    """Yield the sections that hold content, in order."""
    if not section.children:
        yield section
    for child in section.children:
        yield from leaves(child)


def synthesise(plan: Plan, header: bytes, sections: Mapping[str, bytes]) -> bytes:
    """Return a message of the original header and the fetched sections.

    `sections` holds contents by number, and their headers by number with ".MIME" behind it.
    """
    header = header.rstrip(b"\r\n") + b"\r\n"
    if plan.root.children:
        boundary = _boundary(plan.root)
        head = _without_content(header) + _multipart_type(plan.root, boundary)
        return head + b"\r\n" + b"".join(_body(plan.root, boundary, sections))
    if plan.wanted:
        return header + b"\r\n" + sections.get(plan.root.number, b"")
    return _without_content(header) + b"Content-Type: text/plain\r\n\r\n"


def attachment(section: Section) -> AttachmentPart:
    """Describe a section that stays on the server."""
    name = names.shown(section.file_name)
    size = section.size
    if section.encoding == "base64":
        size = size * 57 // 78  # lines of 76 characters and their ends hold 57 bytes
    return AttachmentPart(
        section=section.number,
        name=name,
        safe_name=names.safe(section.file_name, media_type=section.media_type),
        media_type=section.media_type,
        size=size,
        sha256="",
        content_id=section.content_id,
        inline=section.disposition != "attachment" and bool(section.content_id),
    )


def _node(value: Value, place: str, depth: int) -> Section:
    if not isinstance(value, list) or not value:
        raise ValueError("a section without its description")
    if not isinstance(value[0], list):
        return _leaf(value, place)
    if depth >= _MAX_DEPTH:
        raise ValueError("sections nested too deeply")
    children: list[Section] = []
    for one in value:
        if not isinstance(one, list):
            break
        child = f"{place}.{len(children) + 1}" if place else str(len(children) + 1)
        children.append(_node(one, child, depth + 1))
    rest = value[len(children) :]
    return Section(
        number=place,
        media_type=f"multipart/{text_of(rest[0]).lower() if rest else 'mixed'}",
        parameters=_parameters("multipart", rest[1] if len(rest) > 1 else None),
        children=tuple(children),
    )


def _leaf(value: list[Value], place: str) -> Section:
    if len(value) < 7:
        raise ValueError("a section with too little said about it")
    media_type = f"{text_of(value[0])}/{text_of(value[1])}".lower()
    parameters = _parameters("type", value[2])
    extension = value[_extension_start(media_type) :]
    disposition, disposition_parameters = _disposition(extension)
    return Section(
        number=place,
        media_type=media_type,
        parameters=parameters,
        encoding=text_of(value[5]).lower(),
        size=number(value[6]),
        content_id=text_of(value[3]).strip().strip("<>"),
        disposition=disposition,
        file_name=disposition_parameters.get("filename") or parameters.get("name", ""),
    )


def _extension_start(media_type: str) -> int:
    if media_type.startswith("text/"):
        return 8  # behind the number of lines
    if media_type in ("message/rfc822", "message/global"):
        return 10  # behind envelope, structure and lines
    return 7


def _disposition(extension: list[Value]) -> tuple[str, dict[str, str]]:
    value = extension[1] if len(extension) > 1 else None  # the first is a checksum
    if not isinstance(value, list) or not value:
        return "", {}
    return text_of(value[0]).lower(), _parameters("disposition", value[1] if value[1:] else None)


def _parameters(head: str, value: Value) -> dict[str, str]:
    """Resolve parameters as in a header, with its continuations and encoded words."""
    if not isinstance(value, list):
        return {}
    line = head.encode("ascii")
    for index in range(0, len(value) - 1, 2):
        name, content = value[index], value[index + 1]
        if isinstance(name, bytes) and isinstance(content, bytes):
            line += b"; " + name + b"=" + (content if b"*" in name else _quoted(content))
    return value_and_parameters(line)[1]


def _quoted(content: bytes) -> bytes:
    return b'"' + content.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _boundary(section: Section) -> bytes:
    given = section.parameters.get("boundary", "").encode("utf-8")
    made_up = b"desktop-inbox-" + section.number.encode("ascii")
    return given if _BOUNDARY.fullmatch(given) and not given.endswith(b" ") else made_up


def _multipart_type(section: Section, boundary: bytes) -> bytes:
    kind = section.media_type.encode("ascii", "replace")
    return b"Content-Type: " + kind + b'; boundary="' + boundary + b'"\r\n'


def _body(section: Section, boundary: bytes, sections: Mapping[str, bytes]) -> Iterator[bytes]:
    for child in section.children:
        if child.children:
            inner = _boundary(child)
            yield b"--" + boundary + b"\r\n" + _multipart_type(child, inner) + b"\r\n"
            yield from _body(child, inner, sections)
            yield b"\r\n"
        elif child.number in sections:
            yield b"--" + boundary + b"\r\n"
            yield sections.get(f"{child.number}.MIME", b"").rstrip(b"\r\n") + b"\r\n\r\n"
            yield sections[child.number] + b"\r\n"
    yield b"--" + boundary + b"--\r\n"


def _without_content(header: bytes) -> bytes:
    return _CONTENT_FIELD.sub(b"", header)
