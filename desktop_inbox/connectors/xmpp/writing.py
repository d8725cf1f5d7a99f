"""Makes the stanzas that say something: messages, and what becomes of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import uuid4
from xml.etree import ElementTree as ET

from desktop_inbox.connectors.xmpp import names
from desktop_inbox.connectors.xmpp.names import bare, element
from desktop_inbox.connectors.xmpp.reading import FURTHER, Archived, stanza_id_of
from desktop_inbox.domain.messages import Outgoing


def stanzas(message: Outgoing, to: str, urls: Sequence[str]) -> list[ET.Element]:
    """Return what delivers a message: its words, then each file by itself.

    Programs show a file in its place only where its address is all that a message says.
    """
    made: list[ET.Element] = []
    if message.text.strip():
        made.append(_message(to, message.client_ref, message.text))
    for url in urls:
        ref = f"{message.client_ref}{FURTHER}{len(made) + 1}" if made else message.client_ref
        made.append(_message(to, ref, url))
        made[-1].append(element(names.OUT_OF_BAND, "x", "", element(names.OUT_OF_BAND, "url", url)))
    target, ours = stanza_id_of(message.in_reply_to)
    if made and target:
        author = message.from_.address if ours else to
        made[0].append(element(names.REPLY, "reply", to=author, id=target))
    return made


def correction(to: str, target: str, ref: str, text: str) -> ET.Element:
    """Return what has a message of ours say something else (XEP-0308)."""
    made = _message(to, ref, text)
    made.append(element(names.CORRECT, "replace", id=target))
    return made


def retraction(to: str, target: str, ref: str) -> ET.Element:
    """Return what takes a message of ours back (XEP-0424)."""
    return _note(to, ref, element(names.RETRACT, "retract", id=target))


def reaction(to: str, target: str, ref: str, emojis: Sequence[str]) -> ET.Element:
    """Return all that we think of a message (XEP-0444)."""
    told = [element(names.REACTIONS, "reaction", emoji) for emoji in emojis]
    return _note(to, ref, element(names.REACTIONS, "reactions", "", *told, id=target))


def displayed(to: str, target: str, ref: str) -> ET.Element:
    """Return that everything up to a message was read (XEP-0333)."""
    return _note(to, ref, element(names.MARKERS, "displayed", id=target))


def confirmations(found: Iterable[Archived], address: str) -> list[ET.Element]:
    """Return what tells customers that what they wrote has come, where they ask (XEP-0184)."""
    asked = [
        one.message
        for one in found
        if one.message.get("type", "normal") in {"chat", "normal"}
        and one.message.find(f"{{{names.RECEIPTS}}}request") is not None
        and one.message.get("id")
    ]
    return [
        _note(to, uuid4().hex, element(names.RECEIPTS, "received", id=one.get("id", "")))
        for one in asked
        if (to := bare(one.get("from", ""))) and to != address
    ]


def _message(to: str, ref: str, body: str) -> ET.Element:
    made = _note(to, ref)
    made.insert(0, element(names.CLIENT, "body", body))
    made.append(element(names.RECEIPTS, "request"))
    made.append(element(names.MARKERS, "markable"))
    return made


def _note(to: str, ref: str, *inner: ET.Element) -> ET.Element:
    return element(
        names.CLIENT, "message", "",
        *inner,
        element(names.STANZA_ID, "origin-id", id=ref),
        element(names.HINTS, "store"),
        to=to, type="chat", id=ref,
    )  # fmt: skip
