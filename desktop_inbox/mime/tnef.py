"""`winmail.dat`: the files that Outlook packs into one part (MS-OXTNEF). Pure, total, linear.

What is broken ends the reading; what was read until there counts. The files are parts like any
others, with a section of their own below that of the part they came in.
"""

from __future__ import annotations

import mimetypes
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from desktop_inbox.mime import charset
from desktop_inbox.mime.structure import Part

MEDIA_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
MOST_FILES = 200

_SIGNATURE = 0x223E9F78
_ATTACHMENT_BEGINS = 0x9002  # attAttachRendData (MS-OXTNEF 2.1.3.3.15)
_TITLE = 0x8010  # attAttachTitle
_DATA = 0x800F  # attAttachData
_PROPERTIES = 0x9005  # attAttachment: MAPI properties of the file
_CODE_PAGE = 0x9007  # attOemCodepage
_BODY = 0x800C  # attBody

_LONG_NAME = 0x3707  # PidTagAttachLongFilename
_MIME_TAG = 0x370E  # PidTagAttachMimeTag
_CONTENT_ID = 0x3712  # PidTagAttachContentId
_WANTED = frozenset({_LONG_NAME, _MIME_TAG, _CONTENT_ID})

_FIXED = {
    0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4,
    0x0014: 8, 0x0040: 8, 0x0048: 16,
}  # fmt: skip
_STRING, _UNICODE, _OBJECT, _BINARY = 0x001E, 0x001F, 0x000D, 0x0102
_SIZED = frozenset({_STRING, _UNICODE, _OBJECT, _BINARY})
_SEVERAL = 0x1000  # flag of a property with several values
_NAMED = 0x8000  # ids from here on are explained by a GUID and a name

_HEADER = struct.Struct("<IH")
_ATTRIBUTE = struct.Struct("<BHHI")  # level, name, type, length
_U32 = struct.Struct("<I")
_PROPERTY = struct.Struct("<HH")  # type, id
_CHECKSUM_BYTES = 2


@dataclass(slots=True)
class _File:
    """A file while what is known of it comes in."""

    title: str = ""
    long_name: str = ""
    media_type: str = ""
    content_id: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What a part held: its files, and the text of the message where it carries that too."""

    files: tuple[Part, ...] = ()
    text: str = ""


class _Cut(Exception):
    """The data ends before what it announces."""


def is_packed(part: Part) -> bool:
    """Tell whether a part is such a package; some programs do not say so in its type."""
    return not part.parts and (part.media_type in MEDIA_TYPES or part.name.lower() == "winmail.dat")


def unpack(part: Part) -> Unpacked:
    """Return what is inside a package; nothing where it is none after all."""
    data = part.content
    if len(data) < _HEADER.size or _HEADER.unpack_from(data)[0] != _SIGNATURE:
        return Unpacked()
    files: list[_File] = []
    text, codec = b"", "cp1252"
    for name, start, end in _attributes(data):
        if name == _ATTACHMENT_BEGINS:
            if len(files) >= MOST_FILES:
                break
            files.append(_File())
        elif name == _CODE_PAGE and end - start >= _U32.size:
            codec = charset.codec(f"cp{_U32.unpack_from(data, start)[0]}") or codec
        elif name == _BODY:
            text = data[start:end]
        elif files:
            _tell(files[-1], name, data, start, end, codec=codec)
    return Unpacked(
        files=tuple(_part(part, number, file) for number, file in enumerate(files, 1) if file.end),
        text=charset.decode(text.rstrip(b"\0"), codec),
    )


def _attributes(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the name of each attribute and where its value lies."""
    position = _HEADER.size
    while position + _ATTRIBUTE.size <= len(data):
        _level, name, _type, length = _ATTRIBUTE.unpack_from(data, position)
        start = position + _ATTRIBUTE.size
        if start + length > len(data):
            return
        yield name, start, start + length
        position = start + length + _CHECKSUM_BYTES


def _tell(file: _File, name: int, data: bytes, start: int, end: int, *, codec: str) -> None:
    if name == _TITLE:
        file.title = charset.decode(data[start:end].rstrip(b"\0"), codec)
    elif name == _DATA:
        file.start, file.end = start, end
    elif name == _PROPERTIES:
        for key, value in _texts(data[start:end], codec=codec):
            if key == _LONG_NAME:
                file.long_name = value
            elif key == _MIME_TAG:
                file.media_type = value.lower()
            elif key == _CONTENT_ID:
                file.content_id = value


def _part(package: Part, number: int, file: _File) -> Part:
    name = file.long_name or file.title
    guessed = mimetypes.guess_type(name, strict=False)[0] or "application/octet-stream"
    fields = {"content-id": [f"<{file.content_id}>".encode()]} if file.content_id else {}
    return Part(
        section=f"{package.section}.tnef.{number}",
        fields=fields,
        media_type=file.media_type if "/" in file.media_type else guessed,
        declared_type=file.media_type,
        parameters={"name": name},
        source=package.content,
        start=file.start,
        end=file.end,
    )


# MAPI properties (MS-OXTNEF 2.1.3.4)


def _texts(data: bytes, *, codec: str) -> Iterator[tuple[int, str]]:
    """Yield the wanted properties that are text, as far as the data goes."""
    reader = _Reader(data)
    try:
        for _ in range(reader.number()):
            kind, key = reader.property()
            values = reader.values(kind)
            if key in _WANTED and values:
                if kind == _UNICODE:
                    yield key, values[0].decode("utf-16-le", "replace").rstrip("\0")
                elif kind == _STRING:
                    yield key, charset.decode(values[0].rstrip(b"\0"), codec)
    except _Cut:
        return


class _Reader:
    """Walks over the properties; never looks at a byte twice."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def number(self) -> int:
        (value,) = _U32.unpack(self._take(_U32.size))
        return int(value)

    def property(self) -> tuple[int, int]:
        kind, key = _PROPERTY.unpack(self._take(_PROPERTY.size))
        if key >= _NAMED:
            self._take(16)  # a GUID
            if self.number():  # the property goes by a name, not by a number
                self._padded(self.number())
            else:
                self.number()
        return kind, key

    def values(self, kind: int) -> list[bytes]:
        """Read past the values of a property and return those that say their size."""
        bare = kind & ~_SEVERAL
        if bare in _SIZED:
            return [self._padded(self.number()) for _ in range(self._count())]
        if bare not in _FIXED:
            raise _Cut  # nobody knows how long it is
        for _ in range(self._count() if kind & _SEVERAL else 1):
            self._take(_FIXED[bare])
        return []

    def _count(self) -> int:
        """Return how many values follow; more than there are bytes is a lie."""
        count = self.number()
        if count > len(self._data) - self._position:
            raise _Cut
        return count

    def _padded(self, length: int) -> bytes:
        found = self._take(length)
        self._position = min(len(self._data), self._position + -length % 4)
        return found

    def _take(self, length: int) -> bytes:
        start, end = self._position, self._position + length
        if end > len(self._data):
            raise _Cut
        self._position = end
        return self._data[start:end]
