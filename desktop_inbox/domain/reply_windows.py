"""Until when a messaging channel lets us answer freely, and what may leave afterwards (M). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How long a customer may be answered, by the service's clock (rules M1, M5)."""

    limited: bool = False  # False: whenever we like
    until: datetime | None = None  # of a limited one; None: they have not written yet
    agent_until: datetime | None = None  # what a person writes may leave until then

    def lets(self, at: datetime, *, template: bool = False, human_agent: bool = False) -> bool:
        """Tell whether something may leave at a moment."""
        if not self.limited or template:
            return True
        until = self.agent_until if human_agent and self.agent_until else self.until
        return until is not None and at < until


def window_of(
    limits: Mapping[str, int], *, last_in_at: datetime | None, reply_until: datetime | None
) -> Window:
    """Return a chat's window; `limits` are the channel's."""
    if "reply_window_hours" not in limits and reply_until is None:
        return Window()
    hours = limits.get("human_agent_hours")
    later = last_in_at + timedelta(hours=hours) if hours and last_in_at is not None else None
    return Window(limited=True, until=reply_until, agent_until=later)


# How long before its end a window is told of while the customer waits (rule M2), longest first.
WARNINGS = (timedelta(hours=2), timedelta(minutes=30))
ASKED_AHEAD = timedelta(hours=1)  # when who waits may be asked to write again (rule M4)
CLOSED_LATELY = timedelta(days=1)  # one that closed before is no news to anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """That a window closes soon, or closed while nobody could be told."""

    at: datetime  # when it came to that, however late it is said
    closed: bool
    settled: tuple[str, ...]  # the names of all that need not be said any more


def closing_due(until: datetime, *, said: Collection[str], now: datetime) -> Closing | None:
    """Return the one thing to say of a window in which a customer waits, None for nothing new.

    `said` names the warnings since the customer wrote last. Of those that were missed only the
    latest is due, and after the end it says just that: never two at once (rule B11).
    """
    if until <= now - CLOSED_LATELY:
        return None
    reached = [ahead for ahead in WARNINGS if until - ahead <= now]
    if not reached or _name(reached[-1]) in said:
        return None
    closed = until <= now
    return Closing(
        at=until if closed else until - reached[-1],
        closed=closed,
        settled=tuple(map(_name, reversed(reached))),
    )


def _name(ahead: timedelta) -> str:
    return f"{ahead // timedelta(minutes=1)} min"
