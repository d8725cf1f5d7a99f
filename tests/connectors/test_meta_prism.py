"""What we ask of Meta, and how our stand-in for it refuses, is as far as the vendor describes it.

Prism sits between the two. The vendor's description knows the Graph API as WhatsApp uses it: who
is asking, headers, and the shape of refusals are the same for Messenger and Instagram, and are
checked; conversations, their messages and files are in no description that machines can read.

What Prism finds and is right all the same stands in `ALLOWED`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import ConnectorError, PermanentError
from desktop_inbox.connectors.messenger.connector import MessengerConnector
from tests.connectors.contract_suite import drain, nothing
from tests.connectors.meta_suite import config, outgoing
from tests.support.engine_room import eventually
from tests.support.http_service import Asked, Said, serving
from tests.support.meta_service import ELIF, MetaService, refused
from tests.support.prism import Prism, between, spec

pytestmark = pytest.mark.slow

_DESCRIPTION = "meta/business-messaging-api_v23.0.yaml"
# How a violation begins: why it is none.
ALLOWED = {
    "request Selected route not found": (
        "conversations, files and what a token permits are not described"
    ),
    "request.path.": "“me” stands for the account a token is of; described are numbers only",
    "request.body Request body must ": (
        "what is sent goes to WhatsApp's path; only WhatsApp's messages are described"
    ),
    "response Unable to match the returned status code": (
        "for that path the description has no answer at all"
    ),
}
_REFUSALS = {
    400: refused(100, "Invalid parameter", subcode=33),
    401: refused(190, "Invalid OAuth access token.", status=401, subcode=460),
    403: refused(200, "Requires pages_messaging permission", status=403),
    429: refused(613, "Calls to this api have exceeded the rate limit.", status=429),
    500: refused(2, "Service temporarily unavailable", status=500),
}


def violations(prism: Prism) -> list[str]:
    return [one for one in prism.violations if not one.startswith(tuple(ALLOWED))]


def prism_tells(prism: Prism) -> Callable[[str], bool]:
    return lambda start: any(one.startswith(start) for one in prism.violations)


def made(account: AccountConfig, service: MetaService) -> MessengerConnector:
    connector = MessengerConnector(account, now=lambda: service.now)
    connector.pace.seconds = 0.0
    return connector


def is_me(asked: Asked) -> bool:
    return asked.path.endswith("/me")


async def test_what_is_asked_and_refused_is_as_described() -> None:
    async with serving(MetaService()) as service, between(spec(_DESCRIPTION), service.url) as prism:
        service.says("Hello")
        service.sent_elsewhere("from the phone")
        connector = made(config(prism.url), service)
        await connector.open()
        items, _ = await drain(connector, None)
        message = outgoing(service, "Yes")
        sent = await connector.send(message, nothing)
        assert await connector.find_sent(outgoing(service, "other words")) is None
        await connector.react(ELIF, sent.external_id, ["👍"])
        service.blocked.add(ELIF)
        with pytest.raises(PermanentError):
            await connector.send(message, nothing)
        for said in _REFUSALS.values():
            service.fail(is_me, said)
            with pytest.raises(ConnectorError):
                await connector.open()
        await connector.close()

        assert [item.text for item in items if isinstance(item, Incoming)] == [
            "Hello", "from the phone",
        ]  # fmt: skip
        await eventually(lambda: all(map(prism_tells(prism), ALLOWED)))
        assert violations(prism) == []


async def test_prism_tells_what_is_not_as_described() -> None:
    async with serving(MetaService()) as service, between(spec(_DESCRIPTION), service.url) as prism:
        service.fail(is_me, Said({"error": {"code": "much"}}, status=401))
        connector = made(config(prism.url), service)
        with pytest.raises(ConnectorError):
            await connector.open()

        expected = {"response.body.error", "response.body.error.code"}
        await eventually(lambda: {one.partition(" ")[0] for one in violations(prism)} == expected)
