"""Reads what WhatsApp's Cloud API sends: messages, echoes, receipts, calls. Pure; hostile input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from desktop_inbox.connectors.chat import (
    Chat,
    ChatItem,
    Edited,
    Incoming,
    Moved,
    Person,
    Reacted,
    Receipt,
    RemoteFile,
    Unreadable,
    Withdrawn,
)
from desktop_inbox.connectors.meta.codes import reason_of
from desktop_inbox.connectors.payload import (
    Payload,
    degrees,
    each,
    kept,
    line,
    part,
    second,
    whole,
    words,
)
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.phones import normalise_phone
from desktop_inbox.domain.pieces import (
    Call,
    CallOutcome,
    Card,
    Piece,
    Pressed,
    Shared,
    Spot,
    Sticker,
    Unknown,
)

_STATES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "played": Delivery.READ,
    "failed": Delivery.FAILED,
}
_FILES = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/ogg",
    "document": "application/octet-stream",
    "sticker": "image/webp",
}
_QUIET = frozenset({"request_welcome", "system"})


def read_value(value: Payload, *, now: datetime) -> Iterator[ChatItem]:
    """Give what one change brings."""
    reader = _Reader(value=value, now=now)
    for message in each(value, "messages"):
        yield from reader.message(message)
    for name in ("message_echoes", "smb_message_echoes"):
        for message in each(value, name):
            yield from reader.message(message, from_me=True)
    for status in each(value, "statuses"):
        yield from reader.status(status)
    for call in each(value, "calls"):
        yield from reader.call(call)
    for chunk in each(value, "history"):
        for thread in each(chunk, "threads"):
            for message in each(thread, "messages"):
                yield from reader.message(message, from_me=reader.is_ours(message))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    value: Payload
    now: datetime

    def is_ours(self, message: Payload) -> bool:
        number = words(self.value, "metadata", "display_phone_number")
        return bool(number) and _digits(words(message, "from")) == _digits(number)

    def message(self, message: Payload, *, from_me: bool = False) -> Iterator[ChatItem]:
        side = "to" if from_me else "from"
        person = self._person(words(message, side), words(message, f"{side}_user_id"))
        name, kind = words(message, "id"), words(message, "type")
        at = second(message, "timestamp") or self.now
        if person is None or not name:
            yield _unreadable(message, name, at)
            return
        chat = _chat(message, person)
        match kind:
            case "reaction":
                emoji = words(message, "reaction", "emoji")
                yield Reacted(
                    external_id=words(message, "reaction", "message_id"),
                    chat=chat,
                    author=None if from_me else person,
                    emojis=(emoji,) if emoji else (),
                    at=at,
                )
            case "revoke":
                gone = words(message, "revoke", "original_message_id")
                yield Withdrawn(external_id=gone, chat=chat, at=at)
            case "edit":
                content = part(message, "edit", "message")
                yield Edited(
                    external_id=words(message, "edit", "original_message_id"),
                    chat=chat,
                    at=at,
                    text=_text(content),
                    pieces=tuple(_pieces(content)),
                    raw=kept(message),
                )
            case "system":
                yield from _moved(message, chat)
            case _ if kind not in _QUIET:
                yield Incoming(
                    external_id=name,
                    chat=chat,
                    author=person,
                    at=at,
                    text=_text(message),
                    from_me=from_me,
                    answers=words(message, "context", "id"),
                    pieces=tuple(_pieces(message)),
                    files=tuple(_files(message)),
                    raw=kept(message),
                )

    def status(self, status: Payload) -> Iterator[ChatItem]:
        state = _STATES.get(words(status, "status"))
        if state is None or not words(status, "id") or words(status, "type") == "call":
            return
        failed = state is Delivery.FAILED
        error = next(iter(each(status, "errors")), {})
        told = words(error, "error_data", "details") or words(error, "title")
        yield Receipt(
            state=state,
            at=second(status, "timestamp") or self.now,
            external_id=words(status, "id"),
            client_ref=words(status, "biz_opaque_callback_data"),
            code=reason_of(whole(error, "code")).value if failed else "",
            detail=f"{words(error, 'code')} {told}".strip() if failed else "",
        )

    def call(self, call: Payload) -> Iterator[ChatItem]:
        """Tell of a call when it is over; how it was set up is between the two ends."""
        if words(call, "event") != "terminate" or not words(call, "id"):
            return
        from_me = words(call, "direction") == "BUSINESS_INITIATED"
        person = self._person(words(call, "to" if from_me else "from"), "")
        if person is None:
            return
        seconds = max(whole(call, "duration"), 0)
        answered = words(call, "status").upper() == "COMPLETED" and seconds > 0
        outcome = CallOutcome.ANSWERED if answered else CallOutcome.MISSED
        yield Incoming(
            external_id=words(call, "id"),
            chat=_chat(call, person),
            author=person,
            at=second(call, "start_time") or second(call, "timestamp") or self.now,
            from_me=from_me,
            pieces=(Call(outcome=outcome, seconds=seconds),),
            raw=kept(call),
        )

    def _person(self, number: str, scoped_id: str) -> Person | None:
        """Return who it is; a number may be withheld, and an id is known to this business only."""
        contact = self._contact(number, scoped_id)
        scoped = line(scoped_id) or line(contact, "user_id")
        username = line(contact, "profile", "username")
        name, label = line(contact, "profile", "name"), f"@{username}" if username else ""
        phone = normalise_phone(f"+{number.lstrip('+')}") if number else ""
        if phone:
            attested = (("whatsapp", scoped),) if scoped else ()
            return Person(kind="phone", address=phone, name=name, label=label, attested=attested)
        address = scoped or line(number)
        if not address:
            return None
        return Person(kind="whatsapp", address=address, name=name, label=label, scoped=True)

    def _contact(self, number: str, scoped_id: str) -> Payload:
        contacts = each(self.value, "contacts")
        for contact in contacts:
            if number and words(contact, "wa_id") == number:
                return contact
            if scoped_id and words(contact, "user_id") == scoped_id:
                return contact
        return contacts[0] if len(contacts) == 1 and not number and not scoped_id else {}


def _chat(message: Payload, person: Person) -> Chat:
    if group := words(message, "group_id"):
        return Chat(external_id=group, group=True)
    return Chat(external_id=person.address)


def _moved(message: Payload, chat: Chat) -> Iterator[ChatItem]:
    """Tell that a customer has another number now."""
    number = words(message, "system", "wa_id") or words(message, "system", "new_wa_id")
    phone = normalise_phone(f"+{number.lstrip('+')}") if number else ""
    if phone and phone != chat.external_id:
        yield Moved(old=chat.external_id, new=Chat(external_id=phone))


def _text(message: Payload) -> str:
    kind = words(message, "type")
    match kind:
        case "text":
            return words(message, "text", "body")
        case "button":
            return words(message, "button", "text")
        case "interactive":
            return _chosen(part(message, "interactive"))
        case "order":
            return _order(part(message, "order"))
        case _ if kind in _FILES:
            return words(message, kind, "caption")
    return ""


def _chosen(interactive: Payload) -> str:
    answer = part(interactive, words(interactive, "type"))
    told = (words(answer, "title"), words(answer, "description"), words(answer, "response"))
    return "\n".join(filter(None, told)) or words(answer, "body") or words(answer, "name")


def _order(order: Payload) -> str:
    lines = [words(order, "text")]
    for item in each(order, "product_items"):
        price = item.get("item_price")
        told = f"{price} {line(item, 'currency')}" if isinstance(price, int | float) else ""
        name = line(item, "product_retailer_id")
        lines.append(f"{whole(item, 'quantity')} × {name} {told}".rstrip())
    return "\n".join(filter(None, lines))


def _pieces(message: Payload) -> Iterator[Piece]:
    kind = words(message, "type")
    match kind:
        case "text" | "image" | "video" | "audio" | "document" | "order":
            pass
        case "sticker":
            yield Sticker()
        case "location":
            yield from _spot(part(message, "location"))
        case "contacts":
            yield from map(_card, each(message, "contacts"))
        case "button" | "interactive":
            told = _text(message)
            yield Pressed(text=told) if told else Unknown(kind=kind)
        case _:
            named = words(message, "unsupported", "type") or kind or "message"
            yield Unknown(kind=named[:64])
    if referral := part(message, "referral"):
        yield Shared(
            title=line(referral, "headline"),
            url=line(referral, "source_url"),
            kind=line(referral, "source_type"),
        )
    if product := line(message, "context", "referred_product", "product_retailer_id"):
        yield Shared(title=product, kind="product")


def _spot(place: Payload) -> Iterator[Piece]:
    latitude, longitude = degrees(place, "latitude", most=90), degrees(place, "longitude", most=180)
    if latitude is None or longitude is None:
        yield Unknown(kind="location")
        return
    yield Spot(
        latitude=latitude,
        longitude=longitude,
        title=line(place, "name"),
        address=line(place, "address"),
    )


def _card(contact: Payload) -> Card:
    phones = (line(one, "phone") or line(one, "wa_id") for one in each(contact, "phones"))
    emails = (line(one, "email") for one in each(contact, "emails"))
    return Card(
        name=line(contact, "name", "formatted_name"),
        phones=tuple(normalise_phone(phone) or phone for phone in phones if phone),
        emails=tuple(filter(None, emails)),
    )


def _files(message: Payload) -> Iterator[RemoteFile]:
    kind = words(message, "type")
    usual = _FILES.get(kind)
    file = part(message, kind)
    reference = words(file, "id") or words(file, "link")
    if usual and reference:
        media_type = words(file, "mime_type").partition(";")[0].strip().lower()
        yield RemoteFile(
            reference=reference,
            name=line(file, "filename"),
            media_type=media_type[:127] or usual,
            inline=kind != "document",
        )


def _unreadable(message: Payload, name: str, at: datetime) -> Unreadable:
    return Unreadable(
        external_id=name or f"whatsapp@{at.isoformat()}",
        chat=Chat(external_id="unreadable"),
        at=at,
        why="a message without its author or its name",
        raw=kept(message),
    )


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))
