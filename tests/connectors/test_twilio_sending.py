"""Twilio: what leaves, what is refused, and what becomes of it afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    PermanentReason,
    RateLimited,
    Unsupported,
)
from desktop_inbox.connectors.twilio.connector import TwilioConnector
from desktop_inbox.domain.messages import Address, Delivery, FilledTemplate, OutgoingFile
from desktop_inbox.domain.pieces import Spot
from tests.connectors.contract_suite import drain, nothing
from tests.connectors.twilio_desk import WHATSAPP_CHAT, outgoing, receipts, texts
from tests.connectors.twilio_desk import connector as connector
from tests.connectors.twilio_desk import service as service
from tests.support.twilio_service import (
    CUSTOMER,
    NUMBER,
    WHATSAPP,
    Content,
    TwilioService,
    refused,
)

# --- sending ---


async def test_an_sms_leaves_from_the_number_that_was_written_to(
    service: TwilioService, connector: TwilioConnector
) -> None:
    result = await connector.send(outgoing(service, "Merhaba ü"), nothing)

    (asked,) = service.taken
    assert dict(asked.form) == {"To": CUSTOMER, "From": NUMBER, "Body": "Merhaba ü"}
    assert result.external_id == service.lists.messages[0]["sid"]
    assert result.detail == "queued"


async def test_we_may_write_first(service: TwilioService, connector: TwilioConnector) -> None:
    await connector.send(outgoing(service, chat=""), nothing)
    await connector.send(outgoing(service, chat="", from_=Address(address=WHATSAPP)), nothing)

    assert [(asked.form["From"], asked.form["To"]) for asked in service.taken] == [
        (NUMBER, CUSTOMER),
        (WHATSAPP, f"whatsapp:{CUSTOMER}"),
    ]


async def test_a_template_goes_by_its_name_with_what_fills_it(
    service: TwilioService, connector: TwilioConnector
) -> None:
    name = "HX" + "c" * 32
    service.contents = [
        Content(sid=name, text="Your order {{1}} is ready, {{2}}."),
        Content(sid="HX" + "d" * 32, text="Waiting", status="pending"),
    ]

    (template,) = await connector.templates()
    filled = FilledTemplate(name=template.name, language="en", values=("17", "Elif"))
    await connector.send(
        outgoing(service, "Your order 17…", chat=WHATSAPP_CHAT, template=filled), nothing
    )

    assert (template.text, template.title) == ("Your order {{1}} is ready, {{2}}.", "order_ready")
    (asked,) = service.taken
    assert asked.form["ContentSid"] == name
    assert json.loads(str(asked.form["ContentVariables"])) == {"1": "17", "2": "Elif"}
    assert "Body" not in asked.form


async def test_a_place_goes_by_whatsapp(service: TwilioService, connector: TwilioConnector) -> None:
    pieces = (Spot(latitude=41.0, longitude=29.0, title="Shop"),)

    await connector.send(outgoing(service, chat=WHATSAPP_CHAT, pieces=pieces), nothing)

    assert service.taken[0].form["PersistentAction"] == "geo:41.0,29.0|Shop"


async def test_files_are_refused_before_anything_leaves(
    service: TwilioService, connector: TwilioConnector, tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"paper")
    file = OutgoingFile(name="a.pdf", media_type="application/pdf", path=path, size=5)
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(service, attachments=(file,)), nothing)

    assert caught.value.reason == "media"
    assert service.taken == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (21610, PermanentReason.RECIPIENT),
        (21211, PermanentReason.RECIPIENT),
        (63016, PermanentReason.WINDOW_CLOSED),
        (21617, PermanentReason.TOO_LARGE),
        (12300, PermanentReason.MEDIA),
        (99999, PermanentReason.INVALID),
    ],
)
async def test_a_refusal_is_known_by_its_number(
    service: TwilioService, connector: TwilioConnector, code: int, reason: PermanentReason
) -> None:
    service.fail(lambda asked: asked.method == "POST", refused(400, code, "No, because"))

    with pytest.raises(PermanentError, match=f"{code} No, because") as caught:
        await connector.send(outgoing(service), nothing)

    assert caught.value.reason is reason


async def test_a_suspended_account_and_a_hasty_one(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.fail(lambda asked: asked.method == "POST", refused(403, 20005, "Suspended"))
    with pytest.raises(AuthError) as suspended:
        await connector.send(outgoing(service), nothing)
    service.fail(lambda asked: asked.method == "POST", refused(400, 63018, "Too fast"))
    with pytest.raises(RateLimited):
        await connector.send(outgoing(service), nothing)

    assert suspended.value.reason == "billing"


async def test_a_customer_who_opted_out_is_not_written_to(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.opted_out.add(CUSTOMER)

    with pytest.raises(PermanentError, match="21610") as caught:
        await connector.send(outgoing(service), nothing)

    assert caught.value.reason == "recipient"


# --- what becomes of what was sent ---


async def test_a_message_is_followed_until_it_is_read(
    service: TwilioService, connector: TwilioConnector
) -> None:
    _, cursor = await drain(connector, None)
    result = await connector.send(outgoing(service, chat=WHATSAPP_CHAT), nothing)
    told: list[tuple[Delivery, str]] = []
    for status in ("sending", "sent", "delivered", "read", "read"):
        service.becomes(result.external_id, status)
        service.now += timedelta(hours=7)
        items, cursor = await drain(connector, cursor)
        assert texts(items) == []
        told += receipts(items)

    assert told == [(Delivery.SENT, ""), (Delivery.DELIVERED, ""), (Delivery.READ, "")]
    assert json.loads(json.dumps(cursor))["open"] == []


async def test_a_message_outside_the_window_fails_afterwards_and_says_why(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.window_closed.add(f"whatsapp:{CUSTOMER}")
    _, cursor = await drain(connector, None)
    await connector.send(outgoing(service, chat=WHATSAPP_CHAT), nothing)

    items, _ = await drain(connector, cursor)

    assert receipts(items) == [(Delivery.FAILED, "window_closed")]


async def test_what_never_arrives_is_given_up_after_days(
    service: TwilioService, connector: TwilioConnector
) -> None:
    _, cursor = await drain(connector, None)
    await connector.send(outgoing(service), nothing)
    _, cursor = await drain(connector, cursor)
    assert len(json.loads(json.dumps(cursor))["open"]) == 1
    service.now += timedelta(days=5)

    _, cursor = await drain(connector, cursor)

    assert json.loads(json.dumps(cursor))["open"] == []


async def test_an_uncertain_message_is_found_by_its_words(
    service: TwilioService, connector: TwilioConnector
) -> None:
    first = await connector.send(outgoing(service, "OK"), nothing)
    message = outgoing(service, "OK")
    assert await connector.find_sent(message) is None

    service.fail(lambda asked: asked.method == "POST", after=True)
    with pytest.raises(Exception, match=r"127\.0\.0\.1"):
        await connector.send(message, nothing)
    found = await connector.find_sent(message)

    assert found is not None
    assert found.external_id != first.external_id
    with pytest.raises(Unsupported):
        await connector.find_sent(replace(message, text=""))


async def test_an_older_message_alike_is_not_taken_for_it(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.sent_elsewhere("OK")
    service.now += timedelta(hours=1)

    assert await connector.find_sent(outgoing(service, "OK")) is None
