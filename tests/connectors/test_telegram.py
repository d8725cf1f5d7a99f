"""Telegram: what updates bring, how messages leave, what goes wrong and what is made of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox import connectors
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
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    UncertainDelivery,
    Unsupported,
)
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.telegram.connector import TelegramConnector
from desktop_inbox.connectors.telegram.places import Place, read_number, read_place
from desktop_inbox.connectors.telegram.reading import UPDATES, Bot, Groups, read_update
from desktop_inbox.domain.messages import Address, MessageClass, Outgoing, OutgoingFile
from desktop_inbox.domain.pieces import (
    Button,
    Card,
    Piece,
    Pressed,
    Shared,
    Spot,
    Sticker,
    Unknown,
)
from tests.connectors.contract_suite import drain, nothing
from tests.support.http_service import Said, serving
from tests.support.telegram_service import (
    BUSINESS,
    ELIF,
    OWNER,
    TOKEN,
    TelegramService,
    method,
    rate_limited,
)

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
BOT = Bot(id=123456, username="our_shop_bot")
GROUP = {"id": -100500, "type": "supergroup", "title": "Our customers"}


@pytest.fixture
async def service() -> AsyncIterator[TelegramService]:
    async with serving(TelegramService()) as service:
        yield service


@pytest.fixture
async def connector(service: TelegramService) -> AsyncIterator[TelegramConnector]:
    connector = TelegramConnector(config(service), now=lambda: service.now)
    connector.conflict_pause_seconds = 0.01
    await connector.open()
    yield connector
    await connector.close()


def config(
    service: TelegramService, *, address: str = "@our_shop_bot", **settings: object
) -> AccountConfig:
    return AccountConfig(
        id=1,
        address=address,
        settings={"api_url": service.url, "groups": "all", **settings},
        secrets={"token": TOKEN},
    )


def outgoing(text: str = "", *, chat: str = "77", **more: object) -> Outgoing:
    fixed: dict[str, object] = {
        "client_ref": "ref-1",
        "at": NOW,
        "from_": Address(address="@our_shop_bot"),
        "to": (Address(address="77"),),
        "text": text,
        "chat": chat,
    }
    return Outgoing(**{**fixed, **more})  # type: ignore[arg-type]


def a_file(tmp_path: Path, name: str, media_type: str, size: int = 10) -> OutgoingFile:
    path = tmp_path / name
    path.write_bytes(name.encode())
    return OutgoingFile(name=name, media_type=media_type, path=path, size=size)


def message(**contents: object) -> dict[str, object]:
    return {
        "message_id": 5,
        "from": ELIF,
        "chat": {"id": 77, "type": "private", "first_name": "Elif"},
        "date": int(NOW.timestamp()),
        **contents,
    }


def read(*, groups: Groups = Groups.ALL, **update: object) -> tuple[ChatItem, ...]:
    return read_update({"update_id": 1, **update}, bot=BOT, groups=groups, now=NOW)


def incoming(**contents: object) -> Incoming:
    (item,) = read(message=message(**contents))
    assert isinstance(item, Incoming)
    return item


# --- what updates bring ---


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


# --- receiving ---


async def test_updates_are_confirmed_only_when_they_were_stored(
    service: TelegramService, connector: TelegramConnector
) -> None:
    await service.says("one")

    batch = await connector.pull(None)
    assert len(service.waiting) == 1

    await connector.pull(json.loads(json.dumps(batch.cursor)))
    assert service.waiting == []


async def test_every_kind_of_update_is_asked_for_by_name(
    service: TelegramService, connector: TelegramConnector
) -> None:
    await connector.pull(None)

    (asked,) = [asked for asked in service.asked if method("getUpdates")(asked)]
    assert asked.json["allowed_updates"] == list(UPDATES)


async def test_after_a_silent_week_new_numbers_are_not_lost(
    service: TelegramService, connector: TelegramConnector
) -> None:
    await service.says("before")
    _, cursor = await drain(connector, None)
    _, cursor = await drain(connector, cursor)
    service.pass_time(timedelta(days=8))  # numbers begin anew, below the offset
    await service.says("after")

    items, cursor = await drain(connector, cursor)
    again, _ = await drain(connector, cursor)

    assert [item.text for item in items if isinstance(item, Incoming)] == ["after"]
    assert again == []


async def test_more_than_fits_into_one_answer_comes_in_several(
    service: TelegramService, connector: TelegramConnector
) -> None:
    for number in range(230):
        await service.says(str(number))

    first = await connector.pull(None)
    items, _ = await drain(connector, first.cursor)

    assert first.more
    assert len(first.items) + len(items) == 230


async def test_another_program_that_polls_is_a_conflict(
    service: TelegramService, connector: TelegramConnector
) -> None:
    await drain(connector, None)
    waiting = asyncio.create_task(connector.wait())
    other = TelegramConnector(config(service), now=lambda: service.now)
    await other.open()
    await service.comes(lambda asked: bool(asked.json.get("timeout")))
    await other.pull(None)

    with pytest.raises(AuthError) as caught:
        await asyncio.wait_for(waiting, 5)
    await other.close()

    assert caught.value.reason == "conflict"


async def test_a_pull_does_not_conflict_with_our_own_wait(
    service: TelegramService, connector: TelegramConnector
) -> None:
    await drain(connector, None)
    waiting = asyncio.create_task(connector.wait())
    await service.comes(lambda asked: bool(asked.json.get("timeout")))

    await connector.pull(None)
    await asyncio.wait_for(waiting, 5)


async def test_a_webhook_of_another_service_is_a_conflict_until_it_is_ended(
    service: TelegramService,
) -> None:
    service.webhook = "https://helpdesk.example/hook"
    connector = TelegramConnector(config(service), now=lambda: service.now)
    connector.conflict_pause_seconds = 0.01
    await connector.open()
    with pytest.raises(AuthError) as caught:
        await connector.pull(None)
    await connector.close()
    assert caught.value.reason == "conflict"
    assert service.webhook

    taking_over = TelegramConnector(config(service, take_over="yes"), now=lambda: service.now)
    await taking_over.open()
    await taking_over.pull(None)
    await taking_over.close()
    assert service.webhook == ""


async def test_whoever_pressed_a_button_is_not_kept_waiting(
    service: TelegramService, connector: TelegramConnector
) -> None:
    pressed = {"id": "q1", "from": ELIF, "data": "y", "chat_instance": "1", "message": message()}
    await service.update(callback_query=pressed)
    service.fail(
        method("answerCallbackQuery"),
        Said({"ok": False, "error_code": 400, "description": "query is too old"}, status=400),
    )

    first, _ = await drain(connector, None)
    second, _ = await drain(connector, None)

    assert [type(item) for item in (*first, *second)] == [Incoming, Incoming]
    assert service.pressed == [{"callback_query_id": "q1"}]


# --- sending ---


async def test_long_text_leaves_in_parts_that_begin_with_the_answer(
    service: TelegramService, connector: TelegramConnector
) -> None:
    text = "\n\n".join(f"{number} " + "word " * 300 for number in range(10))

    result = await connector.send(outgoing(text, in_reply_to="77#3"), nothing)

    parts = [str(sent.params["text"]) for sent in service.sent]
    assert len(parts) > 1
    assert all(len(part) <= 4096 for part in parts)
    assert " ".join(" ".join(parts).split()) == " ".join(text.split())
    assert service.sent[0].params["reply_parameters"] == {
        "message_id": 3,
        "allow_sending_without_reply": True,
    }
    assert "reply_parameters" not in service.sent[1].params
    assert result.external_id == f"77#{service.sent[0].message['message_id']}"


@pytest.mark.parametrize(
    ("media_type", "method_name", "field"),
    [
        ("image/png", "sendPhoto", "photo"),
        ("image/gif", "sendAnimation", "animation"),
        ("video/mp4", "sendVideo", "video"),
        ("audio/ogg", "sendVoice", "voice"),
        ("application/pdf", "sendDocument", "document"),
    ],
)
async def test_a_file_is_sent_as_what_it_is(
    service: TelegramService,
    connector: TelegramConnector,
    tmp_path: Path,
    media_type: str,
    method_name: str,
    field: str,
) -> None:
    file = a_file(tmp_path, "ünlü dosya.bin", media_type)

    await connector.send(outgoing("Look", attachments=(file,)), nothing)

    (sent,) = service.sent
    assert sent.method == method_name
    assert sent.params["caption"] == "Look"
    assert sent.files == {field: "ünlü dosya.bin".encode()}


async def test_a_large_picture_is_a_document_and_a_huge_file_is_refused(
    service: TelegramService, connector: TelegramConnector, tmp_path: Path
) -> None:
    large = a_file(tmp_path, "a.png", "image/png", size=11 * 2**20)
    huge = a_file(tmp_path, "b.zip", "application/zip", size=51 * 2**20)

    await connector.send(outgoing(attachments=(large,)), nothing)
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(attachments=(huge,)), nothing)

    assert [sent.method for sent in service.sent] == ["sendDocument"]
    assert caught.value.reason == "too_large"


async def test_pictures_go_together_and_documents_apart_from_them(
    service: TelegramService, connector: TelegramConnector, tmp_path: Path
) -> None:
    pictures = [a_file(tmp_path, f"{n}.jpg", "image/jpeg") for n in range(11)]
    papers = [a_file(tmp_path, f"{n}.pdf", "application/pdf") for n in range(2)]

    await connector.send(outgoing("All of it", attachments=(*pictures, *papers)), nothing)

    methods = [sent.method for sent in service.sent]
    assert methods == [
        "sendMessage", *["sendMediaGroup"] * 10, "sendPhoto", *["sendMediaGroup"] * 2,
    ]  # fmt: skip
    assert set(service.sent[1].files) == {f"file{n}" for n in range(10)}


async def test_buttons_places_and_contacts_are_sent_as_such(
    service: TelegramService, connector: TelegramConnector
) -> None:
    pieces = (
        Button(text="Track", url="https://shop.example/track"),
        Button(text="Cancel the order " + "ü" * 60),
        Spot(latitude=41.0, longitude=29.0),
        Spot(latitude=41.0, longitude=29.0, title="Shop", address="Street 1"),
        Card(name="Driver", phones=("+905321234567",)),
        Sticker(emoji="👍"),
    )

    await connector.send(outgoing("On its way", pieces=pieces), nothing)

    first, *rest = service.sent
    markup = first.params["reply_markup"]
    assert isinstance(markup, Mapping)
    track, cancel = markup["inline_keyboard"]
    assert track == [{"text": "Track", "url": "https://shop.example/track"}]
    assert cancel[0]["text"] == "Cancel the order " + "ü" * 60
    assert len(cancel[0]["callback_data"].encode()) <= 64
    assert [sent.method for sent in rest] == [
        "sendLocation", "sendVenue", "sendContact", "sendMessage",
    ]  # fmt: skip


async def test_a_press_is_never_taken_for_that_of_another_button(
    service: TelegramService, connector: TelegramConnector
) -> None:
    labels = ["ü" * 40 + end for end in ("a", "b")] + ["Yes"]
    pieces = tuple(Button(text=label) for label in labels)

    result = await connector.send(outgoing("Which one?", pieces=pieces), nothing)

    markup = service.sent[0].params["reply_markup"]
    assert isinstance(markup, Mapping)
    names = [row[0]["callback_data"] for row in markup["inline_keyboard"]]
    assert names[2] == "Yes"
    assert len(set(names)) == 3
    number = int(result.external_id.partition("#")[2])
    for name, label in zip(names, labels, strict=True):
        pressed = {"id": f"q-{label}", "from": ELIF, "data": name}
        shown = message(reply_markup=markup, message_id=number)
        (item,) = read(callback_query={**pressed, "message": shown})
        assert isinstance(item, Incoming)
        assert (item.text, item.answers) == (label, result.external_id)


async def test_an_answer_in_a_business_chat_speaks_for_the_owner(
    service: TelegramService, connector: TelegramConnector
) -> None:
    result = await connector.send(outgoing("Hi", chat=f"{BUSINESS}:77"), nothing)

    (sent,) = service.sent
    assert sent.params["business_connection_id"] == BUSINESS
    assert result.external_id.startswith(f"{BUSINESS}:77#")


async def test_an_answer_in_a_topic_stays_there(
    service: TelegramService, connector: TelegramConnector
) -> None:
    result = await connector.send(outgoing("Hi", chat="-100500/40"), nothing)

    assert service.sent[0].params["message_thread_id"] == 40
    assert result.external_id.startswith("-100500#")


async def test_a_message_follows_a_group_that_moved(
    service: TelegramService, connector: TelegramConnector
) -> None:
    service.migrated[-5] = -100500

    result = await connector.send(outgoing("Hi", chat="-5"), nothing)

    assert result.external_id.startswith("-100500#")
    assert [sent.params["chat_id"] for sent in service.sent] == [-100500]


async def test_a_customer_who_blocked_the_bot_is_named_as_the_reason(
    service: TelegramService, connector: TelegramConnector
) -> None:
    service.blocked.add(77)

    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing("Hi"), nothing)

    assert caught.value.reason == "recipient"
    assert "blocked by the user" in caught.value.detail


async def test_parts_that_stay_behind_make_the_delivery_uncertain(
    service: TelegramService, connector: TelegramConnector
) -> None:
    pieces = (Spot(latitude=1.0, longitude=1.0),)
    service.fail(method("sendLocation"), Said(status=500))

    with pytest.raises(UncertainDelivery, match="1 of 2 parts"):
        await connector.send(outgoing("Here", pieces=pieces), nothing)


async def test_parts_wait_for_their_turn(
    service: TelegramService, connector: TelegramConnector
) -> None:
    pieces = (Spot(latitude=1.0, longitude=1.0),)
    service.fail(method("sendLocation"), rate_limited(1))

    await connector.send(outgoing("Here", pieces=pieces), nothing)

    assert [sent.method for sent in service.sent] == ["sendMessage", "sendLocation"]


async def test_a_message_that_says_nothing_is_refused(
    service: TelegramService, connector: TelegramConnector
) -> None:
    with pytest.raises(PermanentError):
        await connector.send(outgoing("  "), nothing)
    assert service.asked[-1].path.endswith("getMe")


# --- afterwards ---


async def test_what_was_sent_can_be_changed_taken_back_and_thought_of(
    service: TelegramService, connector: TelegramConnector
) -> None:
    await connector.edit("77", "77#5", "Better")
    await connector.withdraw("77", "77#5")
    await connector.withdraw(f"{BUSINESS}:77", f"{BUSINESS}:77#6")
    await connector.react("77", "77#5", ["❤", "🔥"])
    await connector.react("77", "77#5", [])

    assert service.edited == [{"chat_id": 77, "message_id": 5, "text": "Better"}]
    assert service.deleted == [
        {"message_ids": [5], "chat_id": 77},
        {"message_ids": [6], "business_connection_id": BUSINESS},
    ]
    emojis = [{"type": "emoji", "emoji": "❤"}]
    assert [one["reaction"] for one in service.reacted] == [emojis, []]


async def test_only_a_business_account_tells_that_it_has_read(
    service: TelegramService, connector: TelegramConnector
) -> None:
    await connector.read("77", "77#5")
    await connector.read(f"{BUSINESS}:77", f"{BUSINESS}:77#5")

    assert [one["business_connection_id"] for one in service.read] == [BUSINESS]
    with pytest.raises(Unsupported):
        await connector.react(f"{BUSINESS}:77", f"{BUSINESS}:77#5", ["❤"])


async def test_a_file_that_is_too_large_for_a_bot_says_so(
    service: TelegramService, connector: TelegramConnector, tmp_path: Path
) -> None:
    service.file("big", b"x" * (20 * 2**20 + 1))

    with pytest.raises(PermanentError, match="too big") as caught:
        await connector.fetch_file("big", tmp_path / "file")

    assert caught.value.reason == "media"


# --- setting up ---


async def steps(config: AccountConfig) -> list[Check]:
    return [step async for step in connectors.check("telegram", config)]


async def test_a_check_that_goes_well_says_so_step_by_step(service: TelegramService) -> None:
    found = await steps(config(service))

    assert [step.step for step in found] == [
        "receive:sign-in", "receive:webhook", "send:sign-in",
    ]  # fmt: skip
    assert all(step.ok for step in found)


async def test_a_check_tells_of_the_wrong_bot(service: TelegramService) -> None:
    (found,) = await steps(config(service, address="@another_bot"))

    assert (found.step, found.ok, found.detail) == ("receive:address", False, "@our_shop_bot")


async def test_a_check_tells_of_a_token_that_is_none(service: TelegramService) -> None:
    wrong = AccountConfig(
        id=1, address="@x", settings={"api_url": service.url}, secrets={"token": "no/token"}
    )
    (found,) = await steps(wrong)

    assert (found.step, found.ok, found.cause) == ("receive:sign-in", False, "sign_in")


async def test_a_check_ends_a_webhook_only_where_that_was_asked_for(
    service: TelegramService,
) -> None:
    service.webhook = "https://helpdesk.example/secret-path"
    told = {step.step: step for step in await steps(config(service))}
    assert not told["receive:webhook"].ok
    assert told["receive:webhook"].detail == "helpdesk.example"
    assert service.webhook

    assert all(step.ok for step in await steps(config(service, take_over="yes")))
    assert service.webhook == ""


async def test_a_token_goes_to_telegram_or_this_machine_only() -> None:
    astray = AccountConfig(
        id=1, address="@x", settings={"api_url": "https://evil.example"}, secrets={"token": "1:a"}
    )
    (found,) = await steps(astray)

    assert not found.ok
    with pytest.raises(PermanentError):
        await TelegramConnector(astray).open()
