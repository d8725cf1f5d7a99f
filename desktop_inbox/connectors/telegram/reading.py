"""Reads an update of Telegram's Bot API into what it brings. Pure; hostile input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desktop_inbox.connectors.chat import (
    Chat,
    ChatItem,
    Edited,
    Incoming,
    Moved,
    Person,
    Profile,
    Reacted,
    Unreadable,
    Withdrawn,
)
from desktop_inbox.connectors.payload import Payload, each, kept, line, part, second, whole, words
from desktop_inbox.connectors.telegram.content import Content, read_content
from desktop_inbox.connectors.telegram.places import Place
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.phones import normalise_phone
from desktop_inbox.domain.pieces import Pressed

# Asked for by name: the usual set leaves reactions out. "poll", "inline_query" and such are not
# for an inbox.
UPDATES = (
    "message",
    "edited_message",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "my_chat_member",
    "callback_query",
)
_BUSINESS_WINDOW = timedelta(hours=24)
_GROUPS = frozenset({"group", "supergroup", "channel"})
# What groups say of themselves; nobody answers that.
HOUSEKEEPING = frozenset(
    {
        "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo",
        "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
        "channel_chat_created", "message_auto_delete_timer_changed", "pinned_message",
        "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
        "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
        "video_chat_scheduled", "video_chat_started", "video_chat_ended",
        "video_chat_participants_invited", "boost_added", "chat_background_set",
        "write_access_allowed", "connected_website", "proximity_alert_triggered",
        "chat_owner_left", "chat_owner_changed",
    }
)  # fmt: skip


class Groups(StrEnum):
    """Which messages of groups count as written to us."""

    MENTIONED = "mentioned"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """Who we are to Telegram."""

    id: int = 0
    username: str = ""


def read_update(
    update: object, *, bot: Bot, groups: Groups = Groups.ALL, now: datetime
) -> tuple[ChatItem, ...]:
    """Return what an update brings, nothing where it is none of our business.

    `now` stands in where Telegram tells no time.
    """
    return tuple(_Reader(bot=bot, groups=groups, now=now).items(update))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    bot: Bot
    groups: Groups
    now: datetime

    def items(self, update: object) -> Iterator[ChatItem]:
        for name in ("message", "business_message"):
            if message := part(update, name):
                yield from self._message(message, update)
        for name in ("edited_message", "edited_business_message"):
            if message := part(update, name):
                yield from self._edit(message, update)
        if deleted := part(update, "deleted_business_messages"):
            yield from self._deleted(deleted)
        if reaction := part(update, "message_reaction"):
            yield from self._reaction(reaction)
        if pressed := part(update, "callback_query"):
            yield from self._press(pressed, update)
        if member := part(update, "my_chat_member"):
            yield from self._member(member)

    def _message(self, message: Payload, update: object) -> Iterator[ChatItem]:
        place, number = _place(message), whole(message, "message_id")
        if place is None or not number:
            yield self._unreadable(update, "a message without a chat or a number")
            return
        chat = _chat(message, place)
        if moved := whole(message, "migrate_to_chat_id"):
            yield Moved(old=str(place), new=_renamed(chat, Place(chat=moved)))
            return
        if moved := whole(message, "migrate_from_chat_id"):
            yield Moved(old=str(Place(chat=moved)), new=chat)
            return
        if HOUSEKEEPING.intersection(message) or not self._is_for_us(message, chat):
            return
        at = second(message, "date") or self.now
        content = read_content(message)
        from_me = _is_own(message, place)
        answered = part(message, "reply_to_message")
        yield Incoming(
            external_id=place.message(number),
            chat=chat,
            author=_counterpart(message) if from_me else _author(message, content),
            at=at,
            text=content.text,
            from_me=from_me,
            answers=_answered(place, answered),
            kind=_kind(message, from_me=from_me),
            pieces=content.pieces,
            files=content.files,
            raw=kept(update),
            reply_until=at + _BUSINESS_WINDOW if place.business and not from_me else None,
        )

    def _edit(self, message: Payload, update: object) -> Iterator[ChatItem]:
        place, number = _place(message), whole(message, "message_id")
        if place is None or not number:
            yield self._unreadable(update, "an edit without a chat or a number")
            return
        chat = _chat(message, place)
        if not self._is_for_us(message, chat):
            return
        content = read_content(message)
        yield Edited(
            external_id=place.message(number),
            chat=chat,
            at=second(message, "edit_date") or self.now,
            text=content.text,
            pieces=content.pieces,
            raw=kept(update),
        )

    def _deleted(self, deleted: Payload) -> Iterator[ChatItem]:
        place = _place(deleted)
        numbers = deleted.get("message_ids")
        if place is None or not isinstance(numbers, list):
            return
        chat = _chat(deleted, place)
        for number in numbers:
            if whole(number):
                yield Withdrawn(external_id=place.message(whole(number)), chat=chat, at=self.now)

    def _reaction(self, reaction: Payload) -> Iterator[ChatItem]:
        place, number = _place(reaction), whole(reaction, "message_id")
        person = _person(part(reaction, "user")) or _group_person(part(reaction, "actor_chat"))
        if place is None or not number or person is None:
            return
        emojis = (words(one, "emoji") for one in each(reaction, "new_reaction"))
        yield Reacted(
            external_id=place.message(number),
            chat=_chat(reaction, place),
            author=person,
            emojis=tuple(emoji for emoji in emojis if emoji),
            at=second(reaction, "date") or self.now,
        )

    def _press(self, pressed: Payload, update: object) -> Iterator[ChatItem]:
        message = part(pressed, "message")
        place, person = _place(message), _person(part(pressed, "from"))
        if place is None or person is None:
            return
        number = whole(message, "message_id")
        label = _label(message, words(pressed, "data"))
        yield Incoming(
            external_id=f"{place.message(number)}+{words(pressed, 'id')}",
            chat=_chat(message, place),
            author=person,
            at=self.now,
            text=label,
            answers=place.message(number),
            pieces=(Pressed(text=label),),
            raw=kept(update),
        )

    def _member(self, member: Payload) -> Iterator[ChatItem]:
        person = _person(part(member, "from"))
        if person is not None and words(member, "chat", "type") == "private":
            yield Profile(person=person)

    def _is_for_us(self, message: Payload, chat: Chat) -> bool:
        if not chat.group or self.groups is Groups.ALL:
            return True
        return self.groups is Groups.MENTIONED and _mentions(message, self.bot)

    def _unreadable(self, update: object, why: str) -> Unreadable:
        return Unreadable(
            external_id=f"update#{words(update, 'update_id')}",
            chat=Chat(external_id="unreadable"),
            at=self.now,
            why=why,
            raw=kept(update),
        )


def _place(message: Payload) -> Place | None:
    chat = whole(message, "chat", "id")
    if not chat:
        return None
    topic = whole(message, "message_thread_id") if message.get("is_topic_message") is True else 0
    business = words(message, "business_connection_id")
    return Place(chat=chat, topic=topic, business=business)


def _chat(message: Payload, place: Place) -> Chat:
    chat = part(message, "chat")
    group = words(chat, "type") in _GROUPS
    topic = line(message, "reply_to_message", "forum_topic_created", "name")
    titles = [one for one in (line(chat, "title"), topic if place.topic else "") if one]
    return Chat(external_id=str(place), title=" › ".join(titles) if group else "", group=group)


def _renamed(chat: Chat, place: Place) -> Chat:
    return Chat(external_id=str(place), title=chat.title, group=chat.group)


def _person(user: Payload, *, attested: tuple[tuple[str, str], ...] = ()) -> Person | None:
    number = whole(user, "id")
    if not number:
        return None
    username = line(user, "username")
    return Person(
        kind="telegram",
        address=str(number),
        name=" ".join(filter(None, (line(user, "first_name"), line(user, "last_name")))),
        label=f"@{username}" if username else "",
        language=line(user, "language_code"),
        attested=attested,
    )


def _group_person(chat: Payload) -> Person | None:
    """Return a group or channel that speaks as such, as its anonymous administrators do."""
    return _person({**chat, "first_name": chat.get("title") or chat.get("first_name")})


def _author(message: Payload, content: Content) -> Person:
    """Return who wrote; the phone number of whoever sent their own contact is vouched for."""
    contact = part(message, "contact")
    phone = ""
    if whole(contact, "user_id") and whole(contact, "user_id") == whole(message, "from", "id"):
        phone = normalise_phone(f"+{words(contact, 'phone_number').lstrip('+')}")
    attested = (("phone", phone),) if phone else ()
    return (
        _group_person(part(message, "sender_chat"))
        or _person(part(message, "from"), attested=attested)
        or _counterpart(message)
    )


def _counterpart(message: Payload) -> Person:
    """Return whom a private chat is with."""
    person = _group_person(part(message, "chat"))
    assert person is not None  # a chat without a number is no place
    return person


def _is_own(message: Payload, place: Place) -> bool:
    """Tell whether the owner of a business account wrote it, on the phone or through a bot."""
    author = whole(message, "from", "id")
    return bool(place.business and author and author != place.chat)


def _kind(message: Payload, *, from_me: bool) -> MessageClass:
    automatic = part(message, "from").get("is_bot") is True and not part(message, "sender_chat")
    if from_me:
        return MessageClass.HUMAN
    if message.get("is_from_offline") is True or automatic:
        return MessageClass.AUTOMATED
    return MessageClass.HUMAN


def _answered(place: Place, answered: Payload) -> str:
    number = whole(answered, "message_id")
    # The first message of a topic is "answered" by all that stands in it.
    if not number or "forum_topic_created" in answered:
        return ""
    return place.message(number)


def _label(message: Payload, data: str) -> str:
    """Return what stands on the button that was pressed."""
    rows = part(message, "reply_markup").get("inline_keyboard")
    for row in rows if isinstance(rows, list) else ():
        for button in row if isinstance(row, list) else ():
            if isinstance(button, Mapping) and words(button, "callback_data") == data:
                return line(button, "text") or data
    return data


def _mentions(message: Payload, bot: Bot) -> bool:
    if whole(message, "reply_to_message", "from", "id") == bot.id:
        return True
    at_bot = f"@{bot.username}".lower()
    for text_name, list_name in (("text", "entities"), ("caption", "caption_entities")):
        encoded = words(message, text_name).encode("utf-16-le")
        for entity in each(message, list_name):
            kind, start = words(entity, "type"), 2 * whole(entity, "offset")
            said = encoded[start : start + 2 * whole(entity, "length")]
            named = said.decode("utf-16-le", "replace").lower()
            if kind == "mention" and named == at_bot:
                return True
            if kind == "bot_command" and ("@" not in named or named.endswith(at_bot)):
                return True
            if kind == "text_mention" and whole(entity, "user", "id") == bot.id:
                return True
    return False
