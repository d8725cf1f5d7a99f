"""Host names in links and addresses: whose they are, and which of them deceive. Pure."""

from __future__ import annotations

from desktop_inbox.domain.imitation import mixes_scripts

_LONGEST_SHORT_LABEL = 3
# Cyrillic and Greek letters that a reader takes for Latin ones.
_LOOK_ALIKES = frozenset("аеорсухіјѕһԁԛԝӏոαορνικυ")


def same_site(named: str, host: str) -> bool:
    """Tell whether one of two hosts lies within the other, "www." not counted."""
    one, other = (name.lower().removeprefix("www.").rstrip(".") for name in (named, host))
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def same_organisation(one: str, other: str) -> bool:
    """Tell whether two domains most likely belong to the same owner: for hints, not for trust."""
    return same_site(one, other) or _owned(one) == _owned(other)


def _owned(domain: str) -> str:
    """Return the part of a domain that is bought: three labels under "com.tr" and its like."""
    labels = domain.lower().rstrip(".").split(".")
    under_short = len(labels) > 2 and len(labels[-2]) <= _LONGEST_SHORT_LABEL
    return ".".join(labels[-3:] if under_short else labels[-2:])


def deceptive_host(host: str) -> bool:
    """Tell whether a host name looks like another one: scripts mixed, or foreign look-alikes."""
    if host.isascii() and "xn--" not in host.lower():
        return False
    labels = [_readable(label) for label in host.split(".")]
    return any(
        not label.isascii() and (mixes_scripts(label) or _looks_latin(label)) for label in labels
    )


def _looks_latin(label: str) -> bool:
    letters = [char for char in label.lower() if char.isalpha()]
    return bool(letters) and all(char in _LOOK_ALIKES for char in letters)


def _readable(label: str) -> str:
    if not label.lower().startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
