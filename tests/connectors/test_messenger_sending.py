"""Messenger: how answers leave, and how those are found again that may have left."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    PermanentReason,
    UncertainDelivery,
    Unsupported,
)
from desktop_inbox.connectors.messenger.connector import MessengerConnector
from desktop_inbox.domain.pieces import Button, Spot
from tests.connectors.contract_suite import nothing
from tests.connectors.meta_suite import a_file, config, is_send, outgoing
from tests.connectors.meta_suite import connector as connector
from tests.connectors.meta_suite import service as service
from tests.support.http_service import Said
from tests.support.meta_service import ELIF, MetaService, refused


async def test_an_answer_says_what_it_is(
    service: MetaService, connector: MessengerConnector
) -> None:
    question = str(service.says("Is it there?")["id"])

    await connector.send(outgoing(service, "Yes", in_reply_to=question), nothing)

    assert service.taken == [
        {
            "recipient": {"id": ELIF},
            "messaging_type": "RESPONSE",
            "reply_to": {"mid": question},
            "message": {"text": "Yes", "metadata": "ref-1@desk.example"},
        }
    ]


async def test_a_person_may_answer_for_a_week(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Is it there?")
    service.now += timedelta(days=3)

    with pytest.raises(PermanentError) as closed:
        await connector.send(outgoing(service, "Yes"), nothing)
    await connector.send(outgoing(service, "Yes", human_agent=True), nothing)
    service.now += timedelta(days=5)
    with pytest.raises(PermanentError) as over:
        await connector.send(outgoing(service, "Yes", human_agent=True), nothing)

    assert closed.value.reason is over.value.reason is PermanentReason.WINDOW_CLOSED
    (taken,) = service.taken
    assert (taken["messaging_type"], taken["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")


async def test_a_longer_window_that_meta_did_not_approve_stops_nothing_else(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Is it there?")
    service.now += timedelta(days=3)
    service.human_agent = False

    with pytest.raises(PermanentError, match="human_agent") as caught:
        await connector.send(outgoing(service, "Yes", human_agent=True), nothing)
    service.fail(is_send, refused(200, "Requires pages_messaging permission"))
    with pytest.raises(AuthError):  # that one stops all
        await connector.send(outgoing(service, "Yes"), nothing)

    assert caught.value.reason is PermanentReason.WINDOW_CLOSED


@pytest.mark.parametrize(("approved", "hours"), [("no", 0), ("yes", 168)])
def test_a_longer_window_is_offered_only_where_meta_approved_it(approved: str, hours: int) -> None:
    connector = MessengerConnector(config("http://127.0.0.1:1", human_agent=approved))

    assert connector.limits["human_agent_hours"] == hours


async def test_files_leave_before_the_words(
    service: MetaService, connector: MessengerConnector, tmp_path: Path
) -> None:
    question = str(service.says("Is it there?")["id"])
    files = (a_file(tmp_path, "mug.png", "image/png"), a_file(tmp_path, "b.pdf", "application/pdf"))

    await connector.send(
        outgoing(service, "Here", attachments=files, in_reply_to=question), nothing
    )

    kinds = [(kind, name, data) for kind, name, data in service.uploads.values()]
    assert kinds == [("image", "mug.png", b"data"), ("file", "b.pdf", b"data")]
    messages: list[Any] = [body["message"] for body in service.taken]
    assert [one["attachment"]["type"] for one in messages[:2]] == ["image", "file"]
    assert messages[2]["text"] == "Here"
    assert [body.get("reply_to") for body in service.taken] == [None, None, {"mid": question}]


@pytest.mark.parametrize("subcode", [2018047, None])
async def test_nothing_leaves_where_a_file_is_not_taken(
    service: MetaService, connector: MessengerConnector, tmp_path: Path, subcode: int | None
) -> None:
    service.says("Hello")
    service.fail(
        lambda asked: asked.path.endswith("message_attachments"),
        refused(100, "Upload attachment failure.", subcode=subcode),
    )
    before: list[None] = []

    async def before_body() -> None:
        before.append(None)

    picture = a_file(tmp_path, "mug.png", "image/png")
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(service, "Here", attachments=(picture,)), before_body)

    assert caught.value.reason is PermanentReason.MEDIA
    assert service.taken == before == []


async def test_half_an_answer_is_uncertain(
    service: MetaService, connector: MessengerConnector, tmp_path: Path
) -> None:
    service.says("Hello")
    service.fail(
        lambda asked: is_send(asked) and b'"text"' in asked.body, refused(100, "Invalid parameter")
    )

    picture = a_file(tmp_path, "mug.png", "image/png")
    with pytest.raises(UncertainDelivery, match="1 of 2 parts"):
        await connector.send(outgoing(service, "Here", attachments=(picture,)), nothing)


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("code", [1, 2])
async def test_where_meta_does_not_know_itself_it_is_uncertain(
    service: MetaService, connector: MessengerConnector, code: int, status: int
) -> None:
    service.says("Hello")
    service.fail(is_send, refused(code, "Please retry", status=status), after=True)

    with pytest.raises(UncertainDelivery):
        await connector.send(outgoing(service, "Yes"), nothing)

    assert len(service.taken) == 1


async def test_an_answer_that_makes_no_sense_is_uncertain(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    service.fail(is_send, Said(body=b"<html>"), after=True)

    with pytest.raises(UncertainDelivery):
        await connector.send(outgoing(service, "Yes"), nothing)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "x" * 2001}, PermanentReason.TOO_LARGE),
        ({"chat": "", "to": ()}, PermanentReason.RECIPIENT),
        ({"text": " "}, PermanentReason.INVALID),
        ({"chat": "nobody"}, PermanentReason.RECIPIENT),
    ],
)
async def test_what_messenger_does_not_take_does_not_leave(
    service: MetaService,
    connector: MessengerConnector,
    change: dict[str, object],
    reason: PermanentReason,
) -> None:
    service.says("Hello")

    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(service, **{"text": "Yes", **change}), nothing)  # type: ignore[arg-type]

    assert caught.value.reason is reason
    assert service.taken == []


@pytest.mark.parametrize(("kind", "mebibytes"), [("image/png", 9), ("application/pdf", 26)])
async def test_a_file_that_is_too_large_is_not_even_left_with_meta(
    service: MetaService, connector: MessengerConnector, tmp_path: Path, kind: str, mebibytes: int
) -> None:
    service.says("Hello")
    file = a_file(tmp_path, "large", kind, size=mebibytes * 2**20)

    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(service, attachments=(file,)), nothing)

    assert caught.value.reason is PermanentReason.TOO_LARGE
    assert service.uploads == {}


async def test_what_messenger_cannot_draw_is_told_in_words(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Where are you?")
    place = Spot(latitude=41.0, longitude=29.0, title="Shop")

    await connector.send(outgoing(service, "Here", pieces=(place,)), nothing)

    assert service.talks[ELIF].messages[-1]["message"] == "Here\n📍 Shop"


async def test_a_customer_who_blocked_the_page_is_said_to_be_out_of_reach(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    service.blocked.add(ELIF)

    with pytest.raises(PermanentError, match="551/1545041") as caught:
        await connector.send(outgoing(service), nothing)

    assert caught.value.reason is PermanentReason.RECIPIENT


async def test_reactions_and_reading_are_told(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    await connector.react(ELIF, "m_1", ["❤", "👍"])
    await connector.react(ELIF, "m_1", [])
    await connector.read(ELIF, "m_1")

    who = {"recipient": {"id": ELIF}}
    payload = {"message_id": "m_1"}
    assert service.acts == [
        {**who, "sender_action": "react", "payload": {**payload, "reaction": "❤"}},
        {**who, "sender_action": "unreact", "payload": payload},
        {**who, "sender_action": "mark_seen"},
    ]


# --- what may have been delivered ---


async def test_what_was_delivered_all_the_same_is_found_again(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    message = outgoing(service, "Yes,  two are left")
    service.fail(is_send, after=True)
    with pytest.raises(UncertainDelivery):
        await connector.send(message, nothing)

    found = await connector.find_sent(message)
    again = await connector.find_sent(message)

    assert found is not None
    assert found.external_id == service.talks[ELIF].messages[-1]["id"]
    assert again is None  # it stands for one message, not for two


async def test_what_never_left_is_not_found(
    service: MetaService, connector: MessengerConnector
) -> None:
    assert await connector.find_sent(outgoing(service, "Yes")) is None
    service.says("Yes")  # they say so as well
    service.sent_elsewhere("Yes")
    service.now += timedelta(hours=1)

    assert await connector.find_sent(outgoing(service, "Yes")) is None


async def test_the_same_words_sent_twice_are_two_messages(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    await connector.send(outgoing(service, "Yes"), nothing)

    assert await connector.find_sent(outgoing(service, "Yes", client_ref="other")) is None


async def test_a_file_without_words_cannot_be_found_again(connector: MessengerConnector) -> None:
    with pytest.raises(Unsupported):
        await connector.find_sent(outgoing(MetaService(), ""))


@pytest.mark.parametrize("hours", [-5, 5])
async def test_a_clock_that_is_wrong_finds_it_too(service: MetaService, hours: int) -> None:
    skew = timedelta(hours=hours)
    connector = MessengerConnector(config(service.url), now=lambda: service.now + skew)
    connector.pace.seconds = 0.0
    service.says("Hello")
    service.sent_elsewhere("Yes")  # long before
    service.now += timedelta(hours=1)
    await connector.open()
    message = outgoing(service, "Yes", at=service.now + skew)
    missing = await connector.find_sent(message)
    service.fail(is_send, after=True)
    with pytest.raises(UncertainDelivery):
        await connector.send(message, nothing)
    found = await connector.find_sent(message)
    await connector.close()

    assert missing is None
    assert found is not None


def _message(taken: Any) -> dict[str, Any]:
    return dict(taken["message"])


async def test_buttons_stand_below_the_last_that_is_said(
    service: MetaService, connector: MessengerConnector, tmp_path: Path
) -> None:
    service.says("Is it there?")
    shop = Button(text="Shop", url="https://kaya.example/")
    pieces = (Button(text="Small"), shop, Button(text="Large"))
    file = a_file(tmp_path, "mug.jpg", "image/jpeg")

    await connector.send(
        outgoing(service, "Which one?", pieces=pieces, attachments=(file,)), nothing
    )

    first, last = (_message(taken) for taken in service.taken)
    assert "quick_replies" not in first
    assert last["text"] == "Which one?\n[Shop] https://kaya.example/"
    assert last["quick_replies"] == [
        {"content_type": "text", "title": label, "payload": label} for label in ("Small", "Large")
    ]


@pytest.mark.parametrize("labels", [["a"] * 14, ["x" * 21]])
async def test_more_than_messenger_takes_of_buttons_never_leaves(
    service: MetaService, connector: MessengerConnector, labels: list[str]
) -> None:
    service.says("Is it there?")
    pieces = tuple(Button(text=label) for label in labels)

    with pytest.raises(PermanentError, match="button"):
        await connector.send(outgoing(service, "Which one?", pieces=pieces), nothing)

    assert service.taken == []
