"""What the sample shop's customers say elsewhere than by mail: read from resources/demo, as items.

Pure but for reading the file. The items are those of the connector contract, so that they take
the way of every message into the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from desktop_inbox.connectors.chat import (
    Chat,
    ChatItem,
    Edited,
    Incoming,
    Person,
    Reacted,
    ReadUntil,
    Receipt,
    RemoteFile,
)
from desktop_inbox.connectors.contract import Capability
from desktop_inbox.connectors.kinds import info_of
from desktop_inbox.demo.files import attachment
from desktop_inbox.demo.shop import duration, read
from desktop_inbox.domain.messages import Delivery, MessageClass
from desktop_inbox.domain.pieces import from_json
from desktop_inbox.services import customer_tables

_READ_AFTER = timedelta(hours=5)  # somebody has looked at what is older
_SHOWN_IN_PLACE = ("image/", "audio/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A messaging channel of the shop."""

    kind: str
    title: str
    address: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A line of talk: what was said in it, and how it goes on."""

    account: str  # the account's kind; the shop has one of each
    chat: Chat
    person: Person
    language: str  # '' for what no person says
    window: timedelta | None  # how long an answer is let through
    items: tuple[ChatItem, ...]
    answers: tuple[str, ...]  # what the customer says to our next messages, in order

    @property
    def tells_what_was_read(self) -> bool:
        """Whether the channel lets us know how far a message of ours has come."""
        info = info_of(self.account)
        return info is not None and Capability.RECEIPTS in info.capabilities

    def says(self, name: str, at: datetime, text: str) -> Incoming:
        """Return a message of the customer's in this talk."""
        return Incoming(
            external_id=name,
            chat=self.chat,
            author=self.person,
            at=at,
            text=text,
            reply_until=at + self.window if self.window else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A message that comes while somebody watches."""

    after: timedelta
    talk: Talk
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chats:
    """All that is said elsewhere than by mail, and whom the shop knew before."""

    customers: tuple[customer_tables.Person, ...]
    accounts: tuple[Account, ...]
    talks: tuple[Talk, ...]
    later: tuple[Later, ...]


def load(now: datetime) -> Chats:
    """Return the chats as they are at `now`, an aware time."""
    document = read("chats")
    talks = [_talk(entry, number, now) for number, entry in enumerate(document["talk"])]
    named = {(talk.account, talk.chat.external_id): talk for talk in talks}
    return Chats(
        customers=tuple(_customers(document["customer"])),
        accounts=tuple(Account(**{"settings": {}, **entry}) for entry in document["account"]),
        talks=tuple(talks),
        later=tuple(
            Later(
                after=duration(entry["after"]),
                talk=named[entry["account"], entry["chat"]],
                text=entry["text"],
            )
            for entry in document["later"]
        ),
    )


def _customers(entries: list[dict[str, str]]) -> Iterator[customer_tables.Person]:
    for line, entry in enumerate(entries, 1):
        yield customer_tables.Person(
            line=line,
            name=entry["name"],
            emails=[entry["email"]] if "email" in entry else [],
            phones=[entry["phone"]],
        )


def _talk(entry: dict[str, Any], number: int, now: datetime) -> Talk:
    person = dict(entry["person"])
    attested = tuple((kind, address) for kind, address in person.pop("attested", ()))
    talk = Talk(
        account=entry["account"],
        chat=Chat(external_id=entry["chat"], title=entry.get("title", "")),
        person=Person(**person, attested=attested),
        language=entry.get("language", ""),
        window=duration(entry["window"]) if "window" in entry else None,
        items=(),
        answers=tuple(entry.get("answers", ())),
    )
    items = [
        item
        for place, message in enumerate(entry["messages"])
        for item in _items(message, talk, f"sample-{number}-{place}", now)
    ]
    answered = [item.at for item in items if isinstance(item, Incoming) and item.from_me]
    if answered:
        items.append(ReadUntil(chat=talk.chat, at=answered[-1], by_me=True))
    return replace(talk, items=tuple(items))


def _items(message: dict[str, Any], talk: Talk, name: str, now: datetime) -> Iterator[ChatItem]:
    at, ours = now - duration(message["age"]), message.get("ours", False)
    said = talk.says(name, at, message.get("text", ""))
    yield replace(
        said,
        from_me=ours,
        kind=MessageClass.AUTOMATED if message.get("automated") else MessageClass.HUMAN,
        subject=talk.chat.title,
        priority=message.get("priority", ""),
        pieces=from_json(message.get("pieces", ())),
        files=tuple(_files(message)),
        seen=ours or now - at > _READ_AFTER,
        reply_until=None if ours else said.reply_until,
        repeats=message.get("repeats", 1),
    )
    if ours and talk.tells_what_was_read:
        yield Receipt(state=Delivery.READ, at=at, external_id=name)
    if emoji := message.get("reaction"):
        yield Reacted(external_id=name, chat=talk.chat, author=talk.person, emojis=(emoji,), at=at)
    if edit := message.get("edited"):
        later = at + duration(edit["after"])
        yield Edited(external_id=name, chat=talk.chat, at=later, text=edit["text"])


def _files(message: dict[str, Any]) -> Iterator[RemoteFile]:
    if spec := message.get("file"):
        name, media_type, content = attachment(spec)
        yield RemoteFile(
            reference=spec,
            name=name,
            media_type=media_type,
            size=len(content),
            inline=media_type.startswith(_SHOWN_IN_PLACE),
        )
