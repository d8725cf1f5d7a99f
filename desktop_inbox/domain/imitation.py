"""Senders who pass themselves off as somebody else: look-alike addresses, borrowed names.

Pure. Nothing here decides whether mail is accepted; it says what a reader should be told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from desktop_inbox.domain.folding import fold

# Letters of other scripts that are drawn like a Latin one, and digits that pass for letters.
_DRAWN_ALIKE = str.maketrans(
    {
        "0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "i": "l", "|": "l",
        "ı": "l", "а": "a", "ё": "e", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x",
        "і": "l", "ї": "l", "ј": "j", "ѕ": "s", "ԁ": "d", "һ": "h", "ԛ": "q", "ԝ": "w", "к": "k",
        "м": "m", "т": "t", "в": "b", "н": "h", "α": "a", "ο": "o", "ρ": "p", "ν": "v", "ι": "l",
        "κ": "k", "υ": "u", "χ": "x", "τ": "t", "ѵ": "v",
    }
)  # fmt: skip
_DRAWN_TOGETHER = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def is_look_alike(address: str, known: Collection[str]) -> bool:
    """Tell whether an address is hard to tell from one of `known`, and is none of them."""
    if not address or address in known:
        return False
    drawn = _drawn(address)
    return any(_drawn(one) == drawn for one in known)


def is_same_name(name: str, known: Collection[str]) -> bool:
    """Tell whether a name is one of `known`, as a reader sees it."""
    drawn = _drawn(name)
    return bool(drawn) and any(_drawn(one) == drawn for one in known)


def mixes_scripts(name: str) -> bool:
    """Tell whether a word of a name takes letters from several scripts that look alike."""
    return any(len(_scripts(word)) > 1 for word in name.split() if not word.isascii())


def _scripts(word: str) -> set[str]:
    found = {unicodedata.name(char, "").partition(" ")[0] for char in word if char.isalpha()}
    return found.intersection(_SCRIPTS)


def _drawn(text: str) -> str:
    """Return what all texts that look like this one have in common."""
    local, at, domain = text.rpartition("@")
    shown = f"{local}{at}{_decoded(domain)}" if at else text
    drawn = " ".join(fold(shown).split()).translate(_DRAWN_ALIKE)
    for pair, letter in _DRAWN_TOGETHER:
        drawn = drawn.replace(pair, letter)
    return drawn


def _decoded(domain: str) -> str:
    """Return a domain as it is shown, from the form in which the DNS has it."""
    if "xn--" not in domain:
        return domain
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain
