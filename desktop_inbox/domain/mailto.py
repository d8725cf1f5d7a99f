"""What a mailto: link asks to be written (RFC 6068). A link is foreign text; any thread."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.sendable import sendable

SCHEME = "mailto:"
MOST_CHARACTERS = 64 * 1024  # of a link; browsers stop far earlier
_MOST_PEOPLE = 100  # of one field
_MOST_FIELDS = 200
_LONGEST_SUBJECT = 500
_KEPT_CONTROLS = frozenset("\n\t")
_PEOPLE = ("to", "cc", "bcc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What the link fills in."""

    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    body: str = ""
    wanted_files: bool = False  # it asked for an attachment, which no link may choose


def is_link(text: str) -> bool:
    """Tell whether this is a mailto: link, whatever it holds."""
    return text[: len(SCHEME)].lower() == SCHEME


def parse(link: str) -> Letter:
    """Return what a link fills in: whatever it is, and leaving out what it may not ask for.

    Only recipients, subject and body are taken: a link cannot attach a file, choose who writes,
    or add another header (RFC 6068 sections 4 and 7). What is no address is left out, a letter
    without recipients is still one.
    """
    if not is_link(link) or len(link) > MOST_CHARACTERS:
        return Letter()
    path, _question, query = link[len(SCHEME) :].partition("#")[0].partition("?")
    people: dict[str, list[Address]] = {name: [] for name in _PEOPLE}
    people["to"] += _addresses(path)
    subject, bodies, wanted_files = "", [], False
    for piece in query.split("&", _MOST_FIELDS)[:_MOST_FIELDS]:
        raw_name, _equals, value = piece.partition("=")
        name = _decoded(raw_name).strip().lower()
        if name in people:
            people[name] += _addresses(value)
        elif name == "subject":
            subject = visible(_decoded(value))[:_LONGEST_SUBJECT]
        elif name == "body":
            bodies.append(_text(_decoded(value)))
        elif name in ("attach", "attachment"):
            wanted_files = True
    return Letter(
        to=_distinct(people["to"]),
        cc=_distinct(people["cc"]),
        bcc=_distinct(people["bcc"]),
        subject=subject,
        body="\n".join(bodies),
        wanted_files=wanted_files,
    )


def _decoded(text: str) -> str:
    """Undo percent-encoding; a "+" is one (RFC 6068 section 5), and bytes are UTF-8."""
    return unquote_to_bytes(text).decode("utf-8", errors="replace")


def _addresses(text: str) -> list[Address]:
    """Return the addresses of a list whose commas stand unencoded between them."""
    found = []
    for piece in text.split(","):
        address = _decoded(piece).strip()
        if sendable(address).ok:
            found.append(Address(address=address))
    return found


def _distinct(people: list[Address]) -> tuple[Address, ...]:
    return tuple(dict.fromkeys(people))[:_MOST_PEOPLE]


def _text(text: str) -> str:
    """Return lines as they are typed, without what could hide or reorder words."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char
        for char in lines
        if char in _KEPT_CONTROLS
        or char == "\u200d"
        or unicodedata.category(char) not in _DECEIVING
    )


_DECEIVING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
