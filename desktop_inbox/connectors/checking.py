"""How an account's check is told: its steps, and a failure as the step that it ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    TransientError,
)
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.ways import Way

W = TypeVar("W", bound=Way)


async def tried(
    way: Callable[[], W], steps: Callable[[W], AsyncIterator[Check]]
) -> AsyncIterator[Check]:
    """Yield the steps that are taken through a way, which is closed after them."""
    try:
        opened = way()
    except ConnectorError as error:
        yield failed("receive", error)
        return
    try:
        async for step in steps(opened):
            yield step
    except ConnectorError as error:
        yield failed("receive", error)
    finally:
        await opened.close()


def failed(side: str, error: ConnectorError) -> Check:
    """Return the step that an error ended; `side` is "receive" or "send"."""
    cause = ""
    if isinstance(error, TransientError):
        cause = error.cause.value
    elif isinstance(error, AuthError | PermanentError):
        cause = error.reason.value
    return Check(step=f"{side}:{error.step}", ok=False, detail=error.detail, cause=cause)
