"""Telegram's own ways of receiving, of what comes after sending, and of the set-up."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox import connectors
from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import AuthError, PermanentError, Unsupported
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.telegram.connector import TelegramConnector
from desktop_inbox.connectors.telegram.reading import UPDATES
from tests.connectors.contract_suite import drain
from tests.connectors.telegram_desk import config, message
from tests.connectors.telegram_desk import connector as connector
from tests.connectors.telegram_desk import service as service
from tests.support.http_service import Said
from tests.support.telegram_service import BUSINESS, ELIF, TelegramService, method


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
