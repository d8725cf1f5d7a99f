"""How a line is read before it is compared with the words of a language. Pure."""

from __future__ import annotations

# Programs wrap names and dates of right-to-left languages into these, Windows every number.
_MARKS = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"))
_MARKS |= dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\xad"))
MARKS = "".join(map(chr, _MARKS))
DASHES = "-_=‐‑–—―─━"
COLONS = (":", "：")
DECORATION = " \t\xa0*_" + MARKS


def plain(line: str) -> str:
    """Return a line without invisible marks, runs of blanks made one."""
    return " ".join(line.split()) if line.isascii() else " ".join(line.translate(_MARKS).split())


def lower(text: str) -> str:
    """Return text in lower case, with İ as `languages` has it."""
    return text.lower() if text.isascii() else text.replace("İ", "i").lower()
