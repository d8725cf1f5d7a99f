"""How a conversation stands, and who spoke in it, in words of a closed set."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    OPEN = "open"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    SPAM = "spam"
    TRASH = "trash"  # thrown away; comes back when the customer writes


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Direction(StrEnum):
    """Who a message in a conversation comes from."""

    IN = "in"  # a customer wrote it
    OUT = "out"  # we wrote it, here or on another device
    NOTE = "note"  # internal, never leaves the workspace
    SYSTEM = "system"  # said by the program or the channel
