"""Tries an account's keys for real, and whether its numbers are there. Engine loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from desktop_inbox.connectors.checking import tried
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import (
    AuthReason,
)
from desktop_inbox.connectors.payload import each, line
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.twilio.api import TwilioApi
from desktop_inbox.connectors.twilio.senders import senders_of


def check(config: AccountConfig) -> AsyncIterator[Check]:
    """Yield whether the key signs in, whether the account is active, and has the numbers."""
    return tried(partial(TwilioApi, config), partial(_steps, config=config))


async def _steps(api: TwilioApi, *, config: AccountConfig) -> AsyncIterator[Check]:
    await api.sign_in()
    if (status := await api.status()) not in {"", "active"}:
        yield Check(step="receive:sign-in", ok=False, detail=status, cause=AuthReason.BILLING.value)
        return
    yield Check(step="receive:sign-in", ok=True)
    page = await api.get("IncomingPhoneNumbers", {"PageSize": "1000"}, step="address")
    numbers = [line(one, "phone_number") for one in each(page, "incoming_phone_numbers")]
    # Senders of other channels, and short codes, are in no list; only sending tells.
    ours = senders_of(config.address, config.settings)
    lacking = [one for one in ours if one.startswith("+") and one not in numbers]
    yield Check(
        step="receive:address",
        ok=not lacking,
        detail=", ".join(numbers) if lacking else "",
        cause="other-address" if lacking else "",
    )
    yield Check(step="send:sign-in", ok=True)
