"""Reads what happens in rooms, whatever was sent: nothing here raises. Pure.

An event may say another anew that only the server knows; `replaces` tells which, and whoever
reads brings it along.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from desktop_inbox.connectors.chat import (
    ChatItem,
    Edited,
    Incoming,
    Moved,
    Reacted,
    ReadUntil,
    Receipt,
    RemoteFile,
    Withdrawn,
)
from desktop_inbox.connectors.matrix.rooms import Room, is_state
from desktop_inbox.connectors.payload import EPOCH, Payload, kept, line, part, second, whole, words
from desktop_inbox.domain.messages import Delivery, MessageClass
from desktop_inbox.domain.pieces import SEALED, Piece, Spot, Sticker, Unknown
from desktop_inbox.mime.html.text import to_text

REF = "org.desktop-inbox.ref"  # in what we send: our own name of it
FURTHER = "/"  # between that and the number of a further part of one message
_FILES = {"m.image": True, "m.audio": True, "m.video": True, "m.file": False}
_SILENT = ("m.call.", "m.key.verification.", "org.matrix.call.", "m.room.", "m.poll.response")
_GEO = re.compile(r"geo:(-?[0-9.]{1,20}),(-?[0-9.]{1,20})(?:[,;].*)?")
_QUOTE = re.compile(r"(?:> [^\n]*\n)+\n?")
_REPLY = re.compile(r"<mx-reply>.*?</mx-reply>", re.DOTALL)
_LONGEST_EMOJI = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an event that another speaks of."""

    sender: str
    at: datetime


Beside = Mapping[str, Known]
# All that somebody thinks of a message, as the server holds it, by message and person: each
# reaction's name and its emoji.
Feelings = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]


def event_id(event: Payload) -> str:
    return words(event, "event_id")


def moment(event: Payload) -> datetime:
    """Return when the server of an event's author had it."""
    stamp = whole(event, "origin_server_ts")
    return datetime.fromtimestamp(stamp / 1000, UTC) if 0 < stamp < 32_503_680_000_000 else EPOCH


def known_of(event: Payload) -> Known:
    """Return what is to be remembered of an event."""
    return Known(sender=words(event, "sender"), at=moment(event))


def replaces(event: Payload) -> str:
    """Return the id of the event that this one says anew, '' for none."""
    relation = part(event, "content", "m.relates_to")
    return words(relation, "event_id") if words(relation, "rel_type") == "m.replace" else ""


def reacts_to(event: Payload) -> tuple[str, str]:
    """Return which message a reaction is to, and whose it is; '' where it is none."""
    relation = part(event, "content", "m.relates_to")
    if words(event, "type") != "m.reaction" or words(relation, "rel_type") != "m.annotation":
        return "", ""
    return words(relation, "event_id"), words(event, "sender")


def feeling(reactions: list[Payload], user_id: str) -> tuple[tuple[str, str], ...]:
    """Return what somebody thinks of a message, from all that anybody does: names and emojis."""
    named = (
        (event_id(one), line(one, "content", "m.relates_to", "key")[:_LONGEST_EMOJI])
        for one in reactions
        if words(one, "sender") == user_id
    )
    return tuple(filter(all, named))


def read(event: Payload, *, room: Room, beside: Beside, feelings: Feelings) -> Iterator[ChatItem]:
    """Yield what an event says; `raw` holds it as it came, decrypted where it was sealed."""
    kind = words(event, "type")
    if not event_id(event) or not words(event, "sender"):
        return
    if is_state(event):
        if kind == "m.room.tombstone":
            yield from _moved(event, room)
    elif kind == "m.room.redaction":
        if target := words(event, "redacts") or words(event, "content", "redacts"):
            yield Withdrawn(external_id=target, chat=room.chat, at=moment(event))
    elif kind == "m.reaction":
        target, user_id = reacts_to(event)
        yield from _reacted(target, user_id, moment(event), room, feelings)
    elif replaces(event):
        yield from _edited(event, room, beside)
    else:
        yield from _said(event, room)


def receipts(content: Payload, *, room: Room, beside: Beside) -> Iterator[ChatItem]:
    """Yield how far people have read (m.receipt)."""
    for target, user_id, at in readers(content):
        known = beside.get(target)
        if known is None:
            continue
        yield ReadUntil(chat=room.chat, at=known.at, by_me=user_id == room.me)
        if user_id != room.me and known.sender == room.me:
            yield Receipt(state=Delivery.READ, at=at or known.at, external_id=target)


def readers(content: Payload) -> Iterator[tuple[str, str, datetime | None]]:
    """Yield up to which event somebody has read, who, and when."""
    for target in content:
        for kind in ("m.read", "m.read.private"):
            people = part(content, target, kind)
            for user_id in people:
                yield target, user_id, second(people, user_id, "ts")


# What is said


def _said(event: Payload, room: Room) -> Iterator[ChatItem]:
    content, kind = part(event, "content"), words(event, "type")
    from_me = words(event, "sender") == room.me
    ref = words(content, REF) if from_me else ""
    if not content or FURTHER in ref:
        return  # taken back before we came, or a part of what is here
    if kind.startswith(_SILENT) and kind not in _SAYS:
        return
    text, pieces, files = _content(event)
    yield Incoming(
        external_id=event_id(event),
        chat=room.chat,
        author=room.partner() if from_me else room.person(words(event, "sender")),
        at=moment(event),
        text=text,
        from_me=from_me,
        client_ref=ref,
        answers=_answers(content),
        kind=(
            MessageClass.AUTOMATED
            if words(content, "msgtype") == "m.notice" and not from_me
            else MessageClass.HUMAN
        ),
        pieces=pieces,
        files=files,
        raw=kept(event),
    )


_SAYS = frozenset({"m.room.message", "m.room.encrypted"})


def _content(event: Payload) -> tuple[str, tuple[Piece, ...], tuple[RemoteFile, ...]]:
    content, kind = part(event, "content"), words(event, "type")
    if kind == "m.room.encrypted":
        return "", (Unknown(kind=SEALED),), ()
    if kind == "m.sticker":
        return "", (Sticker(emoji=line(content, "body")[:_LONGEST_EMOJI]),), _files(content)
    if kind != "m.room.message":
        return text_of(content), (Unknown(kind=line({"it": kind}, "it")[:100]),), ()
    msgtype = words(content, "msgtype")
    if msgtype in _FILES:
        return _caption(content), (), _files(content)
    if msgtype == "m.location" and (spot := _spot(content)) is not None:
        return "", (spot,), ()
    text = text_of(content)
    if not text:
        return "", (Unknown(kind=line(content, "msgtype")[:100] or "m.room.message"),), ()
    return text, (), ()


def text_of(content: Payload) -> str:
    """Return what a message says as plain text, without what it quotes of another."""
    quotes = bool(_answers(content))
    if words(content, "format") == "org.matrix.custom.html":
        markup = words(content, "formatted_body")
        text = to_text(_REPLY.sub("", markup) if quotes else markup).strip()
        if text:
            return text
    body = words(content, "body")
    return (_QUOTE.sub("", body, count=1) if quotes and body.startswith("> ") else body).strip()


def _caption(content: Payload) -> str:
    """Return what is said of a file; without a name beside it, the text is the name."""
    name = words(content, "filename")
    return text_of(content) if name and name != words(content, "body") else ""


def _files(content: Payload) -> tuple[RemoteFile, ...]:
    sealed = part(content, "file")
    address = words(sealed, "url") or words(content, "url")
    if not address.startswith("mxc://"):
        return ()
    msgtype = words(content, "msgtype") or "m.image"  # a sticker is a picture
    told: dict[str, object] = {"url": address}
    if sealed:
        told = {name: sealed.get(name) for name in ("url", "key", "iv", "hashes")}
    name = line(content, "filename") or line(content, "body")
    return (
        RemoteFile(
            reference=json.dumps(told),
            name=name[:200],
            media_type=line(content, "info", "mimetype")[:100] or "application/octet-stream",
            size=max(whole(content, "info", "size"), 0),
            inline=_FILES.get(msgtype, False),
        ),
    )


def _spot(content: Payload) -> Spot | None:
    found = _GEO.fullmatch(words(content, "geo_uri")[:200])
    try:
        latitude, longitude = (float(one) for one in found.groups()) if found else (math.nan,) * 2
    except ValueError:
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return Spot(latitude=latitude, longitude=longitude, title=line(content, "body")[:200])


def _answers(content: Payload) -> str:
    relation = part(content, "m.relates_to")
    if relation.get("is_falling_back") is True:  # a thread, told to programs that know none
        return ""
    return words(relation, "m.in_reply_to", "event_id")


# What becomes of it


def _edited(event: Payload, room: Room, beside: Beside) -> Iterator[ChatItem]:
    target = replaces(event)
    known, sender = beside.get(target), words(event, "sender")
    new = part(event, "content", "m.new_content")
    if known is None or known.sender != sender or (sender == room.me and words(new, REF)):
        return  # nobody changes what another wrote; what we changed here we know
    if words(event, "type") == "m.room.encrypted":
        return  # it comes again with its key
    yield Edited(
        external_id=target, chat=room.chat, at=moment(event), text=text_of(new), raw=kept(event)
    )


def _reacted(
    target: str, user_id: str, at: datetime, room: Room, feelings: Feelings
) -> Iterator[ChatItem]:
    now = feelings.get((target, user_id))
    if now is not None:
        author = None if user_id == room.me else room.person(user_id)
        emojis = tuple(dict.fromkeys(emoji for _, emoji in now))
        yield Reacted(
            external_id=target, chat=room.chat, author=author, emojis=emojis, at=at, named=now
        )


def _moved(event: Payload, room: Room) -> Iterator[ChatItem]:
    if onward := words(event, "content", "replacement_room"):
        chat = room.chat
        yield Moved(
            old=room.id, new=type(chat)(external_id=onward, title=chat.title, group=chat.group)
        )
