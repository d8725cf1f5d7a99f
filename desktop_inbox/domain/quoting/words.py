"""How a line is read before it is compared with the words of a language. Pure."""

from __future__ import annotations

import re

# Programs wrap names and dates of right-to-left languages into these, Windows every number.
MARKS = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\xad"
_MARKS = re.compile(f"[{MARKS}]+")
DASHES = "-_=‐‑–—―─━"
COLONS = (":", "：")
DECORATION = " \t\r\xa0\u202f*_" + MARKS


def plain(line: str) -> str:
    """Return a line without invisible marks, runs of blanks made one."""
    return " ".join((line if line.isascii() else _MARKS.sub("", line)).split())


def lower(text: str) -> str:
    """Return text in lower case, with İ as `languages` has it."""
    return text.lower() if text.isascii() else text.replace("İ", "i").lower()
