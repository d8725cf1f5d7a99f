"""What leaves for Telegram: parts, files, buttons, and what is said where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.errors import PermanentError, UncertainDelivery
from desktop_inbox.connectors.telegram.connector import TelegramConnector
from desktop_inbox.domain.pieces import Button, Card, Spot, Sticker
from tests.connectors.contract_suite import nothing
from tests.connectors.telegram_desk import a_file, message, outgoing, read
from tests.connectors.telegram_desk import connector as connector
from tests.connectors.telegram_desk import service as service
from tests.support.http_service import Said
from tests.support.telegram_service import BUSINESS, ELIF, TelegramService, method, rate_limited


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
