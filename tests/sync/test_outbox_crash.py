"""A crash, a power cut or a full disk at any step of sending loses and doubles nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox.connectors.errors import PermanentError, TransientError
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store import outbox
from desktop_inbox.store.database import DiskFull, Tx
from tests.support.engine_room import eventually
from tests.support.scripted import SendStep
from tests.sync.outbox_desk import Desk
from tests.sync.outbox_desk import desk as desk


class PowerCut(BaseException):
    """The process is gone; nothing after this runs."""


def _cut(at: str) -> Callable[[str], None]:
    def reached(point: str) -> None:
        if point == at:
            raise PowerCut

    return reached


async def _die(desk: Desk) -> None:
    task = asyncio.create_task(desk.lane.run())
    with pytest.raises(PowerCut):
        await task


async def test_a_crash_before_the_claim_changes_nothing(desk: Desk) -> None:
    desk.queue()
    desk.link.can_send = False
    await desk.work()
    desk.link.can_send = True
    await desk.work(desk.new_lane())
    assert len(desk.wire) == 1


async def test_a_crash_before_the_body_sends_it_again(desk: Desk) -> None:
    key = desk.queue()
    desk.script(SendStep(reached=_cut("before")))
    await _die(desk)
    row = desk.row(key)
    assert row is not None
    assert row.state == "sending"
    await desk.work(desk.new_lane())
    assert len(desk.wire) == 1
    assert desk.delivery(key) is Delivery.SENT


@pytest.mark.parametrize("point", ["body", "after"])
async def test_a_crash_after_the_body_began_is_never_resent(desk: Desk, point: str) -> None:
    key = desk.queue()
    desk.script(SendStep(reached=_cut(point)))
    await _die(desk)
    before = len(desk.wire)
    await desk.work(desk.new_lane())
    assert desk.delivery(key) is Delivery.UNCERTAIN
    assert len(desk.wire) == before


async def test_a_crash_after_the_provider_filed_it_ends_sent(desk: Desk) -> None:
    key = desk.queue()
    desk.script(SendStep(reached=_cut("after")))
    await _die(desk)
    desk.service.sent_folder.append(desk.room.message(key).client_ref)
    await desk.work(desk.new_lane())
    assert desk.delivery(key) is Delivery.SENT
    assert len(desk.wire) == 1


async def test_a_crash_between_sending_and_filing_files_the_copy_once(desk: Desk) -> None:
    key = desk.queue()
    desk.service.store_script.append(PowerCut())  # type: ignore[arg-type]
    await _die(desk)
    row = desk.row(key)
    assert row is not None
    assert (row.state, desk.delivery(key)) == ("filing", Delivery.SENT)
    await desk.work(desk.new_lane())
    assert len(desk.service.sent_folder) == len(desk.wire) == 1
    assert desk.row(key) is None


async def test_filing_waits_for_the_line_and_the_message_stays_sent(desk: Desk) -> None:
    key = desk.queue()
    desk.service.store_script.append(TransientError("reset"))
    await desk.work(desk.new_lane(delay=timedelta(milliseconds=20)))
    assert desk.delivery(key) is Delivery.SENT
    async with desk.working(desk.new_lane()):
        await eventually(lambda: desk.row(key) is None)
    assert len(desk.service.sent_folder) == 1


@pytest.mark.expects_log("no copy in Sent")
async def test_a_copy_that_can_never_be_filed_is_given_up(desk: Desk) -> None:
    key = desk.queue()
    desk.service.store_script.append(PermanentError("no such folder"))
    await desk.work()
    assert desk.row(key) is None


@pytest.mark.expects_log("waits: disk-full")
async def test_a_full_disk_after_delivery_does_not_lose_that_it_was_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = desk.queue()
    monkeypatch.setattr("desktop_inbox.sync.ledger.SETTLE_AGAIN", timedelta(milliseconds=5))
    full = [DiskFull(Path("inbox.db"))] * 3
    really = outbox.sent

    def sent(tx: Tx, message_id: int, **more: object) -> None:
        if full:
            raise full.pop()
        really(tx, message_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "sent", sent)
    await desk.work()
    assert (desk.delivery(key), len(desk.wire)) == (Delivery.SENT, 1)


async def test_a_full_disk_before_the_body_tries_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = desk.queue()
    monkeypatch.setattr("desktop_inbox.sync.ledger.SETTLE_AGAIN", timedelta(milliseconds=5))
    full = [DiskFull(Path("inbox.db"))]
    really = outbox.enter_body

    def enter_body(tx: Tx, message_id: int) -> None:
        if full:
            raise full.pop()
        really(tx, message_id)

    monkeypatch.setattr(outbox, "enter_body", enter_body)
    async with desk.working():
        await eventually(lambda: desk.delivery(key) is Delivery.SENT)
    assert len(desk.wire) == 1
