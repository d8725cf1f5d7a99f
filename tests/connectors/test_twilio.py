"""Twilio: how lists of messages and of calls are swept, and what goes wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox.connectors.chat import Edited, Incoming
from desktop_inbox.connectors.errors import (
    TransientError,
)
from desktop_inbox.connectors.twilio.connector import TwilioConnector
from desktop_inbox.connectors.twilio.cursor import OVERLAP
from desktop_inbox.domain.pieces import Call, CallOutcome
from tests.connectors.contract_suite import drain
from tests.connectors.twilio_desk import SMS_CHAT, WHATSAPP_CHAT, config, texts
from tests.connectors.twilio_desk import connector as connector
from tests.connectors.twilio_desk import service as service
from tests.support.http_service import Said
from tests.support.twilio_service import (
    CUSTOMER,
    NUMBER,
    WHATSAPP,
    TwilioService,
    refused,
)

# --- receiving ---


async def test_sms_and_whatsapp_of_one_customer_are_two_talks_with_one_person(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.says("by SMS")
    service.says("by WhatsApp", sender=f"whatsapp:{CUSTOMER}", to=WHATSAPP)

    items, _ = await drain(connector, None)

    sms, whatsapp = [item for item in items if isinstance(item, Incoming)]
    assert (sms.author.kind, sms.author.address) == ("phone", CUSTOMER)
    assert whatsapp.author == sms.author
    assert (sms.chat.external_id, whatsapp.chat.external_id) == (SMS_CHAT, WHATSAPP_CHAT)
    assert sms.reply_until is None
    assert whatsapp.reply_until == service.now + timedelta(hours=24)


async def test_a_long_absence_is_paged_back_to_its_beginning(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.largest_page = 7
    for number in range(60):
        service.says(str(number), at=service.now - timedelta(days=60 - number))
    pulls, cursor, seen = 0, None, []
    while True:
        batch = await connector.pull(cursor)
        cursor = json.loads(json.dumps(batch.cursor))
        seen += texts(batch.items)
        pulls += 1
        if not batch.more:
            break

    assert sorted(seen, key=int) == [str(number) for number in range(60)]
    assert pulls == 9
    again, _ = await drain(connector, cursor)
    assert again == []


async def test_a_message_that_is_listed_late_is_not_lost(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.says("first")
    _, cursor = await drain(connector, None)
    service.says("listed late", at=service.now - OVERLAP + timedelta(seconds=30))

    items, cursor = await drain(connector, cursor)
    again, _ = await drain(connector, cursor)

    assert texts(items) == ["listed late"]
    assert again == []


async def test_a_date_from_the_future_does_not_blind_us(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.says("from the future", at=service.now + timedelta(days=4000))
    _, cursor = await drain(connector, None)
    service.says("from today")

    items, _ = await drain(connector, cursor)

    assert "from today" in texts(items)


async def test_a_page_that_is_not_known_any_more_is_begun_anew(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.largest_page = 2
    for number in range(5):
        service.says(str(number))
    first = await connector.pull(None)
    service.fail(lambda asked: "PageToken" in asked.query, refused(400, 20001, "Unknown page"))

    seen, cursor = texts(first.items), first.cursor
    for _ in range(2):
        items, cursor = await drain(connector, cursor)
        seen += texts(items)

    assert set(seen) == {"0", "1", "2", "3", "4"}


async def test_nobody_but_the_account_is_asked_for_pages(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.says("one")
    _, cursor = await drain(connector, None)
    kept = json.loads(json.dumps(cursor))
    kept["sweeps"][f"in {NUMBER}"]["page"] = "https://evil.example/2010-04-01/Accounts/"

    with pytest.raises(TransientError):
        await connector.pull(kept)


async def test_files_come_with_their_kind(
    service: TwilioService, connector: TwilioConnector, tmp_path: Path
) -> None:
    service.says("Look", media={"image/jpeg": b"picture", "application/pdf": b"paper"})

    items, _ = await drain(connector, None)
    (message,) = [item for item in items if isinstance(item, Incoming)]
    picture, paper = message.files
    await connector.fetch_file(paper.reference, tmp_path / "paper")

    assert (picture.media_type, picture.inline) == ("image/jpeg", True)
    assert (paper.media_type, paper.inline) == ("application/pdf", False)
    assert (tmp_path / "paper").read_bytes() == b"paper"


async def test_files_that_could_not_be_listed_are_found_when_they_are_wanted(
    service: TwilioService, connector: TwilioConnector, tmp_path: Path
) -> None:
    service.says("Look", media={"image/jpeg": b"picture"})
    service.fail(lambda asked: asked.path.endswith("/Media.json"), Said(status=500))

    items, _ = await drain(connector, None)
    (message,) = [item for item in items if isinstance(item, Incoming)]
    (file,) = message.files
    await connector.fetch_file(file.reference, tmp_path / "file")

    assert file.media_type == "application/octet-stream"
    assert (tmp_path / "file").read_bytes() == b"picture"


# --- calls ---


async def test_calls_are_told_when_they_are_over(
    service: TwilioService, connector: TwilioConnector
) -> None:
    answered = service.called(seconds=75)
    service.called(status="no-answer", seconds=0)
    ours = service.called(sender=NUMBER, to=CUSTOMER, direction="outbound-api", seconds=30)
    going_on = service.called(status="in-progress", seconds=0)

    items, cursor = await drain(connector, None)
    told = {item.external_id: item for item in items if isinstance(item, Incoming)}
    assert len(told) == 3
    assert told[str(answered["sid"])].pieces == (Call(outcome=CallOutcome.ANSWERED, seconds=75),)
    assert told[str(answered["sid"])].chat.external_id == SMS_CHAT
    assert told[str(ours["sid"])].from_me
    assert Call(outcome=CallOutcome.MISSED, seconds=0) in [one.pieces[0] for one in told.values()]

    going_on["status"], going_on["duration"] = "completed", "90"
    service.now += timedelta(hours=1)
    items, cursor = await drain(connector, cursor)
    assert [item.external_id for item in items if isinstance(item, Incoming)] == [going_on["sid"]]
    assert (await drain(connector, cursor))[0] == []


async def test_voicemail_is_played_first_and_read_later(
    service: TwilioService, connector: TwilioConnector, tmp_path: Path
) -> None:
    call = service.called(seconds=40)
    recording = service.recorded(call, b"sound", seconds=12)

    items, cursor = await drain(connector, None)
    (message,) = [item for item in items if isinstance(item, Incoming)]
    await connector.fetch_file(message.files[0].reference, tmp_path / "sound.mp3")
    assert message.pieces == (Call(outcome=CallOutcome.VOICEMAIL, seconds=12),)
    assert message.text == ""
    assert (tmp_path / "sound.mp3").read_bytes() == b"sound"

    service.written_down(recording, "Please call me back.")
    service.now += timedelta(minutes=2)
    (edit,) = (await drain(connector, cursor))[0]
    assert isinstance(edit, Edited)
    assert (edit.external_id, edit.text) == (call["sid"], "Please call me back.")
    assert edit.pieces == message.pieces


async def test_a_recording_that_is_still_made_is_waited_for(
    service: TwilioService, connector: TwilioConnector
) -> None:
    call = service.called()
    recording = service.recorded(call, b"sound", status="processing")
    items, cursor = await drain(connector, None)
    assert items == []

    recording["status"] = "completed"
    service.written_down(recording, "Hello")
    service.now += timedelta(minutes=1)
    (message,) = (await drain(connector, cursor))[0]

    assert isinstance(message, Incoming)
    assert message.text == "Hello"


async def test_a_recorded_talk_is_no_voicemail(
    service: TwilioService, connector: TwilioConnector
) -> None:
    call = service.called(seconds=300)
    service.recorded(call, b"talk", source="DialVerb")

    (message,) = (await drain(connector, None))[0]

    assert isinstance(message, Incoming)
    assert message.pieces == (Call(outcome=CallOutcome.ANSWERED, seconds=300),)
    assert len(message.files) == 1


async def test_calls_are_left_alone_where_nobody_wants_them(service: TwilioService) -> None:
    connector = TwilioConnector(config(service, calls="no"), now=lambda: service.now)
    await connector.open()
    service.called()

    items, _ = await drain(connector, None)
    await connector.close()

    assert items == []
    assert not service.count(lambda asked: "Calls" in asked.path)
