"""What every part of a message's bubble needs to know besides its message. UI thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtWidgets import QMenu

from desktop_inbox.domain.states import Direction
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.message_readings import Readings


@dataclass(frozen=True, slots=True, kw_only=True)
class BubbleStyle:
    """What a bubble needs to know besides its message."""

    theme: Theme
    me: str  # the name of whoever sits here
    now: Callable[[], datetime]
    menu: Callable[[int, QMenu], None]  # fills the menu of a message
    readings: Readings
    answered: Callable[[MessageRow], MessageRow | None] = lambda _message: None  # in a chat
    may_react: Callable[[MessageRow], bool] = lambda _message: False
    mentions: frozenset[str] = frozenset()  # what those who can be meant in a note are called there


def background(message: MessageRow) -> str:
    """The theme's colour behind a message."""
    return {Direction.OUT: "outgoing", Direction.NOTE: "note"}.get(message.direction, "panel")
