"""What an IMAP server says: whole responses, how a command ended, and what ends the talk."""

from __future__ import annotations

import re
from typing import NamedTuple

_CODE = re.compile(rb"\[([A-Za-z][A-Za-z0-9-]*)(?: ([^\]]*))?\] ?(.*)\Z", re.DOTALL)


class ProtocolError(Exception):
    """The server said something that is not IMAP."""


class LinkLost(Exception):
    """The connection is gone; its text is the server's farewell or the system's words."""

    def __init__(self, words: str, *, by_server: bool = False) -> None:
        super().__init__(words)
        self.by_server = by_server  # it hung up; nothing was wrong with the network


class CommandRefused(Exception):
    """The server answered NO or BAD."""

    def __init__(self, status: str, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status  # "NO" or "BAD"
        self.code = code  # upper case, such as "AUTHENTICATIONFAILED"; '' where none was given
        self.text = text  # the server's words without the code


class Untagged(NamedTuple):
    """One whole response that belongs to no command by name."""

    kind: str  # "FETCH", "EXISTS", "OK", … in upper case
    number: int | None  # the message number, or the count, in front of the kind
    parts: list[bytes]  # the whole response; text and literals take turns, text first


class Status(NamedTuple):
    """The words of an OK, NO, BAD, BYE or PREAUTH."""

    code: str
    argument: bytes
    text: str


def read_status(words: bytes) -> Status:
    """Take `[CODE argument] text` apart."""
    match = _CODE.match(words)
    if match is None:
        return Status("", b"", words.decode("utf-8", "replace").strip())
    return Status(
        match[1].decode("ascii").upper(), match[2] or b"", match[3].decode("utf-8", "replace")
    )
