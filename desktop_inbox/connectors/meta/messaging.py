"""Reads what Messenger and Instagram tell: events as they are pushed, and messages as they are
asked for with the Conversations API. Pure; hostile input.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

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
    Unreadable,
    Withdrawn,
)
from desktop_inbox.connectors.payload import (
    EPOCH,
    Payload,
    degrees,
    each,
    kept,
    line,
    part,
    second,
    words,
    written_date,
)
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.pieces import Piece, Pressed, Shared, Spot, Sticker, Unknown

MESSENGER = "messenger"
INSTAGRAM = "instagram"

_FILES = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mp4",
    "file": "application/octet-stream",
}
_SHARED = {
    "share": "post",
    "fallback": "page",
    "story_mention": "story",
    "ig_story": "story",
    "ig_reel": "reel",
    "reel": "reel",
    "ig_post": "post",
    "post": "post",
    "template": "card",
    "product_template": "product",
}


def read_event(event: Payload, *, kind: str, now: datetime) -> Iterator[ChatItem]:
    """Give what one event brings; `kind` is MESSENGER or INSTAGRAM."""
    message = part(event, "message")
    from_me = message.get("is_echo") is True
    whom = words(event, "recipient" if from_me else "sender", "id")
    at = second(event, "timestamp") or now
    if not whom:
        if message:
            yield _unreadable(event, words(message, "mid"), at, kind)
        return
    chat, person = Chat(external_id=whom), person_of(kind, whom)
    if message:
        yield from _message(event, message, chat=chat, person=person, at=at, from_me=from_me)
    if edit := part(event, "message_edit"):
        yield Edited(
            external_id=words(edit, "mid"),
            chat=chat,
            at=at,
            text=words(edit, "text"),
            raw=kept(event),
        )
    if postback := part(event, "postback"):
        yield _pressed(event, postback, chat=chat, person=person, at=at)
    if reaction := part(event, "reaction"):
        yield _reaction(reaction, chat=chat, person=person, at=at)
    if read := part(event, "read"):
        yield from _read(read, chat=chat, at=at)
    for name in _names(part(event, "delivery").get("mids")):
        yield Receipt(state=Delivery.DELIVERED, at=at, external_id=name)


def read_listed(message: Payload, *, kind: str, own_ids: frozenset[str]) -> list[ChatItem]:
    """Return a message of the Conversations API; `own_ids` are what we are known by there."""
    author = part(message, "from")
    from_me = words(author, "id") in own_ids
    others = [one for one in each(message, "to", "data") if words(one, "id") not in own_ids]
    whom = (others[0] if others else {}) if from_me else author
    at = written_date(message, "created_time") or EPOCH
    if not words(whom, "id") or not words(message, "id"):
        return [_unreadable(message, words(message, "id"), at, kind)]
    chat = Chat(external_id=words(whom, "id"))
    items: list[ChatItem] = [
        Incoming(
            external_id=words(message, "id"),
            chat=chat,
            author=person_of(kind, words(whom, "id"), whom),
            at=at,
            text=words(message, "message"),
            from_me=from_me,
            answers=words(message, "reply_to", "mid") or words(message, "reply_to", "id"),
            pieces=tuple(_listed_pieces(message)),
            files=tuple(listed_files(message)),
            raw=kept(message),
        )
    ]
    for reaction in each(message, "reactions", "data"):
        emoji = words(reaction, "emoji") or words(reaction, "reaction")
        for user in each(reaction, "users"):
            ours = words(user, "id") in own_ids
            person = None if ours else person_of(kind, words(user, "id"), user)
            items.append(
                Reacted(
                    external_id=words(message, "id"),
                    chat=chat,
                    author=person,
                    emojis=(emoji,) if emoji else (),
                    at=at,
                )
            )
    return items


def _message(
    event: Payload, message: Payload, *, chat: Chat, person: Person, at: datetime, from_me: bool
) -> Iterator[ChatItem]:
    name = words(message, "mid")
    if not name:
        yield _unreadable(event, "", at, person.kind)
    elif message.get("is_deleted") is True:
        yield Withdrawn(external_id=name, chat=chat, at=at)
    else:
        yield Incoming(
            external_id=name,
            chat=chat,
            author=person,
            at=at,
            text=words(message, "text"),
            from_me=from_me,
            client_ref=words(message, "metadata") if from_me else "",
            answers=words(message, "reply_to", "mid"),
            pieces=tuple(_pieces(message)),
            files=tuple(_files(message)),
            raw=kept(event),
        )


def _pieces(message: Payload) -> Iterator[Piece]:
    if part(message, "quick_reply"):
        yield Pressed(text=words(message, "text"))
    if story := part(message, "reply_to", "story"):
        yield Shared(url=line(story, "url"), kind="story")
    if product := part(message, "referral", "product"):
        yield Shared(title=line(product, "id"), kind="product")
    for attachment in each(message, "attachments"):
        yield from _attached(attachment)
    if message.get("is_unsupported") is True:
        yield Unknown(kind="unsupported")


def _attached(attachment: Payload) -> Iterator[Piece]:
    kind, payload = words(attachment, "type"), part(attachment, "payload")
    place = part(payload, "coordinates")
    latitude, longitude = degrees(place, "lat", most=90), degrees(place, "long", most=180)
    if latitude is not None and longitude is not None:
        yield Spot(latitude=latitude, longitude=longitude, title=line(attachment, "title"))
    elif words(payload, "sticker_id"):
        yield Sticker()
    elif kind in _SHARED:
        title = line(payload, "title") or line(attachment, "title")
        url = line(payload, "url") or line(attachment, "url")
        yield Shared(title=title, url=url, kind=_SHARED[kind])
    elif kind not in _FILES:
        yield Unknown(kind=(kind or "attachment")[:64])


def _files(message: Payload) -> Iterator[RemoteFile]:
    for attachment in each(message, "attachments"):
        kind, url = words(attachment, "type"), words(attachment, "payload", "url")
        if kind in _FILES and url:
            name = line(attachment, "payload", "title") or line(attachment, "title")
            yield RemoteFile(
                reference=url, name=name, media_type=_FILES[kind], inline=kind != "file"
            )


def _listed_pieces(message: Payload) -> Iterator[Piece]:
    if words(message, "sticker"):
        yield Sticker()
    for shared in each(message, "shares", "data"):
        title = line(shared, "name") or line(shared, "description")
        yield Shared(title=title, url=line(shared, "link"), kind="post")
    if story := part(message, "story", "mention") or part(message, "story", "reply_to"):
        yield Shared(url=line(story, "link"), kind="story")
    if message.get("is_unsupported") is True:
        yield Unknown(kind="unsupported")


def listed_files(message: Payload) -> Iterator[RemoteFile]:
    """Give the files of a message of the Conversations API, in an order that stays."""
    for number, (url, file) in enumerate(_listed_files(message)):
        yield replace(file, reference=written_reference(words(message, "id"), number, url))


def written_reference(message: str, number: int, url: str) -> str:
    """Return what finds a file again: its address runs out, its place in a message does not."""
    return f"{message}#{number} {url}"


def read_reference(reference: str) -> tuple[str, int, str]:
    """Return the message, the place in it and the address; '' and 0 where only that is known."""
    place, space, url = reference.partition(" ")
    message, _, number = place.rpartition("#")
    if not space or not message or not number.isdecimal() or len(number) > 3:
        return "", 0, reference
    return message, int(number), url


def _listed_files(message: Payload) -> Iterator[tuple[str, RemoteFile]]:
    for file in each(message, "attachments", "data"):
        for name, usual in (("image_data", "image/jpeg"), ("video_data", "video/mp4")):
            if url := words(file, name, "url"):
                yield url, _listed_file(file, usual, inline=True)
        if url := words(file, "file_url"):
            sound = words(file, "mime_type").startswith("audio/")
            yield url, _listed_file(file, "application/octet-stream", inline=sound)
    if url := words(message, "sticker"):
        yield url, RemoteFile(reference="", media_type="image/png", inline=True)


def _listed_file(file: Payload, usual: str, *, inline: bool) -> RemoteFile:
    media_type = words(file, "mime_type").lower()[:127]
    return RemoteFile(
        reference="",
        name=line(file, "name"),
        media_type=media_type or usual,
        size=size if isinstance(size := file.get("size"), int) and 0 <= size < 2**62 else 0,
        inline=inline,
    )


def _pressed(
    event: Payload, postback: Payload, *, chat: Chat, person: Person, at: datetime
) -> Incoming:
    title = line(postback, "title") or line(postback, "payload")
    return Incoming(
        external_id=words(postback, "mid") or f"{chat.external_id}@{at.timestamp():.3f}",
        chat=chat,
        author=person,
        at=at,
        text=title,
        pieces=(Pressed(text=title),),
        raw=kept(event),
    )


def _reaction(reaction: Payload, *, chat: Chat, person: Person, at: datetime) -> Reacted:
    emoji = words(reaction, "emoji") or words(reaction, "reaction")
    taken_back = words(reaction, "action") == "unreact" or not emoji
    return Reacted(
        external_id=words(reaction, "mid"),
        chat=chat,
        author=person,
        emojis=() if taken_back else (emoji,),
        at=at,
    )


def _read(read: Payload, *, chat: Chat, at: datetime) -> Iterator[ChatItem]:
    if name := words(read, "mid"):
        yield Receipt(state=Delivery.READ, at=at, external_id=name)
    if until := second(read, "watermark"):
        yield ReadUntil(chat=chat, at=until, by_me=False)


def person_of(kind: str, number: str, told: Payload | None = None) -> Person:
    """Return somebody whom a page or an account knows by a number of its own."""
    username, name = line(told, "username"), line(told, "name")
    return Person(
        kind=kind,
        address=number,
        name=name,
        label=f"@{username}" if username else name,  # the number says nothing to anybody
        scoped=True,  # to the page, or to the app
    )


def _names(value: object) -> list[str]:
    return [name for one in value if (name := words(one))] if isinstance(value, list) else []


def _unreadable(event: Payload, name: str, at: datetime, kind: str) -> Unreadable:
    return Unreadable(
        external_id=name or f"{kind}@{at.isoformat()}",
        chat=Chat(external_id="unreadable"),
        at=at,
        why="a message without its author or its name",
        raw=kept(event),
    )
