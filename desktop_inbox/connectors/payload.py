"""Looks into what a service sent, whatever it sent: nothing here raises. Pure.

A value of another kind than expected is as good as none. Text comes back fit to be stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

Payload = Mapping[str, object]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING: Payload = {}
_LARGEST = 2**63 - 1
_LATEST_SECOND = 32_503_680_000  # the year 3000
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def at(value: object, *keys: str) -> object:
    """Return what lies under `keys`, one inside the other; None where there is nothing."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def part(value: object, *keys: str) -> Payload:
    """Return the object under `keys`, an empty one where there is none."""
    found = at(value, *keys)
    return found if isinstance(found, Mapping) else _NOTHING


def each(value: object, *keys: str) -> list[Payload]:
    """Return the objects in the list under `keys`."""
    found = at(value, *keys)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def words(value: object, *keys: str) -> str:
    """Return the text under `keys`, a number's too, without what cannot be stored."""
    found = at(value, *keys)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found) if abs(found) <= _LARGEST else ""
    return _NO_TEXT.sub("", found) if isinstance(found, str) else ""


def line(value: object, *keys: str) -> str:
    """Return the text under `keys` as one line, such as a name."""
    return " ".join(words(value, *keys).split())


def whole(value: object, *keys: str) -> int:
    """Return the whole number under `keys`, also written as text; 0 where there is none."""
    found = at(value, *keys)
    if isinstance(found, str) and re.fullmatch(r"-?[0-9]{1,19}", found):
        found = int(found)
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) <= _LARGEST:
        return found
    return 0


def degrees(value: object, key: str, *, most: float) -> float | None:
    """Return a coordinate, None where it is no place on the Earth."""
    found = at(value, key)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if -most <= found <= most else None


def second(value: object, *keys: str) -> datetime | None:
    """Return the moment given in seconds since 1970; milliseconds are taken for what they are."""
    seconds = whole(value, *keys)
    if seconds > _LATEST_SECOND:
        seconds //= 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LATEST_SECOND else None


def written_date(value: object, *keys: str) -> datetime | None:
    """Return the moment written as in mail (RFC 2822) or as ISO 8601."""
    text = words(value, *keys)[:64]
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def kept(value: object) -> bytes:
    """Return an event as it is kept, for whoever wants to know what came."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")
