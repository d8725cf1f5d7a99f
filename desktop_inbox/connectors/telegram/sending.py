"""Plans the calls that deliver a message through Telegram: text, files, pieces, buttons. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from desktop_inbox.connectors.errors import PermanentError, PermanentReason
from desktop_inbox.connectors.http_api import Upload
from desktop_inbox.connectors.telegram.info import (
    MAX_CAPTION,
    MAX_PHOTO_BYTES,
    MAX_TEXT,
    MAX_UPLOAD_BYTES,
)
from desktop_inbox.connectors.telegram.places import Place, read_number, read_place
from desktop_inbox.domain.messages import Outgoing, OutgoingFile
from desktop_inbox.domain.pieces import Button, Card, Spot, Sticker
from desktop_inbox.domain.splitting import split_text, utf16_units

_ALBUM = 10
_CALLBACK_BYTES = 64
# What is sent as what: the method and the field of the file. Anything else is a document.
_AS = {
    "photo": "sendPhoto",
    "video": "sendVideo",
    "audio": "sendAudio",
    "voice": "sendVoice",
    "animation": "sendAnimation",
    "document": "sendDocument",
}
_KINDS = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "image/gif": "animation",
    "video/mp4": "video",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "voice",
}
# What may stand in one album, by the kind of its files.
_ALBUMS = {"photo": "pictures", "video": "pictures", "document": "documents", "audio": "audio"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One method to call, in its turn."""

    method: str
    content: Mapping[str, object]
    files: tuple[Upload, ...] = ()
    chat: Mapping[str, object] = field(default_factory=dict)

    @property
    def whole(self) -> Mapping[str, object]:
        return {**self.chat, **self.content}

    def to(self, chat: int) -> Call:
        """Return the same call for a chat that has another number now."""
        return replace(self, chat={**self.chat, "chat_id": chat})


def place_of(message: Outgoing) -> Place:
    """Return where a message goes. *Raises:* PermanentError(RECIPIENT)."""
    if message.chat:
        return read_place(message.chat)
    return read_place(message.to[0].address if message.to else "")


def plan(message: Outgoing) -> list[Call]:
    """Return the calls that deliver a message, in order; the first one stands for all.

    *Raises:* PermanentError where Telegram takes none of it.
    """
    place = place_of(message)
    chat: dict[str, object] = {"chat_id": place.chat}
    if place.business:
        chat["business_connection_id"] = place.business
    if place.topic:
        chat["message_thread_id"] = place.topic
    calls = [replace(call, chat=chat) for call in _calls(message)]
    if not calls:
        raise PermanentError("nothing to send", step="body")
    if number := read_number(message.in_reply_to):
        answers = {"message_id": number, "allow_sending_without_reply": True}
        content = {**calls[0].content, "reply_parameters": answers}
        calls[0] = replace(calls[0], content=content)
    return calls


def _calls(message: Outgoing) -> Iterator[Call]:
    albums = list(_albums(message.attachments))
    markup = _markup([one for one in message.pieces if isinstance(one, Button)])
    text = message.text.strip()
    # An album has no buttons, and a long text is no caption.
    alone = len(albums) == 1 and (len(albums[0]) == 1 or not markup)
    captioned = bool(alone and text and utf16_units(text) <= MAX_CAPTION)
    if not captioned:
        parts = split_text(text, MAX_TEXT, measure=utf16_units)
        for number, part in enumerate(parts, start=1):
            yield _text(part, markup if number == len(parts) else {})
    for album in albums:
        extra = markup if captioned or not text else {}
        yield _files(album, text if captioned else "", extra if len(album) == 1 else {})
    yield from _pieces(message)
    if markup and not text and not (albums and len(albums[-1]) == 1):
        yield _text("⬇️", markup)


def _text(text: str, markup: Mapping[str, object]) -> Call:
    return Call(method="sendMessage", content={"text": text, **markup})


def _markup(buttons: Sequence[Button]) -> dict[str, object]:
    if not buttons:
        return {}
    rows = [
        [{"text": one.text, "url": one.url} if one.url else
         {"text": one.text, "callback_data": _data(one.text, number)}]
        for number, one in enumerate(buttons, start=1)
    ]  # fmt: skip
    return {"reply_markup": {"inline_keyboard": rows}}


def _data(text: str, number: int) -> str:
    """Return what a press tells: the words, so far as there is room, and never another's."""
    if len(text.encode()) <= _CALLBACK_BYTES:
        return text
    ending = f"… {number}".encode()
    return text.encode()[: _CALLBACK_BYTES - len(ending)].decode(errors="ignore") + ending.decode()


def _albums(files: Sequence[OutgoingFile]) -> Iterator[list[tuple[str, OutgoingFile]]]:
    """Give files as they go together: up to ten that may stand in one album, else one."""
    for file in files:
        if file.size > MAX_UPLOAD_BYTES:
            raise PermanentError(
                f"{file.name}: more than {MAX_UPLOAD_BYTES} bytes",
                reason=PermanentReason.TOO_LARGE,
                step="files",
            )
    kinds = [(_kind(file), file) for file in files]
    for album, group in groupby(kinds, key=lambda one: _ALBUMS.get(one[0], "")):
        together = list(group)
        size = _ALBUM if album else 1
        for start in range(0, len(together), size):
            yield together[start : start + size]


def _kind(file: OutgoingFile) -> str:
    kind = _KINDS.get(file.media_type.lower(), "document")
    return "document" if kind == "photo" and file.size > MAX_PHOTO_BYTES else kind


def _files(
    album: Sequence[tuple[str, OutgoingFile]], caption: str, markup: Mapping[str, object]
) -> Call:
    said = {"caption": caption} if caption else {}
    if len(album) == 1:
        kind, file = album[0]
        return Call(method=_AS[kind], content={**said, **markup}, files=(_upload(kind, file),))
    media = [
        {"type": kind, "media": f"attach://file{number}", **(said if number == 0 else {})}
        for number, (kind, _file) in enumerate(album)
    ]
    uploads = tuple(_upload(f"file{number}", file) for number, (_kind, file) in enumerate(album))
    return Call(method="sendMediaGroup", content={"media": media}, files=uploads)


def _upload(field_name: str, file: OutgoingFile) -> Upload:
    return Upload(field=field_name, name=file.name, media_type=file.media_type, path=file.path)


def _pieces(message: Outgoing) -> Iterator[Call]:
    for piece in message.pieces:
        match piece:
            case Spot(title="") | Spot(address=""):
                yield Call(
                    method="sendLocation",
                    content={"latitude": piece.latitude, "longitude": piece.longitude},
                )
            case Spot():
                yield Call(
                    method="sendVenue",
                    content={
                        "latitude": piece.latitude,
                        "longitude": piece.longitude,
                        "title": piece.title,
                        "address": piece.address,
                    },
                )
            case Card(phones=(phone, *_)):
                yield Call(
                    method="sendContact",
                    content={"phone_number": phone, "first_name": piece.name or phone},
                )
            case Sticker(emoji=emoji) if emoji:
                yield _text(emoji, {})
