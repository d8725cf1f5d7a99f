"""Setting Twilio up: signing in, its numbers, and how they are written."""

from __future__ import annotations

import pytest

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.twilio.senders import senders_of
from tests.connectors.twilio_desk import config, steps
from tests.connectors.twilio_desk import service as service
from tests.support.twilio_service import (
    KEY,
    NUMBER,
    TwilioService,
)


@pytest.mark.parametrize("key", [KEY, ""])
async def test_a_check_signs_in_with_a_key_or_with_the_account(
    service: TwilioService, key: str
) -> None:
    found = await steps(config(service, key_sid=key))

    assert [(step.step, step.ok) for step in found] == [
        ("receive:sign-in", True), ("receive:address", True), ("send:sign-in", True),
    ]  # fmt: skip


async def test_a_check_names_the_numbers_that_are_there(service: TwilioService) -> None:
    service.numbers = ["+15559999999", "+15558888888"]

    found = await steps(config(service))

    assert [(step.step, step.ok, step.detail) for step in found][1] == (
        "receive:address", False, "+15559999999, +15558888888",
    )  # fmt: skip


async def test_a_check_tells_of_a_wrong_secret_and_of_a_suspended_account(
    service: TwilioService,
) -> None:
    (wrong,) = await steps(config(service, secret="wrong"))
    (lacking,) = await steps(config(service, account_sid=""))
    service.status = "suspended"
    (suspended,) = await steps(config(service, key_sid=""))

    assert (wrong.step, wrong.cause) == ("receive:sign-in", "sign_in")
    assert (lacking.step, lacking.ok) == ("receive:sign-in", False)
    assert (suspended.cause, suspended.detail) == ("billing", "suspended")


def test_numbers_are_written_as_twilio_writes_them() -> None:
    entered = AccountConfig(
        id=1,
        address="+1 (555) 000-1111",
        settings={"senders": "WhatsApp:+1 555 000 2222; 34567, rcs:our_agent, +15550001111"},
        secrets={},
    )

    assert senders_of(entered.address, entered.settings) == [
        NUMBER,
        "whatsapp:+15550002222",
        "34567",
        "rcs:our_agent",
    ]
