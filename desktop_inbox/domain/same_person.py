"""Whether two customers may be one person (rules E2, E3): keys, reasons and scores.

Only `is_sure` joins anybody without being asked, and only who is new; all else is suggested.
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

    VOUCHED = "vouched-for"
    PHONE = "phone-variant"
    EMAIL = "email-variant"
    NAME = "name-and-company"


SCORES = {Reason.VOUCHED: 0.9, Reason.PHONE: 0.9, Reason.EMAIL: 0.85, Reason.NAME: 0.6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that speaks for it, with what the two have in common."""

    reason: Reason
    value: str


def is_sure(kind: str, *, verified: bool, conflicting: bool) -> bool:
    """Tell whether somebody new is the customer whom a service vouches them to be (rule E3b).

    So for a phone number, or another name of WhatsApp's for the same person, that is verified here
    too; not where the customer has another identity of the new one's kind (`conflicting`).
    """
    return kind in _PHONE_KINDS and verified and not conflicting


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
