"""Whatever strangers write over XMPP is read, and nobody touches what another wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.chat import ChatItem, Edited, Incoming, Receipt
from desktop_inbox.connectors.xmpp import names
from desktop_inbox.connectors.xmpp.names import element, fit
from desktop_inbox.connectors.xmpp.reading import (
    Archived,
    Reader,
    archived_of,
    message_name,
    stanza_id_of,
)
from desktop_inbox.domain.pieces import Unknown

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
READER = Reader(address="shop@a.example", resource="desk")


def _made(
    space: str, name: str, text: str, inner: list[ET.Element], attributes: dict[str, str]
) -> ET.Element:
    made = ET.Element(f"{{{space}}}{name}", attributes)
    made.text = text
    made.extend(inner)
    return made


def _made_of(
    space: str, name: str, inner: list[ET.Element], attributes: dict[str, str]
) -> ET.Element:
    return _made(space, name, "", inner, attributes)


_SPACES = [value for value in vars(names).values() if isinstance(value, str) and ":" in value]
_NAMES = (
    "body", "subject", "retract", "reactions", "reaction", "replace", "received", "displayed",
    "reply", "fallback", "x", "url", "encryption", "origin-id", "nick", "error", "result",
    "forwarded", "delay", "message",
)  # fmt: skip
_WORDS = st.text(max_size=20) | st.sampled_from(
    ["shop@a.example/desk", "elif@b.example", "m1", "0", "3", "https://a.example/b.png", "http://[",
     "urn:xmpp:reply:0", "2026-11-02T09:00:00Z", "9999-99-99"]
)  # fmt: skip
_ATTRIBUTES = st.dictionaries(
    st.sampled_from(["id", "to", "for", "start", "end", "stamp", "name", "by"]), _WORDS, max_size=3
)
_PARTS = st.recursive(
    st.builds(
        lambda space, name, text, attributes: _made(space, name, text, [], attributes),
        st.sampled_from(_SPACES), st.sampled_from(_NAMES), _WORDS, _ATTRIBUTES,
    ),
    lambda inner: st.builds(
        _made_of, st.sampled_from(_SPACES), st.sampled_from(_NAMES), st.lists(inner, max_size=4),
        _ATTRIBUTES,
    ),
    max_leaves=8,
)  # fmt: skip


def read(message: ET.Element) -> tuple[ChatItem, ...]:
    return READER.read(Archived(archive_id="a1", at=NOW, message=message))


def said(body: str, *inner: ET.Element, from_: str = "elif@b.example/phone") -> ET.Element:
    made = element(names.CLIENT, "message", "", element(names.CLIENT, "body", body), *inner)
    made.attrib |= {"from": from_, "to": "shop@a.example", "type": "chat", "id": "m1"}
    return made


@given(
    parts=st.lists(_PARTS, max_size=5),
    kind=st.sampled_from(["chat", "normal", "error", "groupchat", "?"]),
    sender=_WORDS,
    to=_WORDS,
    name=_WORDS,
)
def test_whatever_comes_is_read(
    parts: list[ET.Element], kind: str, sender: str, to: str, name: str
) -> None:
    message = _made_of(names.CLIENT, "message", parts, {"type": kind, "to": to, "id": name})
    message.set("from", sender)
    for item in read(message):
        assert not isinstance(item, Incoming) or item.chat.external_id
    archived_of(_made_of(names.ARCHIVE, "result", parts, {"id": name}))


@given(chat=st.emails(), name=st.text(min_size=1, max_size=40), ours=st.booleans())
def test_a_name_is_read_as_it_was_made(chat: str, name: str, ours: bool) -> None:
    assert stanza_id_of(message_name(chat, name, from_me=ours)) == (name, ours)


@given(st.text(max_size=60))
def test_what_xml_cannot_hold_never_reaches_the_line(text: str) -> None:
    assert ET.fromstring(ET.tostring(element(names.CLIENT, "body", text))) is not None
    assert fit(fit(text)) == fit(text)


def test_a_customer_cannot_change_what_we_wrote() -> None:
    [edited] = read(said("other words", element(names.CORRECT, "replace", id="ref-1")))
    assert isinstance(edited, Edited)
    assert edited.external_id == message_name("elif@b.example", "ref-1", from_me=False)


def test_a_receipt_of_one_customer_says_nothing_of_anothers_message() -> None:
    note = said("", element(names.RECEIPTS, "received", id="ref-1"), from_="eve@c.example/x")
    [receipt] = read(note)
    assert isinstance(receipt, Receipt)
    assert receipt.external_id.startswith("eve@c.example")


def test_the_words_that_quote_are_left_out_of_an_answer() -> None:
    quote = "> Blue or red?\n"
    told = element(names.FALLBACK, "body", start="0", end=str(len(quote)))
    fallback = element(names.FALLBACK, "fallback", "", told)
    fallback.set("for", names.REPLY)
    reply = element(names.REPLY, "reply", to="shop@a.example", id="ref-1")
    [answer] = read(said(f"{quote}Red", reply, fallback))
    assert isinstance(answer, Incoming)
    assert (answer.text, answer.answers) == ("Red", "elif@b.example>ref-1")


def test_an_encrypted_message_is_shown_as_one() -> None:
    [sealed] = read(said("", element(names.ENCRYPTION, "encryption", name="OMEMO")))
    assert isinstance(sealed, Incoming)
    assert sealed.pieces == (Unknown(kind="OMEMO"),)


@pytest.mark.parametrize("kind", ["groupchat", "headline"])
def test_rooms_and_headlines_are_no_talks(kind: str) -> None:
    message = said("Hello all")
    message.set("type", kind)
    assert read(message) == ()
