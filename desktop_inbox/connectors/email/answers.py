"""What a server's answers say of folders and messages. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field

from desktop_inbox.connectors.email.imap_responses import Untagged, read_status
from desktop_inbox.connectors.email.wire import (
    Value,
    decode_mailbox,
    fetch_items,
    number,
    parse_set,
    tokens,
)
from desktop_inbox.connectors.errors import TransientCause, TransientError

_UID_FIRST = re.compile(rb"\* \d+ FETCH \(UID (\d{1,10})[ )]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFolder:
    """One line of LIST."""

    name: str
    wire_name: bytes  # exactly as the server spells it
    attributes: frozenset[str]  # lower case, without the backslash
    separator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderStatus:
    """What STATUS says; None for what the server does not tell."""

    uidvalidity: int
    uidnext: int | None
    messages: int | None
    unseen: int | None
    modseq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A folder that has just been opened, and what QRESYNC told on the way."""

    name: bytes
    uidvalidity: int
    uidnext: int | None
    exists: int
    modseq: int | None  # None where the folder has no modification sequences
    changed: list[dict[bytes, Value]] = field(default_factory=list)
    vanished: tuple[bytes, ...] = ()  # sequence sets
    # Another folder was open, and it was not said where what is told of that one ends (RFC 7162).
    ambiguous: bool = False


def read_list(response: Untagged) -> ListedFolder | None:
    """Read a line of LIST; None for anything else."""
    if response.kind != "LIST":
        return None
    try:
        values = tokens(response.parts)
    except ValueError:
        return None
    if len(values) < 5:
        return None
    attributes, separator, name = values[2], values[3], values[4]
    if not isinstance(attributes, list) or not isinstance(name, bytes):
        return None
    return ListedFolder(
        name=decode_mailbox(name),
        wire_name=name,
        attributes=frozenset(
            one.decode("ascii", "replace").lstrip("\\").lower()
            for one in attributes
            if isinstance(one, bytes)
        ),
        separator=separator.decode("ascii", "replace") if isinstance(separator, bytes) else "",
    )


def read_status_line(response: Untagged) -> tuple[bytes, FolderStatus] | None:
    """Read a line of STATUS: the folder's name on the wire and what is said of it."""
    if response.kind != "STATUS":
        return None
    try:
        values = tokens(response.parts)
        if len(values) < 4 or not isinstance(values[2], bytes) or not isinstance(values[3], list):
            return None
        pairs = values[3]
        told = {
            name.upper(): number(pairs[index + 1])
            for index in range(0, len(pairs) - 1, 2)
            if isinstance(name := pairs[index], bytes)
        }
    except ValueError:
        return None
    if b"UIDVALIDITY" not in told:
        return None
    return values[2], FolderStatus(
        uidvalidity=told[b"UIDVALIDITY"],
        uidnext=told.get(b"UIDNEXT"),
        messages=told.get(b"MESSAGES"),
        unseen=told.get(b"UNSEEN"),
        modseq=told.get(b"HIGHESTMODSEQ") or None,
    )


def folded(name: bytes) -> bytes:
    """Return a name as it is compared: only the inbox may be spelt in several ways."""
    return name.upper() if name.upper() == b"INBOX" else name


def read_selected(name: bytes, said: list[Untagged], *, was_open: bool) -> Selected:
    """Read what was said while a folder was opened. *Raises:* TransientError."""
    told: dict[str, int] = {}
    exists = 0
    closed = False
    changed: list[dict[bytes, Value]] = []
    vanished: list[bytes] = []
    for one in said:
        if one.kind == "EXISTS":
            exists = one.number or 0
        elif one.kind == "OK":
            status = read_status(one.parts[0][5:])
            if status.code == "CLOSED":  # what came before belongs to the folder just left
                changed, vanished = [], []
                closed = True
            elif status.argument.isdigit():
                told[status.code] = int(status.argument)
        elif one.kind == "FETCH":
            with suppress(ValueError):
                changed.append(fetch_items(one.parts))
        elif one.kind == "VANISHED":
            vanished.append(one.parts[0].rpartition(b" ")[2])
    if "UIDVALIDITY" not in told:
        raise TransientError(
            "the server gives no UIDVALIDITY", cause=TransientCause.SERVER, step="folders"
        )
    return Selected(
        name=name,
        uidvalidity=told["UIDVALIDITY"],
        uidnext=told.get("UIDNEXT"),
        exists=exists,
        modseq=told.get("HIGHESTMODSEQ") or None,
        changed=changed,
        vanished=tuple(vanished),
        ambiguous=was_open and not closed,
    )


def read_search(response: Untagged) -> list[int]:
    """Return the UIDs of a SEARCH or ESEARCH answer. *Raises:* ValueError."""
    words = response.parts[0].split()
    if response.kind == "SEARCH":
        return [int(word) for word in words[2:] if word.isdigit()]
    if b"ALL" in words:
        return parse_set(words[words.index(b"ALL") + 1])
    return []


def foreign_prefixes(values: list[Value]) -> tuple[bytes, ...]:
    """Return the prefixes of a NAMESPACE answer that are not the account's own."""
    groups = [group for group in values[3:5] if isinstance(group, list)]  # not our own
    return tuple(
        entry[0]
        for group in groups
        for entry in group
        if isinstance(entry, list) and entry and isinstance(entry[0], bytes) and entry[0]
    )


def uid_of(response: Untagged) -> int | None:
    """Return the UID a FETCH response speaks of."""
    early = _UID_FIRST.match(response.parts[0])
    if early is not None:
        return int(early[1])
    with suppress(ValueError):
        return number(fetch_items(response.parts).get(b"UID"))
    return None
