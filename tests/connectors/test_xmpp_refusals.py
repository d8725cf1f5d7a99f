"""Error stanzas of XMPP servers are told apart by condition and type (channels.md, errors)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.errors import RateLimited, TransientError
from desktop_inbox.connectors.xmpp.refusals import WAIT_SECONDS, refusal_of

_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"


def stanza(condition: str, *, type_: str = "wait", more: str = "") -> ET.Element:
    return ET.fromstring(
        f'<message xmlns="jabber:client" type="error" id="1"><error type="{type_}">'
        f'<{condition} xmlns="{_ERRORS}"/>{more}</error></message>'
    )


@pytest.mark.parametrize(
    ("condition", "type_", "limited"),
    [
        ("resource-constraint", "wait", True),
        ("resource-constraint", "cancel", True),
        ("policy-violation", "wait", True),
        ("policy-violation", "", True),
        ("policy-violation", "modify", False),  # it is what was said that is not taken
        ("policy-violation", "cancel", False),
        ("service-unavailable", "wait", False),
        ("internal-server-error", "wait", False),
    ],
)
def test_too_much_is_told_from_never(condition: str, type_: str, limited: bool) -> None:
    refusal = refusal_of(stanza(condition, type_=type_))
    assert refusal.is_for_now is limited
    failure = refusal.failure("archive")
    assert isinstance(failure, RateLimited if limited else TransientError)
    if isinstance(failure, RateLimited):
        assert failure.retry_after_seconds == WAIT_SECONDS


def test_a_place_for_files_may_name_the_time_to_wait_for() -> None:
    for ahead, least, most in ((90, 60, 90), (-500, 1, 1), (10**7, 3600, 3600)):
        stamp = (datetime.now(UTC) + timedelta(seconds=ahead)).isoformat()
        retry = f'<retry xmlns="urn:xmpp:http:upload:0" stamp="{stamp}"/>'
        limit = refusal_of(stanza("resource-constraint", more=retry)).limit("files")
        assert least <= limit.retry_after_seconds <= most


@given(st.text(), st.text())
def test_whatever_an_error_says_it_is_read(name: str, stamp: str) -> None:
    odd = ET.Element("{jabber:client}message")
    error = ET.SubElement(odd, "{jabber:client}error", {"type": name})
    ET.SubElement(error, f"{{{_ERRORS}}}{name}")
    ET.SubElement(error, "{urn:xmpp:http:upload:0}retry", {"stamp": stamp})
    assert refusal_of(odd).words
    assert refusal_of(ET.Element("message")).condition == "undefined-condition"
