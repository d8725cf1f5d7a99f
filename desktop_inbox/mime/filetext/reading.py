"""Which kind a file is, and its words. Any bytes may come."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePosixPath

from desktop_inbox.mime import charset
from desktop_inbox.mime.filetext.words import Enough, Gathered, Unreadable

MAX_BYTES = 32 * 1024 * 1024
_SECONDS = 3.5  # of processor time, then what was found so far has to do

_PDF = b"%PDF-"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"  # old office files, and new ones with a password
_OFFICE = frozenset({"docx", "docm", "dotx", "xlsx", "xlsm", "pptx", "odt", "ods", "odp", "ott"})
_HTML = frozenset({"html", "htm", "xhtml"})
_PLAIN = frozenset({"txt", "text", "csv", "tsv", "md", "log", "ics", "vcf", "json", "xml", "yaml"})
_MAGIC_WITHIN = 1024  # bytes of junk that readers of PDF accept before its beginning


def is_readable(name: str, media_type: str) -> bool:
    """Tell by its name and type whether a file may hold words that can be read."""
    ending = _ending(name)
    named = ending == "pdf" or ending in _OFFICE | _HTML | _PLAIN
    return named or media_type == "application/pdf" or media_type.startswith("text/")


def read_text(data: bytes, *, name: str, media_type: str) -> str:
    """Return the words of a file, '' where it has none.

    Raises:
        Unreadable: it is encrypted, too large, or not what it says.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("too-large")
    found = Gathered(seconds=_SECONDS)
    with suppress(Enough):
        _gather(data, found, name=name, media_type=media_type)
    return found.text()


def _gather(data: bytes, found: Gathered, *, name: str, media_type: str) -> None:
    ending = _ending(name)
    if _PDF in data[:_MAGIC_WITHIN]:
        from desktop_inbox.mime.filetext import pdf  # a large library, and seldom needed

        pdf.gather(data, found)
    elif data.startswith(_ZIP):
        from desktop_inbox.mime.filetext import office

        office.gather(data, found)
    elif data.startswith(_OLE):
        raise Unreadable("encrypted")
    elif ending == "pdf" or ending in _OFFICE or media_type == "application/pdf":
        raise Unreadable("broken")
    elif ending in _HTML or media_type == "text/html":
        from desktop_inbox.mime.html.text import to_text

        found.add(to_text(charset.decode(data)))
    else:
        found.add(charset.decode(data))


def _ending(name: str) -> str:
    return PurePosixPath(name.lower()).suffix.removeprefix(".")
