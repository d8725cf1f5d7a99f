"""Messages on their way out, for whoever does not care what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from desktop_inbox.domain.messages import Address, Outgoing


def a_reply(**changes: object) -> Outgoing:
    """Return a short message from the shop to a customer."""
    message = Outgoing(
        client_ref="c1.m1@desk.example",
        at=datetime(2026, 2, 1, 10, tzinfo=UTC),
        from_=Address(name="Desk", address="shop@desk.example"),
        to=(Address(name="Anna", address="anna@elsewhere.example"),),
        subject="Hello",
        text="Hello.\n",
    )
    return replace(message, **changes)  # type: ignore[arg-type]
