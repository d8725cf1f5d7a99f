"""A conversation's state and how it may change."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    OPEN = "open"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    SPAM = "spam"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"
