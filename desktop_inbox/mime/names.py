"""File names a stranger chose, made fit to be shown and saved. Pure and total."""

from __future__ import annotations

import re

from desktop_inbox.mime.headers import clean

MAX_BYTES = 200

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ufffd]')
_BIDI_MARKS = re.compile("[\u200c-\u200f]")
# Names that Windows gives to devices, with any extension.
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|\Z)", re.IGNORECASE
)
_EXTENSION = re.compile(r"\.[^.\s]{1,16}\Z")
_NAMELESS = "attachment"

_EXTENSIONS = {
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/json": ".json",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/ms-tnef": ".dat",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/svg+xml": ".svg",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/rfc822-headers": ".txt",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
}


def shown(name: str) -> str:
    """Return a sender's file name as one line without control, bidi or hidden characters."""
    return clean(_BIDI_MARKS.sub("", name.replace("\x00", "")))


def safe(name: str, *, media_type: str = "") -> str:
    """Return a name for a file system: one component, nothing reserved, at most 200 bytes.

    The last extension stays what it was, so that the name tells what will open it. Without any
    name one is made up from the media type.
    """
    bare = shown(name).strip().rstrip(". ")
    bare = re.split(r"[/\\]", bare)[-1] if re.search(r"[/\\]", bare) else bare
    bare = _FORBIDDEN.sub("_", bare).strip().rstrip(". ").lstrip(".-~ ")
    if not bare:
        return _NAMELESS + extension_of(media_type)
    if _RESERVED.match(bare):
        bare = f"_{bare}"
    return _shortened(bare)


def extension_of(media_type: str) -> str:
    """Return the usual extension of a media type, with its dot; '' where none is usual."""
    return _EXTENSIONS.get(media_type, "")


def distinct(name: str, taken: set[str]) -> str:
    """Return `name`, numbered where it is in `taken` (compared without case), and take it."""
    candidate = name
    number = 2
    while candidate.casefold() in taken:
        stem, extension = _parted(name)
        candidate = _shortened(f"{stem} ({number}){extension}")
        number += 1
    taken.add(candidate.casefold())
    return candidate


def _parted(name: str) -> tuple[str, str]:
    found = _EXTENSION.search(name)
    if found is None or found.start() == 0:
        return name, ""
    return name[: found.start()], found[0]


def _shortened(name: str) -> str:
    if len(name.encode("utf-8", "replace")) <= MAX_BYTES:
        return name.encode("utf-8", "replace").decode("utf-8")
    stem, extension = _parted(name)
    room = MAX_BYTES - len(extension.encode("utf-8", "replace"))
    cut = stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
    return cut.rstrip(". ") + extension.encode("utf-8", "replace").decode("utf-8")
