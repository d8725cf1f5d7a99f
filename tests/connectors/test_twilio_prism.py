"""What we ask of Twilio, and what our stand-in for it answers, is as the vendor describes it.

Prism sits between the two and tells whatever is not. What it is not shown, and why:

* Sound and pictures themselves: the description has only the lists of them.
* Refusals: the description has only answers of success.

What it finds and is right all the same stands in `ALLOWED`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.payload import each
from desktop_inbox.connectors.twilio.api import TwilioApi
from desktop_inbox.connectors.twilio.connector import TwilioConnector
from desktop_inbox.connectors.twilio.reading import read_template
from desktop_inbox.domain.messages import FilledTemplate
from desktop_inbox.domain.pieces import Spot
from tests.connectors.contract_suite import drain, nothing
from tests.connectors.twilio_desk import WHATSAPP_CHAT, config, outgoing, receipts, steps
from tests.support.http_service import serving
from tests.support.prism import Prism, between, spec
from tests.support.twilio_service import CUSTOMER, WHATSAPP, Content, TwilioService

pytestmark = pytest.mark.slow

_URI = 'must match format "uri"'
_RELATIVE = "the description's own examples have addresses without a host"
# Violation: why it is none.
ALLOWED = {
    f"response.body.{name} Response body property {name} {_URI}": _RELATIVE
    for name in ("first_page_uri", "next_page_uri", "uri")
} | {
    "request.body.PersistentAction Request body property PersistentAction must be array": (
        "a list of one is a field that comes once in a form; Prism sees no list there"
    )
}


NONSENSE = FilledTemplate(name="no-such-name", language="en")


def violations(prism: Prism) -> list[str]:
    return [one for one in prism.violations if one not in ALLOWED]


@contextlib.asynccontextmanager
async def behind(service: TwilioService, prism: Prism) -> AsyncIterator[TwilioConnector]:
    """Give a connector that is open, and reaches the service through Prism."""
    usual = config(service)
    settings = {**usual.settings, "api_url": prism.url}
    connector = TwilioConnector(replace(usual, settings=settings), now=lambda: service.now)
    connector.look_seconds = 0.01
    try:
        await connector.open()
        yield connector
    finally:
        await connector.close()


async def test_messages_and_calls_are_as_described() -> None:
    described = spec("twilio/twilio_api_v2010.json")
    async with serving(TwilioService()) as service, between(described, service.url) as prism:
        service.largest_page = 2
        for number in range(5):
            service.says(f"m{number}")
        service.says("by WhatsApp", sender=f"whatsapp:{CUSTOMER}", to=WHATSAPP)
        service.says("Look", media={"image/jpeg": b"picture"})
        service.sent_elsewhere("from the console")
        recording = service.recorded(service.called(), b"sound")
        service.written_down(recording, "Please call me back.")
        async with behind(service, prism) as connector:
            items, cursor = await drain(connector, None)
            sent = await connector.send(outgoing(service, "Merhaba ü"), nothing)
            place = (Spot(latitude=41.0, longitude=29.0, title="Shop"),)
            await connector.send(outgoing(service, chat=WHATSAPP_CHAT, pieces=place), nothing)
            filled = FilledTemplate(name="HX" + "c" * 32, language="en", values=("17",))
            await connector.send(outgoing(service, chat=WHATSAPP_CHAT, template=filled), nothing)
            assert await connector.find_sent(outgoing(service, "other words")) is None
            service.becomes(sent.external_id, "delivered")
            later, cursor = await drain(connector, cursor)
            service.says("news")
            await connector.wait()
            news, _ = await drain(connector, cursor)
            with_token = {**connector.config.settings, "key_sid": ""}  # which may know the account
            checked = await steps(replace(config(service), settings=with_token))

        assert len([item for item in items if isinstance(item, Incoming)]) == 9
        assert receipts(later) == [("delivered", "")]
        assert [item.text for item in news if isinstance(item, Incoming)] == ["news"]
        assert all(step.ok for step in checked)
        assert violations(prism) == []


async def test_templates_are_as_described() -> None:
    described = spec("twilio/twilio_content_v1.json")
    async with serving(TwilioService()) as service, between(described, service.url) as prism:
        service.contents = [Content(sid="HX" + "c" * 32, text="Your order {{1}} is ready.")]
        # Templates have a host of their own; opening an account asks the other one.
        settings = {**config(service).settings, "api_url": prism.url}
        api = TwilioApi(replace(config(service), settings=settings))
        page = await api.contents(page=0)
        await api.close()

        assert [read_template(one) for one in each(page, "contents")] == [
            ("HX" + "c" * 32, "order_ready", "en", "Your order {{1}} is ready.")
        ]
        assert violations(prism) == []


async def test_prism_tells_what_is_not_as_described() -> None:
    described = spec("twilio/twilio_api_v2010.json")
    async with serving(TwilioService()) as service, between(described, service.url) as prism:
        service.says("Hello")["status"] = "teleported"
        async with behind(service, prism) as connector:
            await drain(connector, None)
            await connector.send(outgoing(service, chat=WHATSAPP_CHAT, template=NONSENSE), nothing)

        # Length and pattern of the name, and a state that is none.
        assert {one.partition(" ")[0] for one in violations(prism)} == {
            "request.body.ContentSid",
            "response.body.messages.0.status",
        }
