"""Whether two customers may be one person (rules E2, E3): keys, reasons and scores.

What is found here is only ever suggested; nobody is joined without being asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.phones import secondary_phone
from desktop_inbox.domain.threading import SHARED_DOMAINS

_PHONE_KINDS = frozenset({"phone", "whatsapp"})


class Reason(StrEnum):
    """Why two customers may be one."""

    PHONE = "phone-variant"
    EMAIL = "email-variant"
    NAME = "name-and-company"


SCORES = {Reason.PHONE: 0.9, Reason.EMAIL: 0.85, Reason.NAME: 0.6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that speaks for it, with what the two have in common."""

    reason: Reason
    value: str


def secondary_key(kind: str, address: str) -> str:
    """Return the key under which variants of a normalised address meet, '' where it is itself.

    E-mail without its plus tag, at Google without dots; phones without national variants.
    """
    if kind == "email":
        key = _secondary_email(address)
    elif kind in _PHONE_KINDS:
        key = secondary_phone(address)
    else:
        return ""
    return "" if key == address else key


def _secondary_email(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not at or local.startswith('"'):
        return address
    # A tag needs something before it: "+sales@" is a mailbox of that name.
    plain = local.split("+", 1)[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        plain, domain = plain.replace(".", "") or plain, "gmail.com"
    return f"{plain}@{domain}"


def name_key(name: str) -> str:
    """Return a name to compare by, '' for one of a single word: too many share those."""
    words = fold(name).split()
    return " ".join(words) if len(words) > 1 else ""


def company_domains(addresses: Iterable[str]) -> frozenset[str]:
    """Return the domains of e-mail addresses that belong to a company, not to a provider."""
    found = {address.rpartition("@")[2] for address in addresses if "@" in address}
    return frozenset(found - SHARED_DOMAINS)


def score(signs: Collection[Sign]) -> float:
    """Return how likely it is, 0 to 1: independent signs add up, none makes it certain."""
    doubt = 1.0
    for reason in {sign.reason for sign in signs}:
        doubt *= 1 - SCORES[reason]
    return round(1 - doubt, 2)
