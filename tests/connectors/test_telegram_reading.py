"""What Telegram's updates say, read without a service: people, files, groups, nonsense."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.chat import (
    ChatItem,
    Edited,
    Incoming,
    Moved,
    Profile,
    Reacted,
    RemoteFile,
    Unreadable,
    Withdrawn,
)
from desktop_inbox.connectors.errors import PermanentError
from desktop_inbox.connectors.telegram.places import Place, read_number, read_place
from desktop_inbox.connectors.telegram.reading import UPDATES, Groups, read_update
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.pieces import Card, Piece, Pressed, Shared, Spot, Sticker, Unknown
from tests.connectors.telegram_desk import BOT, NOW, message, read
from tests.support.telegram_service import BUSINESS, ELIF, OWNER

GROUP = {"id": -100500, "type": "supergroup", "title": "Our customers"}


def incoming(**contents: object) -> Incoming:
    (item,) = read(message=message(**contents))
    assert isinstance(item, Incoming)
    return item


def test_a_person_is_known_by_number_and_shown_by_name() -> None:
    item = incoming(text="Merhaba 👋")

    assert item.external_id == "77#5"
    assert item.chat.external_id == "77"
    assert not item.chat.group
    assert (item.author.kind, item.author.address) == ("telegram", "77")
    assert (item.author.name, item.author.label, item.author.language) == (
        "Elif Kaya", "@elif", "tr",
    )  # fmt: skip
    assert (item.text, item.at) == ("Merhaba 👋", NOW)


def test_whoever_sends_the_own_contact_is_known_by_telephone_too() -> None:
    own = incoming(contact={"phone_number": "905321234567", "first_name": "E", "user_id": 77})
    other = incoming(contact={"phone_number": "905321234567", "first_name": "A", "user_id": 78})

    assert own.author.attested == (("phone", "+905321234567"),)
    assert own.pieces == (Card(name="E", phones=("+905321234567",)),)
    assert other.author.attested == ()


def file_of(**more: object) -> dict[str, object]:
    return {"file_id": "F", "file_unique_id": "u", "file_size": 9, **more}


@pytest.mark.parametrize(
    ("contents", "file"),
    [
        (
            {"photo": [file_of(width=1, height=1, file_id="S"), file_of(width=9, height=9)]},
            RemoteFile(reference="F", media_type="image/jpeg", size=9, inline=True),
        ),
        (
            {"document": file_of(file_name="a.pdf", mime_type="application/PDF")},
            RemoteFile(reference="F", name="a.pdf", media_type="application/pdf", size=9),
        ),
        (
            {"voice": file_of(duration=3)},
            RemoteFile(reference="F", media_type="audio/ogg", size=9, inline=True),
        ),
        (
            {"video_note": file_of(length=3)},
            RemoteFile(reference="F", media_type="video/mp4", size=9, inline=True),
        ),
        (
            {"animation": file_of(), "document": file_of()},
            RemoteFile(reference="F", media_type="video/mp4", size=9, inline=True),
        ),
        (
            {"sticker": file_of(emoji="👍", is_animated=False, is_video=False)},
            RemoteFile(reference="F", media_type="image/webp", size=9, inline=True),
        ),
        (
            {"sticker": file_of(is_animated=True, thumbnail=file_of(file_id="T"))},
            RemoteFile(reference="T", media_type="image/webp", size=9, inline=True),
        ),
    ],
)
def test_files_stay_with_telegram_until_they_are_wanted(
    contents: dict[str, object], file: RemoteFile
) -> None:
    assert incoming(**contents, caption="Look").files == (file,)
    assert incoming(**contents, caption="Look").text == "Look"


@pytest.mark.parametrize(
    ("contents", "piece"),
    [
        ({"location": {"latitude": 41.0, "longitude": 29}}, Spot(latitude=41.0, longitude=29.0)),
        (
            {
                "venue": {
                    "location": {"latitude": 1, "longitude": 2},
                    "title": "Shop",
                    "address": "Street 1",
                }
            },
            Spot(latitude=1.0, longitude=2.0, title="Shop", address="Street 1"),
        ),
        ({"sticker": {"emoji": "👍"}}, Sticker(emoji="👍")),
        ({"story": {"id": 1}}, Shared(kind="story")),
        ({"giveaway": {"winners": 1}}, Unknown(kind="giveaway")),
        ({"location": {"latitude": 1000, "longitude": "x"}}, None),
    ],
)
def test_pieces_are_read(contents: dict[str, object], piece: Piece | None) -> None:
    assert incoming(**contents).pieces == ((piece,) if piece else ())


def test_dice_and_polls_are_told_in_words() -> None:
    poll = {"question": "Which mug?", "options": [{"text": "Blue"}, {"text": "Red"}]}

    assert incoming(dice={"emoji": "🎲", "value": 4}).text == "🎲 4"
    assert incoming(poll=poll).text == "📊 Which mug?\n- Blue\n- Red"


def test_hidden_links_are_written_out() -> None:
    # The flag counts as four in UTF-16.
    links = [{"type": "text_link", "offset": 5, "length": 4, "url": "https://shop.example"}]

    assert incoming(text="🇹🇷 here now", entities=links).text == (
        "🇹🇷 here (https://shop.example) now"
    )


def test_an_answer_points_at_its_question() -> None:
    assert incoming(text="yes", reply_to_message={"message_id": 3}).answers == "77#3"


def test_an_edit_a_reaction_and_a_changed_mind() -> None:
    (edit,) = read(edited_message=message(text="No!", edit_date=int(NOW.timestamp()) + 60))
    reaction = {
        "chat": {"id": 77, "type": "private"},
        "message_id": 9,
        "user": ELIF,
        "date": int(NOW.timestamp()),
        "new_reaction": [{"type": "emoji", "emoji": "❤"}, {"type": "paid"}],
    }
    (reacted,) = read(message_reaction=reaction)
    (taken_back,) = read(message_reaction={**reaction, "new_reaction": []})

    assert isinstance(edit, Edited)
    assert (edit.external_id, edit.text, edit.at) == ("77#5", "No!", NOW + timedelta(minutes=1))
    assert isinstance(reacted, Reacted)
    assert (reacted.external_id, reacted.emojis) == ("77#9", ("❤",))
    assert isinstance(taken_back, Reacted)
    assert taken_back.emojis == ()


def test_a_button_that_was_pressed_says_what_stood_on_it() -> None:
    keyboard = {"inline_keyboard": [[{"text": "Yes please", "callback_data": "y"}]]}
    pressed = {"id": "q1", "from": ELIF, "data": "y", "message": message(reply_markup=keyboard)}

    (item,) = read(callback_query=pressed)

    assert isinstance(item, Incoming)
    assert (item.text, item.answers) == ("Yes please", "77#5")
    assert item.pieces == (Pressed(text="Yes please"),)


def test_a_business_account_has_chats_of_its_own() -> None:
    chat = {"id": 77, "type": "private", "first_name": "Elif"}
    (asked,) = read(business_message=message(text="Hi", business_connection_id=BUSINESS))
    (ours,) = read(
        business_message=message(
            text="Hello", business_connection_id=BUSINESS, chat=chat, **{"from": OWNER}
        )
    )
    gone = read(
        deleted_business_messages={
            "business_connection_id": BUSINESS,
            "chat": chat,
            "message_ids": [5, 6, "x"],
        }
    )

    assert isinstance(asked, Incoming)
    assert asked.chat.external_id == f"{BUSINESS}:77"
    assert asked.reply_until == NOW + timedelta(hours=24)
    assert not asked.from_me
    assert isinstance(ours, Incoming)
    assert ours.from_me
    assert ours.author.address == "77"
    assert [one.external_id for one in gone if isinstance(one, Withdrawn)] == [
        f"{BUSINESS}:77#5",
        f"{BUSINESS}:77#6",
    ]


def test_a_group_keeps_its_topics_apart_and_its_messages_known() -> None:
    topic = {"message_id": 40, "forum_topic_created": {"name": "Orders"}}
    item = incoming(
        chat=GROUP,
        text="Hi",
        is_topic_message=True,
        message_thread_id=40,
        reply_to_message=topic,
    )

    assert item.chat.external_id == "-100500/40"
    assert (item.chat.title, item.chat.group) == ("Our customers › Orders", True)
    assert item.external_id == "-100500#5"
    assert item.answers == ""


def test_an_anonymous_administrator_speaks_as_the_group() -> None:
    bot = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    item = incoming(chat=GROUP, text="Hi", sender_chat=GROUP, **{"from": bot})

    assert (item.author.address, item.author.name) == ("-100500", "Our customers")
    assert item.kind is MessageClass.HUMAN
    assert incoming(text="beep", **{"from": bot}).kind is MessageClass.AUTOMATED


@pytest.mark.parametrize(
    ("contents", "ours"),
    [
        ({"text": "hello all"}, False),
        (
            {
                "text": "👋 @Our_Shop_Bot hi",
                "entities": [{"type": "mention", "offset": 3, "length": 13}],
            },
            True,
        ),
        (
            {"text": "@another", "entities": [{"type": "mention", "offset": 0, "length": 8}]},
            False,
        ),
        (
            {"text": "/start", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]},
            True,
        ),
        (
            {
                "text": "/start@other_bot",
                "entities": [{"type": "bot_command", "offset": 0, "length": 16}],
            },
            False,
        ),
        (
            {
                "caption": "Shop",
                "caption_entities": [
                    {"type": "text_mention", "offset": 0, "length": 4, "user": {"id": 123456}}
                ],
            },
            True,
        ),
        ({"text": "ok", "reply_to_message": {"message_id": 1, "from": {"id": 123456}}}, True),
    ],
)
def test_in_groups_only_what_names_the_bot_counts(contents: dict[str, object], ours: bool) -> None:
    def items(groups: Groups) -> tuple[ChatItem, ...]:
        return read(groups=groups, message=message(chat=GROUP, **contents))

    assert bool(items(Groups.MENTIONED)) is ours
    assert items(Groups.ALL)
    assert not items(Groups.NONE)


def test_private_messages_count_whatever_is_said_of_groups() -> None:
    assert read(groups=Groups.NONE, message=message(text="hi"))


def test_a_group_that_becomes_a_supergroup_goes_on() -> None:
    old = {"id": -5, "type": "group", "title": "Our customers"}
    (away,) = read(message=message(chat=old, migrate_to_chat_id=-100500))
    (here,) = read(message=message(chat=GROUP, migrate_from_chat_id=-5))

    assert isinstance(away, Moved)
    assert isinstance(here, Moved)
    assert (away.old, away.new.external_id) == (here.old, here.new.external_id) == (
        "-5", "-100500",
    )  # fmt: skip


def test_what_a_group_says_of_itself_is_no_message() -> None:
    assert read(message=message(chat=GROUP, new_chat_title="Better")) == ()
    assert read(poll={"id": "1"}) == ()


def test_someone_who_blocks_the_bot_is_still_known() -> None:
    (item,) = read(my_chat_member={"chat": {"id": 77, "type": "private"}, "from": ELIF, "date": 1})

    assert isinstance(item, Profile)
    assert item.person.name == "Elif Kaya"


def test_a_message_without_a_chat_is_kept_as_it_came() -> None:
    (item,) = read(message={"text": "lost"})

    assert isinstance(item, Unreadable)
    assert json.loads(item.raw)["message"] == {"text": "lost"}


_NAMES = [
    "message", "business_message", "edited_message", "message_reaction", "callback_query",
    "deleted_business_messages", "my_chat_member", "chat", "id", "message_id", "from", "date",
    "text", "caption", "entities", "offset", "length", "type", "url", "photo", "document",
    "sticker", "location", "latitude", "longitude", "contact", "poll", "options", "dice",
    "reply_markup", "inline_keyboard", "message_ids", "new_reaction", "user", "first_name",
]  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(value=_JSON, kind=st.sampled_from(UPDATES), groups=st.sampled_from(Groups))
def test_nonsense_is_read_without_an_exception(value: object, kind: str, groups: Groups) -> None:
    for contents in (value, {"chat": {"id": 7}, "message_id": 1, "text": value}):
        for item in read_update({kind: contents}, bot=BOT, groups=groups, now=NOW):
            str(item).encode()  # fit to be stored: no half characters


@given(
    chat=st.integers(min_value=-(10**18), max_value=10**18),
    topic=st.integers(min_value=0, max_value=10**9),
    business=st.sampled_from(["", BUSINESS, "a_B-9"]),
    number=st.integers(min_value=1, max_value=10**9),
)
def test_a_place_is_read_as_it_was_written(
    chat: int, topic: int, business: str, number: int
) -> None:
    place = Place(chat=chat, topic=topic, business=business)

    assert read_place(str(place)) == place
    assert read_number(place.message(number)) == number


@pytest.mark.parametrize("name", ["", "elif", "77#5", "a:b:7", "7/x", "9" * 30])
def test_what_is_no_chat_is_refused(name: str) -> None:
    with pytest.raises(PermanentError) as caught:
        read_place(name)
    assert caught.value.reason == "recipient"
