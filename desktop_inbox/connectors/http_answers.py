"""What a service says over HTTP, and what its refusals mean where it gives no better code. Pure."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientCause,
    TransientError,
)

_USUAL_WAIT_SECONDS = 30.0  # where a service asks for patience and names no time
_LONGEST_WAIT_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service said."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # by their names in lower case
    body: bytes = b""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def value(self) -> object:
        """Return what the body says in JSON, None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def wait_seconds(headers: Mapping[str, str], *, now: datetime | None = None) -> float:
    """Return how long a service asks to be left alone (RFC 9110 10.2.3), within reason."""
    said = headers.get("retry-after", "").strip()
    with contextlib.suppress(ValueError):
        return _within_reason(float(said))
    with contextlib.suppress(ValueError, TypeError):
        until = parsedate_to_datetime(said)
        return _within_reason((until - (now or datetime.now(UTC))).total_seconds())
    return _USUAL_WAIT_SECONDS


def _within_reason(seconds: float) -> float:
    if seconds != seconds:  # NaN
        raise ValueError
    return min(max(seconds, 1.0), _LONGEST_WAIT_SECONDS)


def by_status(answer: Answer, words: str, *, step: str = "") -> ConnectorError:
    """Return what a status means where a service gives no better code."""
    if answer.status == 401:
        return AuthError(words)
    if answer.status == 429:
        return RateLimited(words, retry_after_seconds=wait_seconds(answer.headers), step=step)
    if answer.status == 413:
        return PermanentError(words, reason=PermanentReason.TOO_LARGE, step=step)
    if answer.status in {408, 425} or not 400 <= answer.status < 500:
        asked = wait_seconds(answer.headers) if "retry-after" in answer.headers else None
        return TransientError(
            words, cause=TransientCause.SERVER, retry_after_seconds=asked, step=step
        )
    return PermanentError(words, step=step)
