"""How a measured window reports of itself: one JSON object on standard output.

What reporting needs besides is imported once the moment that counts is over.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

SETTLED_MS = 2500  # after the first paint, before memory is looked at: all has been imported


def settle(painted_at: float, then: Callable[[], object]) -> None:
    """Report when it was painted and what memory the process holds a little later."""
    from PySide6.QtCore import QTimer

    def report() -> None:
        say(painted_at=painted_at, memory_mb=memory_mb())
        then()

    QTimer.singleShot(SETTLED_MS, report)


def now() -> float:
    """Return the moment by a clock that all processes share, in seconds."""
    return time.clock_gettime(time.CLOCK_MONOTONIC) if os.name == "posix" else time.monotonic()


def memory_mb() -> float:
    """Return what this process and its children hold."""
    from bench.program import resident_mb

    return resident_mb(os.getpid())


def say(**facts: object) -> None:
    """Report."""
    import json

    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
