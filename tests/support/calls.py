"""Counts the work of a piece of code, which no busy machine makes more."""

from __future__ import annotations

import sys
from collections.abc import Callable


def calls_of(work: Callable[[str], object], text: str) -> int:
    """Return how many functions, Python's and C's, are called while `work` goes through a text."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work(text)
    finally:
        sys.setprofile(None)
    return calls
