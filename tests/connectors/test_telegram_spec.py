"""What we ask of Telegram, and what our stand-in for it answers, is as the vendor describes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_inbox.connectors.telegram.connector import TelegramConnector
from desktop_inbox.connectors.telegram.content import ENVELOPE, READ
from desktop_inbox.connectors.telegram.reading import HOUSEKEEPING, UPDATES
from desktop_inbox.domain.messages import Outgoing, OutgoingFile
from desktop_inbox.domain.pieces import Button, Card, Spot
from tests.connectors.contract_suite import drain, nothing
from tests.connectors.telegram_desk import a_file, config, outgoing
from tests.support.http_service import serving
from tests.support.telegram_service import BUSINESS, ELIF, OWNER, TelegramService
from tests.support.telegram_spec import (
    Description,
    description,
    faults_of,
    faults_of_request,
    faults_of_result,
)


@pytest.fixture(scope="module")
def spec() -> Description:
    return description()


@pytest.fixture
async def service() -> AsyncIterator[TelegramService]:
    async with serving(TelegramService()) as service:
        yield service


async def everything(service: TelegramService, folder: Path) -> None:
    """Do once all that the connector can do."""

    def file(name: str, kind: str) -> OutgoingFile:
        return a_file(folder, name, kind)

    def message(text: str = "", chat: str = "77", **more: object) -> Outgoing:
        return outgoing(text, chat=chat, **more)

    connector = TelegramConnector(config(service, take_over="yes"), now=lambda: datetime.now(UTC))
    await connector.open()
    await service.says("Hello")
    file_id = service.file("F1", b"data")
    await service.update(
        message=service.message(caption="A mug", document={**file_id, "file_name": "a.png"})
    )
    pressed = {"id": "q1", "from": ELIF, "data": "y", "chat_instance": "1"}
    await service.update(callback_query={**pressed, "message": service.message(text="?")})
    private = {"id": 77, "type": "private", "first_name": "Elif"}
    await service.update(
        business_message=service.message(
            user=OWNER, chat=private, text="Mine", business_connection_id=BUSINESS
        )
    )
    await drain(connector, None)
    for text_and_more in (
        message("Hi", in_reply_to="77#1", pieces=(Button(text="Yes"),)),
        message("Hi", pieces=(Button(text="Web", url="https://shop.example"),)),
        message("long " * 2000),
        message("Look", attachments=(file("a.png", "image/png"),)),
        message(attachments=(file("a.gif", "image/gif"), file("a.ogg", "audio/ogg"))),
        message(attachments=(file("b.mp4", "video/mp4"), file("b.jpg", "image/jpeg"))),
        message(attachments=(file("a.mp3", "audio/mpeg"), file("a.pdf", "application/pdf"))),
        message("Two", attachments=tuple(file(f"{n}.pdf", "application/pdf") for n in "12")),
        message(pieces=(Spot(latitude=1.0, longitude=2.0), Card(name="A", phones=("+1555",)))),
        message(pieces=(Spot(latitude=1.5, longitude=2.0, title="Shop", address="Street"),)),
        message("Hi", chat=f"{BUSINESS}:77"),
        message("Hi", chat="-100500/40"),
    ):  # fmt: skip
        await connector.send(text_and_more, nothing)
    await connector.fetch_file("F1", folder / "fetched")
    await connector.edit("77", "77#5", "Better")
    await connector.edit(f"{BUSINESS}:77", f"{BUSINESS}:77#5", "Better")
    await connector.withdraw("77", "77#5")
    await connector.withdraw(f"{BUSINESS}:77", f"{BUSINESS}:77#5")
    await connector.react("77", "77#5", ["❤"])
    await connector.read(f"{BUSINESS}:77", f"{BUSINESS}:77#5")
    await connector.close()


async def test_every_call_and_every_answer_is_as_described(
    spec: Description, service: TelegramService, tmp_path: Path
) -> None:
    await everything(service, tmp_path)

    called = {method for method, _asked, _result in service.exchanges}
    # All that the connector knows was called, or this would prove little.
    assert len(called) >= 20
    for method, asked, result in service.exchanges:
        # Files of an album stand beside the fields, under names of our own.
        params = {name: value for name, value in asked.items() if not name.startswith("file")}
        params |= {"file_id": asked["file_id"]} if "file_id" in asked else {}
        assert faults_of_request(spec, method, params) == []
        assert faults_of_result(spec, method, result) == []


def test_the_check_finds_what_is_wrong(spec: Description) -> None:
    assert faults_of_request(spec, "sendMessage", {"chat_id": 1}) == ["sendMessage.text: missing"]
    assert faults_of_request(spec, "sendMessage", {"chat_id": 1.5, "text": "a"})
    assert faults_of_request(spec, "getMe", {"x": 1}) == ["getMe.x: unknown"]
    assert faults_of_result(spec, "getMe", {"id": 1}) != []
    assert faults_of(spec, "Update", {"update_id": "1"}) != []


def test_what_is_asked_for_is_there(spec: Description) -> None:
    fields = spec["types"]["Update"]["fields"]
    assert isinstance(fields, list)
    assert set(UPDATES) <= {field["name"] for field in fields}


def test_every_field_of_a_message_is_known_for_what_it_is(spec: Description) -> None:
    fields = spec["types"]["Message"]["fields"]
    assert isinstance(fields, list)
    names = {field["name"] for field in fields}

    assert names >= ENVELOPE | READ | HOUSEKEEPING
    assert not ENVELOPE & READ
    assert not (ENVELOPE | READ) & HOUSEKEEPING
