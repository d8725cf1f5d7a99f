"""Reads what Meta sends of WhatsApp, Messenger and Instagram. Pure; hostile input.

Everything is delivered at least once, in any order, several events at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from desktop_inbox.connectors.chat import ChatItem
from desktop_inbox.connectors.meta import messaging, whatsapp
from desktop_inbox.connectors.payload import each, part, words

_WHATSAPP = "whatsapp_business_account"
_MESSAGING = {"page": messaging.MESSENGER, "instagram": messaging.INSTAGRAM}


def read_webhook(payload: object, *, now: datetime) -> tuple[ChatItem, ...]:
    """Return all that a webhook brings; nothing where it tells of no talk with customers.

    `now` stands in where Meta tells no time.
    """
    return tuple(_items(payload, now))


def _items(payload: object, now: datetime) -> Iterator[ChatItem]:
    channel = words(payload, "object")
    for entry in each(payload, "entry"):
        for change in each(entry, "changes"):
            if channel == _WHATSAPP:
                yield from whatsapp.read_value(part(change, "value"), now=now)
            elif kind := _MESSAGING.get(channel):
                # How Instagram tells events since it signs in without a page.
                yield from messaging.read_event(part(change, "value"), kind=kind, now=now)
        if kind := _MESSAGING.get(channel):
            for event in each(entry, "messaging"):
                yield from messaging.read_event(event, kind=kind, now=now)
