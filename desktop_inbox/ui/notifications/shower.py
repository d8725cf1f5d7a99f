"""What can show a notification, and what it is given to show. Values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

OPEN = "default"  # a click on the notification itself, as freedesktop.org names it
CLOSED = "closed"  # it went away: a person closed it, or its time was over

OnAction = Callable[[int, str, str], None]
"""Called with the number of a notification, the action, and a token to come forward with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One notification in words."""

    title: str
    body: str = ""
    actions: tuple[tuple[str, str], ...] = ()  # id and words
    category: str = ""  # of the freedesktop.org list, "email.arrived"
    urgent: bool = False
    sound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What notifications can do here, for the page that tests them."""

    server: str = ""  # who shows them, '' where nobody does
    can: frozenset[str] = field(default_factory=frozenset)  # "actions", "body", "sound", …
    problem: str = ""  # the system's own words


class Shower(Protocol):
    """Shows notifications and says what was done to them."""

    async def show(self, card: Card, *, replaces: int = 0) -> int:
        """Show a card, in place of another where that is still there; return its number.

        0 where it could not be shown; nothing is raised, and nothing waits for long.
        """
        ...

    async def withdraw(self, number: int) -> None:
        """Take one back."""
        ...

    async def ability(self) -> Ability:
        """Return what can be done."""
        ...

    async def stop(self) -> None:
        """Let go of everything. Idempotent."""
        ...
