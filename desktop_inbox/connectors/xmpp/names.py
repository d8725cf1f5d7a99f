"""The XML names of the extensions that are spoken here, and small help with elements. Pure."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

CLIENT = "jabber:client"
MESSAGE = f"{{{CLIENT}}}message"
IQ = f"{{{CLIENT}}}iq"
ARCHIVE = "urn:xmpp:mam:2"  # XEP-0313
PAGES = "http://jabber.org/protocol/rsm"  # XEP-0059
FORM = "jabber:x:data"  # XEP-0004
FORWARD = "urn:xmpp:forward:0"  # XEP-0297
DELAY = "urn:xmpp:delay"  # XEP-0203
STANZA_ID = "urn:xmpp:sid:0"  # XEP-0359
RECEIPTS = "urn:xmpp:receipts"  # XEP-0184
MARKERS = "urn:xmpp:chat-markers:0"  # XEP-0333
CORRECT = "urn:xmpp:message-correct:0"  # XEP-0308
RETRACT = "urn:xmpp:message-retract:1"  # XEP-0424
REACTIONS = "urn:xmpp:reactions:0"  # XEP-0444
REPLY = "urn:xmpp:reply:0"  # XEP-0461
FALLBACK = "urn:xmpp:fallback:0"  # XEP-0428
OUT_OF_BAND = "jabber:x:oob"  # XEP-0066
UPLOAD = "urn:xmpp:http:upload:0"  # XEP-0363
CARBONS = "urn:xmpp:carbons:2"  # XEP-0280
HINTS = "urn:xmpp:hints"  # XEP-0334
ENCRYPTION = "urn:xmpp:eme:0"  # XEP-0380
NICK = "http://jabber.org/protocol/nick"  # XEP-0172
PING = "urn:xmpp:ping"  # XEP-0199
INFO = "http://jabber.org/protocol/disco#info"  # XEP-0030
ITEMS = "http://jabber.org/protocol/disco#items"
ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"  # RFC 6120 8.3

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(
    space: str, name: str, text: str = "", /, *inner: ET.Element, **attributes: str
) -> ET.Element:
    """Return an element; what XML cannot hold is left out of its words."""
    made = ET.Element(f"{{{space}}}{name}", {key: fit(to) for key, to in attributes.items()})
    made.text = fit(text) or None
    made.extend(inner)
    return made


def fit(text: str) -> str:
    """Return text without the characters that would end the whole stream (XML 1.0, 2.2)."""
    return _NO_XML.sub("", text)


def bare(address: str) -> str:
    """Return an address without its resource, in the form that names one person."""
    return address.partition("/")[0].lower()
