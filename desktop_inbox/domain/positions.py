"""Sortable keys for lists that people put in order: there is always one between two others.

Text instead of numbers, so that two laptops may each move something and both orders fit together.
"""

from __future__ import annotations

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def between(before: str, after: str) -> str:
    """Return a key that sorts after `before` and before `after`; '' stands for either end.

    Keys never end in "0", or nothing could come before them.

    Raises:
        ValueError: `before` does not sort before `after`.
    """
    if after and before >= after:
        raise ValueError(f"no key between {before!r} and {after!r}")
    key = ""
    for place in range(max(len(before), len(after)) + 1):
        low = _digit(before, place, 0)
        high = _digit(after, place, len(_DIGITS)) if after else len(_DIGITS)
        if high - low > 1:
            return key + _DIGITS[(low + high) // 2]
        key += _DIGITS[low]
        if high > low:
            after = ""  # anything longer sorts before it already
    return key + _DIGITS[len(_DIGITS) // 2]


def _digit(key: str, place: int, end: int) -> int:
    return _DIGITS.index(key[place]) if place < len(key) else end
