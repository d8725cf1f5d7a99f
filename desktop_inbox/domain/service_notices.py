"""What to say of a conversation's clocks: one thing at a time, each once (rules B11, B14). Pure.

Whoever says it keeps the names of what was said; how long the computer was off changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop_inbox.domain.service_levels import Clock, ClockState

_DUE = "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNotice:
    """That a clock's time is over, or nearly."""

    clock: Clock
    at: datetime  # when it came to that, however late it is said
    over: bool  # it is due; else a warning before
    settled: frozenset[str]  # the names of all that need not be said any more

    def late(self, now: datetime) -> timedelta:
        """Return how long ago it came to that, as in "overdue 2 h 10 m"."""
        return max(timedelta(), now - self.at)


def notice_due(
    clocks: Iterable[Clock], *, said: Collection[str], now: datetime
) -> ServiceNotice | None:
    """Return the one thing to say of a conversation now, None where there is nothing new.

    `clocks` are all of a conversation's, `said` what was settled by notices before. Of all that
    was missed it is the most severe: what is over before what is near, and the first due of these.
    """
    reached = [one for clock in clocks if clock.is_open for one in _reached(clock, said, now)]
    if not reached:
        return None
    worst = min(reached, key=lambda one: (not one.over, one.clock.due_at, -one.at.timestamp()))
    return ServiceNotice(
        clock=worst.clock,
        at=worst.at,
        over=worst.over,
        settled=frozenset(name for one in reached for name in one.settled),
    )


def _reached(clock: Clock, said: Collection[str], now: datetime) -> list[ServiceNotice]:
    """Return what a clock has come to since the last that was said of it."""
    if clock.due_at is None or clock.state is ClockState.PAUSED:
        return []
    steps = [(at, threshold.key) for at, threshold in clock.warnings]
    steps.append((clock.due_at, _DUE))
    names = [(at, _name(clock, key), key == _DUE) for at, key in steps if at <= now]
    known = [place for place, (_, name, _) in enumerate(names) if name in said]
    new = names[max(known) + 1 :] if known else names
    return [
        ServiceNotice(clock=clock, at=at, over=over, settled=frozenset({name}))
        for at, name, over in new
    ]


def _name(clock: Clock, key: str) -> str:
    return f"{clock.kind}@{clock.started_at.timestamp():.3f}/{key}"
