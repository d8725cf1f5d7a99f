"""What vendors post, read without an account: for `inspect webhook` and for whoever relays it.

Pure and total: hostile bytes give what can be read of them, and what no channel reads is kept as
it came. A channel is entered here with the shape its vendor posts and the function of its
`reading.py` that reads one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from desktop_inbox.connectors.chat import Chat, ChatItem, Unreadable
from desktop_inbox.connectors.payload import Payload

_DEEPEST = 8  # files of examples hold payloads in lists and under names
_MOST_PAYLOADS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How one vendor's payloads are told and read."""

    is_payload: Callable[[Payload], bool]
    read: Callable[[Payload, datetime], tuple[ChatItem, ...]]


def kinds() -> tuple[str, ...]:
    """Return the channels whose payloads can be read."""
    return tuple(_READERS)


def read(kind: str, raw: bytes, *, now: datetime) -> list[ChatItem]:
    """Return all that is in the payloads of a file: one, or several under names or in lists.

    `now` stands in where a vendor tells no time. What comes from a vendor that no channel here
    reads is one item, unread.

    *Raises:* ValueError for what is no JSON.
    """
    if kind not in _READERS:
        return [_unread(kind, raw, now=now)]
    reader = _READERS[kind]()
    try:
        value = json.loads(raw)
    except (RecursionError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    return [item for one in _payloads(value, reader) for item in reader.read(one, now)]


def _unread(kind: str, raw: bytes, *, now: datetime) -> Unreadable:
    return Unreadable(
        external_id=sha256(raw).hexdigest()[:32],
        chat=Chat(external_id=kind),
        at=now,
        why=f"no channel reads “{kind}”; read are {', '.join(kinds())}",
        raw=raw,
    )


def _payloads(value: object, reader: Reader) -> Iterator[Payload]:
    """Yield the outermost payloads."""
    level: list[object] = [value]
    found = 0
    for _ in range(_DEEPEST):
        inner: list[object] = []
        for one in level:
            if isinstance(one, Mapping) and reader.is_payload(one):
                found += 1
                if found > _MOST_PAYLOADS:
                    return
                yield one
            elif isinstance(one, Mapping):
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        level = inner


def _meta() -> Reader:
    from desktop_inbox.connectors.meta.reading import read_webhook

    return Reader(
        is_payload=lambda one: isinstance(one.get("entry"), list),
        read=lambda one, now: read_webhook(one, now=now),
    )


def _telegram() -> Reader:
    from desktop_inbox.connectors.telegram.reading import Bot, read_update

    return Reader(
        is_payload=lambda one: "update_id" in one,
        read=lambda one, now: read_update(one, bot=Bot(), now=now),
    )


def _twilio() -> Reader:
    from desktop_inbox.connectors.twilio.reading import read_message

    return Reader(
        is_payload=lambda one: isinstance(one.get("sid"), str) and "body" in one,
        read=lambda one, now: tuple(read_message(one)),
    )


_READERS: Mapping[str, Callable[[], Reader]] = {
    "whatsapp": _meta,
    "messenger": _meta,
    "instagram": _meta,
    "telegram": _telegram,
    "twilio": _twilio,
}
