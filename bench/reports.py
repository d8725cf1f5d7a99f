"""How a measured window reports of itself: one JSON object on standard output.

What reporting needs besides is imported once the moment that counts is over.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

LOOK_MS = 2500  # between two looks at the memory, which on a busy machine grows for longer
_GROWS_MB = 1.0


def settle(painted_at: float, then: Callable[[], object]) -> None:
    """Report when it was painted, and what memory the process holds once it grows no more."""
    from PySide6.QtCore import QTimer

    def look(before: float) -> None:
        now = memory_mb()
        if now > before + _GROWS_MB:
            QTimer.singleShot(LOOK_MS, lambda: look(now))
            return
        say(painted_at=painted_at, memory_mb=now)
        then()

    QTimer.singleShot(LOOK_MS, lambda: look(0.0))


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
