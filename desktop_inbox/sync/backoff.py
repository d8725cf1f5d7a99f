"""How long to wait before trying again. Pure arithmetic; runs anywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=5)
_SPREAD = 0.2  # a fifth either way, so that many laptops do not return in the same second

# The rungs of an outgoing message (rules N); the last one repeats.
SEND_LADDER = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
)
SEND_GIVES_UP_AFTER = timedelta(hours=24)
# As many attempts as fit in there: a laptop that sleeps is not trying.
SEND_GIVES_UP_ATTEMPTS = len(SEND_LADDER) - 1 + SEND_GIVES_UP_AFTER // SEND_LADDER[-1]


def reconnect_delay(failures: int, noise: Callable[[], float]) -> timedelta:
    """Return the wait after `failures` failures in a row (1 or more), 5 s to 5 min with jitter.

    `noise` returns a number in [0, 1), such as `random.random`.
    """
    doublings = min(max(failures, 1) - 1, 16)  # far beyond the cap; keeps the power small
    return _jittered(min(FIRST * 2**doublings, LONGEST), noise)


def send_delay(attempts: int) -> timedelta:
    """Return the wait after the `attempts`-th attempt to send one message failed for now."""
    return SEND_LADDER[min(max(attempts, 1), len(SEND_LADDER)) - 1]


def gives_up(attempts: int, since: datetime | None, *, now: datetime) -> bool:
    """Return whether a message that failed again is given up: after a day of trying (rule N).

    `since` is the first failure. Both count: a line that comes and goes makes many attempts in an
    hour, a computer that was off for a week made none.
    """
    tried_for = timedelta(0) if since is None else now - since
    return attempts >= SEND_GIVES_UP_ATTEMPTS and tried_for >= SEND_GIVES_UP_AFTER


def _jittered(delay: timedelta, noise: Callable[[], float]) -> timedelta:
    spread = delay * (1 - _SPREAD + 2 * _SPREAD * noise())
    return min(max(spread, FIRST), LONGEST)
