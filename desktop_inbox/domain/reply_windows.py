"""Until when a messaging channel lets us answer freely, and what may leave afterwards (M). Pure."""

from __future__ import annotations

from collections.abc import Mapping
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
