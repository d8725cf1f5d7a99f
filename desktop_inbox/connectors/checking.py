"""How a failure is told as a step of an account's check. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    TransientError,
)
from desktop_inbox.connectors.setup import Check


def failed(side: str, error: ConnectorError) -> Check:
    """Return the step that an error ended; `side` is "receive" or "send"."""
    cause = ""
    if isinstance(error, TransientError):
        cause = error.cause.value
    elif isinstance(error, AuthError | PermanentError):
        cause = error.reason.value
    return Check(step=f"{side}:{error.step}", ok=False, detail=error.detail, cause=cause)
