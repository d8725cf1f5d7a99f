"""Whether mail can be sent to an address that somebody typed or sent (RFC 5321, RFC 6531)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from desktop_inbox.domain.customers import MAX_ADDRESS_OCTETS, ascii_domain, normalise_email

# \x80 stands for any letter beyond ASCII, which RFC 6531 allows where an ASCII one may stand.
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\x80]"
_DOT_ATOM = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*\Z")
_QUOTED = re.compile(r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e\x80]|\\[\x20-\x7e])*"\Z')
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z")
_TOP_LABEL = re.compile(r"(?:[a-z]+|xn--[a-z0-9-]+)\Z")

MAX_LOCAL_OCTETS = 64  # RFC 5321 section 4.5.3.1.1
MAX_DOMAIN_OCTETS = 255  # RFC 5321 section 4.5.3.1.2
MAX_LABEL_OCTETS = 63  # RFC 1035 section 2.3.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sendable:
    """Whether mail can be sent to an address, and if not, a kebab-case reason."""

    ok: bool
    normalised: str = ""
    reason: str = ""


def sendable(address: str) -> Sendable:
    """Tell whether `address` is a mailbox that mail can be sent to (RFC 5321 section 4.1.2).

    Comments and folding white space, which RFC 5322 allows in headers, are refused: nobody types
    them, and servers disagree about them.
    """
    if not address:
        return Sendable(ok=False, reason="empty")
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in address):
        return Sendable(ok=False, reason="control-character")
    local, at, domain = unicodedata.normalize("NFC", address).rpartition("@")
    if not at or not domain:
        return Sendable(ok=False, reason="no-domain")
    reason = _local_fault(local) or _domain_fault(domain)
    if not reason and _longest(local, domain) > MAX_ADDRESS_OCTETS:
        reason = "too-long"
    if reason:
        return Sendable(ok=False, reason=reason)
    return Sendable(ok=True, normalised=normalise_email(address))


def _longest(local: str, domain: str) -> int:
    """Return the octets of the longer of the two forms in which a server may see an address."""
    forms = (domain, ascii_domain(domain))
    return max(len(f"{local}@{form}".encode()) for form in forms)


def _local_fault(local: str) -> str:
    if not local:
        return "no-local-part"
    if len(local.encode()) > MAX_LOCAL_OCTETS:
        return "local-part-too-long"
    plain = "".join("\x80" if _is_international(char) else char for char in local)
    return "" if _DOT_ATOM.match(plain) or _QUOTED.match(plain) else "local-part-invalid"


def _is_international(char: str) -> bool:
    if ord(char) <= 0x7F or unicodedata.category(char)[0] not in "LMNS":
        return False
    # A letter that is an ASCII sign in disguise, such as a full-width "@", could pass for it.
    first = unicodedata.normalize("NFKD", char)[0]
    return not first.isascii() or first.isalnum()


def _domain_fault(domain: str) -> str:
    if domain.startswith("["):
        return "" if _is_address_literal(domain) else "domain-literal-invalid"
    in_ascii = ascii_domain(domain)
    if not in_ascii or unicodedata.normalize("NFKC", domain).count(".") != domain.count("."):
        return "domain-invalid"
    if len(in_ascii) > MAX_DOMAIN_OCTETS:
        return "domain-too-long"
    labels = in_ascii.split(".")
    if len(labels) < 2:
        return "domain-incomplete"
    if not all(_is_label(label) for label in labels) or not _TOP_LABEL.match(labels[-1]):
        return "domain-invalid"
    return ""


def _is_label(label: str) -> bool:
    if len(label) > MAX_LABEL_OCTETS or not _LABEL.match(label):
        return False
    if label[2:4] != "--":
        return True
    # Only punycode may have two hyphens there (RFC 5891 section 4.2.3.1), and it must decode.
    try:
        return label.startswith("xn--") and not label.encode().decode("idna").isascii()
    except UnicodeError:
        return False


def _is_address_literal(domain: str) -> bool:
    if not domain.endswith("]"):
        return False
    inner = domain[1:-1]
    try:
        if inner[:5].lower() == "ipv6:":
            IPv6Address(inner[5:])
        else:
            IPv4Address(inner)
    except AddressValueError:
        return False
    return "%" not in inner
