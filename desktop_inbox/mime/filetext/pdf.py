"""The words in a PDF, page by page."""

from __future__ import annotations

import io
import logging

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from desktop_inbox.mime.filetext.words import Gathered, Unreadable

MAX_PAGES = 300

# It tells of every fault of every file, and nobody reads that.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

# What the library lets through where a file breaks its rules.
_BROKEN = (
    PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError,
    OSError, RecursionError, TypeError, ValueError,
)  # fmt: skip


def gather(data: bytes, found: Gathered) -> None:
    """Take the words of every page, up to MAX_PAGES; a page that is broken is left out.

    Raises:
        Unreadable: it has a password, or no page of it can be read.
        Enough: there is more than is searched.
    """
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("encrypted")
        count = min(len(reader.pages), MAX_PAGES)
    except _BROKEN as error:
        raise Unreadable("broken") from error
    whole = 0
    for number in range(count):
        found.look_at_the_clock()
        try:
            text = reader.pages[number].extract_text()
        except _BROKEN:
            continue
        whole += 1
        found.add(f"{text}\n")
    if count and not whole:
        raise Unreadable("broken")
