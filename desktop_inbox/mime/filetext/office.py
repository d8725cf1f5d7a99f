"""The words in office files, which are XML in a zip: Microsoft's (ECMA-376) and OpenDocument's.

The XML is read as a stream by expat. A document type is refused: with it come entities that grow
without end or read other files, and no office program writes one.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO, NoReturn
from xml.parsers import expat

from desktop_inbox.mime.filetext.words import Gathered, Unreadable

MAX_UNPACKED = 64 * 1024 * 1024  # of all parts together
MAX_PARTS = 10_000
_CHUNK = 64 * 1024
_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, KeyError, NotImplementedError,
    OSError, OverflowError, RuntimeError, UnicodeError, ValueError,
)  # fmt: skip

# The parts that hold words, in the order they are read.
_PARTS = re.compile(
    r"word/(document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml"
    r"|xl/sharedStrings\.xml|xl/worksheets/[^/]+\.xml"
    r"|ppt/(slides|notesSlides)/[^/]+\.xml"
    r"|content\.xml"
)
_MANIFEST = "META-INF/manifest.xml"  # of OpenDocument; names what is encrypted
_OPEN_DOCUMENT = "content.xml"


def gather(data: bytes, found: Gathered) -> None:
    """Take the words of a document, a table or a presentation.

    Raises:
        Unreadable: it has a password, grows beyond reason, or is no office file.
        Enough: there is more than is searched.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _gather(archive, found)
    except _BROKEN as error:
        raise Unreadable("broken") from error


def _gather(archive: zipfile.ZipFile, found: Gathered) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise Unreadable("too-large")
    worded = [part for part in parts if _PARTS.fullmatch(part.filename)]
    if not worded:
        raise Unreadable("broken")
    if any(part.flag_bits & _ENCRYPTED for part in worded) or _has_password(archive):
        raise Unreadable("encrypted")
    room = MAX_UNPACKED
    for part in _in_order(worded):
        with archive.open(part) as stream:
            room = _read(stream, _Words(found, every=part.filename == _OPEN_DOCUMENT), room)


def _in_order(parts: Iterable[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """What tables name by number stands before the tables; slides by number."""
    return sorted(
        parts, key=lambda part: (part.filename.count("/"), len(part.filename), part.filename)
    )


def _has_password(archive: zipfile.ZipFile) -> bool:
    try:
        with archive.open(_MANIFEST) as stream:
            return b"encryption-data" in stream.read(_CHUNK)
    except KeyError:
        return False


def _read(stream: IO[bytes], words: _Words, room: int) -> int:
    """Feed one part to its reader; return how much more may be unpacked."""
    while chunk := stream.read(_CHUNK):
        room -= len(chunk)
        if room < 0:
            raise Unreadable("too-large")
        words.feed(chunk)
    words.end()
    return room


class _Words:
    """Takes the words out of the XML of one part."""

    def __init__(self, found: Gathered, *, every: bool) -> None:
        """With `every` all text counts, as in OpenDocument; else only what a text element holds."""
        self._found = found
        self._every = every
        self._inside = 0  # elements that hold text
        self._by_number = False  # a cell that names a shared text
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._finish
        self._parser.CharacterDataHandler = self._text

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk, False)
        self._found.look_at_the_clock()

    def end(self) -> None:
        self._parser.Parse(b"", True)
        self._found.add("\n")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "c":
            self._by_number = attributes.get("t") == "s"
        if self._is_text(tag):
            self._inside += 1
        elif tag in ("tab", "s", "br", "cr", "line-break"):
            self._found.add(" ")

    def _finish(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if self._is_text(tag):
            self._inside -= 1
        if tag in ("p", "h", "si", "row"):
            self._found.add("\n")
        elif tag in ("c", "table-cell"):
            self._found.add(" ")

    def _is_text(self, tag: str) -> bool:
        return tag == "t" or (tag == "v" and not self._by_number)

    def _text(self, text: str) -> None:
        if self._every or self._inside:
            self._found.add(text)


def _refuse(*_declared: object) -> NoReturn:
    raise Unreadable("broken")
