"""The names under which Telegram's chats and messages are known here. Pure.

A message's number counts within its chat, and a chat of a connected business account is another
one than the chat of the same person with the bot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from desktop_inbox.connectors.errors import PermanentError, PermanentReason

_PLACE = re.compile(r"(?:([A-Za-z0-9_-]{1,200}):)?(-?[0-9]{1,19})(?:/([0-9]{1,19}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A chat, one topic of it, or a chat that the owner's business account has."""

    chat: int
    topic: int = 0
    business: str = ""  # id of the business connection

    def __str__(self) -> str:
        head = f"{self.business}:" if self.business else ""
        tail = f"/{self.topic}" if self.topic else ""
        return f"{head}{self.chat}{tail}"

    def message(self, number: int) -> str:
        """Return the name of a message; which topic it stands in is no part of it."""
        return f"{replace(self, topic=0)}#{number}"


def read_place(name: str) -> Place:
    """Read what `str` made of one. *Raises:* PermanentError(RECIPIENT)."""
    found = _PLACE.fullmatch(name)
    if found is None:
        raise PermanentError(f"{name!r} is no chat", reason=PermanentReason.RECIPIENT)
    return Place(business=found[1] or "", chat=int(found[2]), topic=int(found[3] or 0))


def read_number(name: str) -> int:
    """Return the number in a message's name, 0 where it has none."""
    number = name.rpartition("#")[2] if "#" in name else ""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
