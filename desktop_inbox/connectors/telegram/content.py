"""Reads what a message of Telegram's holds: text, pieces and files. Pure; hostile input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from desktop_inbox.connectors.chat import RemoteFile
from desktop_inbox.connectors.payload import Payload, degrees, each, line, part, whole, words
from desktop_inbox.domain.phones import normalise_phone
from desktop_inbox.domain.pieces import Card, Piece, Shared, Spot, Sticker, Unknown

# What stands beside a message's contents, or is read elsewhere.
ENVELOPE = frozenset(
    {
        "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat",
        "sender_boost_count", "sender_business_bot", "sender_tag", "date", "guest_query_id",
        "business_connection_id", "chat", "forward_origin", "is_topic_message",
        "is_automatic_forward", "reply_to_message", "external_reply", "quote",
        "reply_to_checklist_task_id", "reply_to_poll_option_id", "via_bot",
        "guest_bot_caller_user", "guest_bot_caller_chat", "edit_date", "has_protected_content",
        "is_from_offline", "is_paid_post", "media_group_id", "author_signature",
        "paid_star_count", "entities", "link_preview_options", "effect_id", "caption",
        "caption_entities", "show_caption_above_media", "has_media_spoiler", "reply_markup",
        "suggested_post_info",
    }
)  # fmt: skip
READ = frozenset(
    {
        "text", "photo", "document", "voice", "video", "video_note", "audio", "animation",
        "sticker", "location", "venue", "contact", "dice", "poll", "story", "reply_to_story",
    }
)  # fmt: skip
# Kind: what it is where Telegram does not tell, and whether it is shown in its place.
_FILES = {
    "document": ("application/octet-stream", False),
    "voice": ("audio/ogg", True),
    "audio": ("audio/mpeg", True),
    "video": ("video/mp4", True),
    "video_note": ("video/mp4", True),
    "animation": ("video/mp4", True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message says."""

    text: str
    pieces: tuple[Piece, ...]
    files: tuple[RemoteFile, ...]


def read_content(message: Payload) -> Content:
    """Return all that a message holds; what is not known yet is named as such."""
    text = _text(message, "text", "entities") or _text(message, "caption", "caption_entities")
    told = [one for one in (text, _dice(message), _poll(message)) if one]
    return Content(
        text="\n\n".join(told), pieces=tuple(_pieces(message)), files=tuple(_files(message))
    )


def _text(message: Payload, name: str, marks: str) -> str:
    """Return a text whose hidden links are written out; marks count in UTF-16."""
    text = words(message, name)
    links = [
        (whole(mark, "offset") + whole(mark, "length"), line(mark, "url"))
        for mark in each(message, marks)
        if words(mark, "type") == "text_link"
    ]
    if not links:
        return text
    encoded, pieces, done = text.encode("utf-16-le"), [], 0
    for end, url in sorted(links):
        stop = min(max(2 * end, done), len(encoded))
        pieces += [encoded[done:stop].decode("utf-16-le", "replace"), f" ({url})"]
        done = stop
    return "".join((*pieces, encoded[done:].decode("utf-16-le", "replace")))


def _dice(message: Payload) -> str:
    dice = part(message, "dice")
    return f"{words(dice, 'emoji')} {whole(dice, 'value')}" if dice else ""


def _poll(message: Payload) -> str:
    poll = part(message, "poll")
    if not poll:
        return ""
    options = [f"- {line(option, 'text')}" for option in each(poll, "options")]
    return "\n".join((f"📊 {line(poll, 'question')}", *options))


def _pieces(message: Payload) -> Iterator[Piece]:
    venue, place = part(message, "venue"), part(message, "location")
    place = part(venue, "location") or place
    latitude = degrees(place, "latitude", most=90)
    longitude = degrees(place, "longitude", most=180)
    if latitude is not None and longitude is not None:
        yield Spot(
            latitude=latitude,
            longitude=longitude,
            title=line(venue, "title"),
            address=line(venue, "address"),
        )
    if contact := part(message, "contact"):
        name = " ".join(filter(None, (line(contact, "first_name"), line(contact, "last_name"))))
        said = line(contact, "phone_number")
        phone = normalise_phone(f"+{said.lstrip('+')}") or said
        yield Card(name=name, phones=(phone,) if phone else ())
    if sticker := part(message, "sticker"):
        yield Sticker(emoji=words(sticker, "emoji"))
    if part(message, "story") or part(message, "reply_to_story"):
        yield Shared(kind="story")
    for name in sorted(message.keys() - ENVELOPE - READ):
        yield Unknown(kind=str(name)[:64])


def _files(message: Payload) -> Iterator[RemoteFile]:
    if sizes := each(message, "photo"):
        largest = max(sizes, key=lambda size: whole(size, "width") * whole(size, "height"))
        yield from _file(largest, "image/jpeg", inline=True)
    for name, (media_type, inline) in _FILES.items():
        # An animation comes as a document too, for those who know none.
        if (file := part(message, name)) and not (name == "document" and "animation" in message):
            yield from _file(file, words(file, "mime_type") or media_type, inline=inline)
    if sticker := part(message, "sticker"):
        moving = sticker.get("is_animated") is True  # a format of Telegram's own
        shown = part(sticker, "thumbnail") if moving else sticker
        video = sticker.get("is_video") is True
        yield from _file(shown, "video/webm" if video else "image/webp", inline=True)


def _file(file: Payload, media_type: str, *, inline: bool) -> Iterator[RemoteFile]:
    reference = words(file, "file_id")
    if reference:
        yield RemoteFile(
            reference=reference,
            name=line(file, "file_name"),
            media_type=media_type.lower()[:127],
            size=max(whole(file, "file_size"), 0),
            inline=inline,
        )
