"""Who somebody is: addresses compared, and turned into names to show."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_inbox.domain.messages import Address

MAX_ADDRESS_OCTETS = 254  # RFC 3696 erratum 1690


def normalise_email(address: str) -> str:
    """Return the form in which two spellings of a mailbox are equal (rule E2).

    Trimmed, lower case, the domain in its ASCII form. Plus tags and dots stay: dropping them
    could join two people, so they only ever produce suggestions.
    """
    # The same few people write most of the mail; what is longer than any address is not kept.
    short = len(address) <= MAX_ADDRESS_OCTETS
    return _normalised_once(address) if short else _normalised(address)


def _normalised(address: str) -> str:
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    if not at:
        return domain.lower()
    return f"{local.lower()}@{ascii_domain(domain) or domain.lower()}"


_normalised_once = lru_cache(maxsize=4096)(_normalised)


def ascii_domain(domain: str) -> str:
    """Return the domain as the DNS has it, '' where it cannot be one."""
    if domain.isascii():
        return domain.lower()
    try:
        return domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def domain_of(address: str) -> str:
    """Return the normalised domain of an address, '' without one."""
    return normalise_email(address).rpartition("@")[2] if "@" in address else ""


def display_name(address: Address) -> str:
    """Return what a person is called in lists: their name, else the address.

    A name that itself looks like another address is not believed: the real address is shown.
    """
    name = visible(address.name)
    if not name or ("@" in name and name.lower() != address.address.lower()):
        return address.address or name
    return name


def visible(text: str) -> str:
    """Return foreign text without what could reorder, hide or break the line it stands in."""
    if not text.isprintable():
        text = "".join(" " if char in "\r\n\t" else char for char in text if not _deceives(char))
    return " ".join(text.split())


def _deceives(char: str) -> bool:
    if char in "\r\n\t":
        return False
    if char in "\u200c\u200d":  # joiners: Persian and emoji need them
        return False
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def first_name(name: str) -> str:
    """Return the first word of a name (rule F2); capitalisation is not altered."""
    return name.split()[0] if name.split() else ""


def initials(name: str) -> str:
    """Return at most two letters for an avatar."""
    parts = [word for word in re.split(r"[\s@._-]+", name) if word and word[0].isalnum()]
    letters = [parts[0][0], parts[-1][0]] if len(parts) > 1 else [part[0] for part in parts]
    return "".join(letters).upper()
