"""The outbox: each message leaves once, in order; what fails is tried again or told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from desktop_inbox.connectors.contract import Refusal, SendResult
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientCause,
    TransientError,
    UncertainDelivery,
    Unsupported,
)
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.services import replies
from desktop_inbox.store import accounts, schema
from desktop_inbox.store.database import Tx, utc_now
from tests.support.engine_room import eventually
from tests.support.scripted import SendStep
from tests.sync.outbox_desk import LATER, Desk, code
from tests.sync.outbox_desk import desk as desk


async def test_a_queued_message_leaves_once_and_its_copy_is_filed_once(desk: Desk) -> None:
    key = desk.queue()
    desk.script(SendStep(result=SendResult(external_id="x", detail="250 2.0.0 queued as 7")))
    await desk.work()
    await desk.work(desk.new_lane())
    ref = desk.room.message(key).client_ref
    assert (desk.wire, desk.service.sent_folder) == ([ref], [ref])
    assert desk.delivery(key) is Delivery.SENT
    assert desk.room.message(key).delivery_detail["detail"] == "250 2.0.0 queued as 7"
    assert desk.row(key) is None


async def test_messages_leave_one_at_a_time_in_the_order_they_were_queued(desk: Desk) -> None:
    keys = [desk.queue(body=f"Number {number}") for number in range(5)]
    await desk.work()
    assert desk.wire == [desk.room.message(key).client_ref for key in keys]


BO = Refusal(address="bo@example.org", code=450, text="4.2.0 greylisted")
EVE = Refusal(address="eve@example.org", code=550, text="5.1.1 no such user")


def _accepted(*refused: Refusal) -> SendStep:
    return SendStep(result=SendResult(external_id="x", refused=refused))


def _refused(desk: Desk, key: int) -> list[str]:
    told = desk.room.message(key).delivery_detail.get("refused")
    assert isinstance(told, list)
    return [one["address"] for one in told]


async def test_only_those_refused_for_now_are_tried_again(desk: Desk) -> None:
    key = desk.queue()
    desk.script(_accepted(BO, EVE), _accepted())
    await desk.work()
    row = desk.row(key)
    assert row is not None
    assert (row.state, row.recipients) == ("queued", (BO.address,))
    assert (desk.delivery(key), _refused(desk, key)) == (Delivery.SENT, [BO.address, EVE.address])
    desk.room.write(lambda tx: replies.retry(tx, key))
    await desk.work(desk.new_lane())
    assert [message.only for message in desk.service.delivered] == [None, (BO.address,)]
    assert len(set(desk.wire)) == 1
    assert len(desk.service.sent_folder) == 1
    assert _refused(desk, key) == [EVE.address]
    row = desk.row(key)
    assert row is not None
    assert (row.state, row.recipients) == ("failed", (EVE.address,))
    desk.room.write(lambda tx: replies.let_go(tx, key))
    assert desk.row(key) is None
    assert (desk.delivery(key), _refused(desk, key)) == (Delivery.SENT, [EVE.address])


async def test_a_second_delivery_that_is_unknown_is_not_taken_for_the_first(desk: Desk) -> None:
    key = desk.queue()
    desk.script(_accepted(BO), SendStep(after=UncertainDelivery("timed out")))
    await desk.work()
    desk.room.write(lambda tx: replies.retry(tx, key))
    await desk.work(desk.new_lane())
    row = desk.row(key)
    assert row is not None
    assert (row.state, row.looks) == ("uncertain", 0)
    assert desk.delivery(key) is Delivery.SENT


async def test_what_some_have_cannot_be_taken_back(desk: Desk) -> None:
    key = desk.queue()
    desk.script(_accepted(BO))
    await desk.work()
    with pytest.raises(UserError, match="too-late"):
        desk.room.write(lambda tx: replies.cancel(tx, key))
    assert desk.room.message(key).text


async def test_recipients_that_were_refused_are_kept_on_the_message(desk: Desk) -> None:
    key = desk.queue()
    refusal = Refusal(address="bo@example.org", code=550, text="5.1.1 no such user")
    desk.script(SendStep(result=SendResult(external_id="x", refused=(refusal,))))
    await desk.work()
    assert desk.delivery(key) is Delivery.SENT
    assert desk.room.message(key).delivery_detail["refused"] == [
        {"address": "bo@example.org", "code": 550, "text": "5.1.1 no such user"}
    ]


async def test_what_is_held_for_undo_does_not_leave(desk: Desk) -> None:
    key = desk.queue(hold=LATER)
    await desk.work()
    assert desk.wire == []
    desk.room.write(lambda tx: replies.cancel(tx, key))
    await desk.work(desk.new_lane())
    assert desk.wire == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TransientError("timed out"), "network"),
        (TransientError("bad cert", cause=TransientCause.TLS), "tls"),
        (TransientError("451 greylisted", cause=TransientCause.SERVER), "server"),
        (RateLimited("too fast", retry_after_seconds=3600), "rate_limited"),
    ],
)
async def test_what_may_work_later_is_tried_again_later(
    desk: Desk, error: ConnectorError, code: str
) -> None:
    key = desk.queue()
    desk.script(SendStep(before=error))
    before = utc_now()
    await desk.work()
    row = desk.row(key)
    assert row is not None
    assert (row.state, row.error_code, row.attempts) == ("queued", code, 1)
    assert timedelta(minutes=59) < row.next_at - before < timedelta(minutes=61)
    assert desk.delivery(key) is Delivery.QUEUED
    desk.room.write(lambda tx: replies.retry(tx, key))
    await desk.work(desk.new_lane())
    assert len(desk.wire) == 1


async def test_a_server_that_wants_more_patience_gets_it(desk: Desk) -> None:
    key = desk.queue()
    desk.script(SendStep(before=TransientError("421", retry_after_seconds=7200)))
    await desk.work()
    row = desk.row(key)
    assert row is not None
    assert row.next_at - utc_now() > timedelta(minutes=110)


@pytest.mark.parametrize(
    "error", [TransientError("reset"), RateLimited("x", retry_after_seconds=9)]
)
async def test_while_the_line_is_down_nothing_behind_is_tried(
    desk: Desk, error: ConnectorError
) -> None:
    desk.queue()
    second = desk.queue()
    desk.script(SendStep(before=error))
    await desk.work()
    row = desk.row(second)
    assert row is not None
    assert (row.attempts, desk.wire) == (0, [])


async def test_one_greylisted_message_does_not_hold_up_the_next(desk: Desk) -> None:
    desk.queue()
    second = desk.queue()
    desk.script(SendStep(before=TransientError("451", cause=TransientCause.SERVER)))
    await desk.work()
    assert desk.wire == [desk.room.message(second).client_ref]


async def test_when_the_line_is_back_everything_leaves_at_once(desk: Desk) -> None:
    key = desk.queue()
    desk.script(SendStep(before=TransientError("offline")))
    async with desk.working() as lane:
        await eventually(lambda: code(desk, key) == "network" and not lane.busy)
        lane.line_is_back()
        await eventually(lambda: desk.delivery(key) is Delivery.SENT)


def _age(attempts: int, since: timedelta) -> Callable[[Tx], None]:
    def age(tx: Tx) -> None:
        values = {"attempts": attempts, "tried_since": tx.now - since}
        tx.conn.execute(schema.outbox.update().values(**values))

    return age


@pytest.mark.parametrize(
    ("attempts", "since", "state"),
    [
        (40, timedelta(hours=25), "failed"),
        (40, timedelta(hours=2), "queued"),  # a line that came and went made many attempts
        (3, timedelta(days=30), "queued"),  # a computer that was off did not try
    ],
)
async def test_a_day_of_trying_is_told_to_a_person(
    desk: Desk, attempts: int, since: timedelta, state: str
) -> None:
    key = desk.queue()
    desk.room.write(_age(attempts, since))
    desk.script(SendStep(before=TransientError("no route", cause=TransientCause.NETWORK)))
    await desk.work()
    row = desk.row(key)
    assert row is not None
    code = "gave-up" if state == "failed" else "network"
    assert (row.state, row.error_code, row.error_text) == (state, code, "no route")


async def test_trying_again_by_hand_begins_the_day_anew(desk: Desk) -> None:
    key = desk.queue()
    desk.room.write(_age(40, timedelta(hours=25)))
    desk.script(*[SendStep(before=TransientError("no route"))] * 2)
    await desk.work()
    desk.room.write(lambda tx: replies.retry(tx, key))
    await desk.work(desk.new_lane())
    row = desk.row(key)
    assert row is not None
    assert (row.state, row.attempts) == ("queued", 1)


@pytest.mark.parametrize("reason", list(PermanentReason))
async def test_what_can_never_succeed_fails_with_the_servers_words(
    desk: Desk, reason: PermanentReason
) -> None:
    key = desk.queue()
    desk.script(SendStep(before=PermanentError("550 no such user", reason=reason)))
    await desk.work()
    row = desk.row(key)
    assert row is not None
    assert (row.state, row.error_code, row.error_text) == (
        "failed",
        reason.value,
        "550 no such user",
    )
    assert desk.delivery(key) is Delivery.FAILED


async def test_a_refusal_after_the_body_is_a_refusal(desk: Desk) -> None:
    key = desk.queue()
    desk.script(SendStep(delivered=False, after=PermanentError("554 spam")))
    await desk.work()
    assert desk.delivery(key) is Delivery.FAILED


async def test_a_refused_sign_in_keeps_the_message_and_stops_the_account(desk: Desk) -> None:
    key = desk.queue()
    desk.queue()
    desk.script(SendStep(before=AuthError("535 5.7.8")))
    await desk.work()
    assert desk.delivery(key) is Delivery.QUEUED
    assert len(desk.link.refusals) == 1
    assert desk.wire == []
    desk.link.can_send = True
    await desk.work(desk.new_lane())
    assert len(desk.wire) == 2


async def test_what_the_channel_cannot_do_fails(desk: Desk) -> None:
    key = desk.queue()
    desk.script(SendStep(before=Unsupported("email")))
    await desk.work()
    assert desk.delivery(key) is Delivery.FAILED


async def test_what_is_being_sent_cannot_be_taken_back(desk: Desk) -> None:
    key = desk.queue()
    refusals: list[str] = []

    def try_to_cancel(point: str) -> None:
        try:
            desk.room.workspace.db.write(lambda tx: replies.cancel(tx, key)).result(5)
        except UserError as error:
            refusals.append(error.code)

    desk.script(SendStep(reached=try_to_cancel))
    await desk.work()
    assert refusals == ["too-late"] * 3
    assert desk.delivery(key) is Delivery.SENT


async def test_a_missing_attachment_fails_before_anything_is_sent(desk: Desk) -> None:
    sha256 = desk.room.workspace.files.put(b"an invoice")
    file = {"name": "a.pdf", "media_type": "application/pdf", "size": 10, "sha256": sha256}
    key = desk.queue(attachments=(file,))
    desk.room.workspace.files.path(sha256).unlink()
    await desk.work()
    row = desk.row(key)
    assert row is not None
    assert (row.state, row.error_code) == ("failed", "attachment-missing")
    assert desk.wire == []


async def test_what_the_service_takes_is_kept_also_where_it_refused(desk: Desk) -> None:
    desk.service.limits = {"max_message_bytes": 10_000_000}
    desk.script(SendStep(before=PermanentError("552", reason=PermanentReason.TOO_LARGE)))
    desk.queue()
    await desk.work()
    (row,) = desk.room.read(accounts.list_all)
    assert row.limits == {"max_message_bytes": 10_000_000}
