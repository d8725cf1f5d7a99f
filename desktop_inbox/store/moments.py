"""Times as the store keeps them: aware UTC outside, whole milliseconds since 1970 in the file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# Whole numbers all the way: a float loses microseconds, and what goes in must come out.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_HALF = timedelta(microseconds=500)


def utc_now() -> datetime:
    """Return the present in whole milliseconds, as the store keeps times."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def to_milliseconds(value: datetime) -> int:
    """Return Unix time in whole milliseconds. Raises ValueError for a naive time."""
    if value.tzinfo is None:
        raise ValueError("naive time; every stored time is aware UTC")
    return (value - _EPOCH + _HALF) // _MILLISECOND


def from_milliseconds(value: int) -> datetime:
    """Return the aware UTC time for Unix milliseconds."""
    return _EPOCH + value * _MILLISECOND
