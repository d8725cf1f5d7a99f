"""Sending: every row of the error table, every point where a crash may fall, nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox.connectors.contract import AccountConfig, Refusal, SendResult
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
from desktop_inbox.store import accounts, messages, outbox, schema
from desktop_inbox.store.database import DiskFull, Tx, utc_now
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.sync.outbox import Lane
from tests.support.engine_room import Room, eventually
from tests.support.scripted import SendStep
from tests.support.scripted_connector import ScriptedConnector, Service

NOW = timedelta(0)
LATER = timedelta(hours=1)
AT_ONCE = (timedelta(0),) * 3


class Link:
    """A runner's part of sending."""

    def __init__(self, service: Service, *, can_send: bool = True) -> None:
        config = AccountConfig(id=1, address="shop@example.com", settings={}, secrets={})
        self.connector: ScriptedConnector | None = ScriptedConnector(config, service)
        self.can_send = can_send
        self.sending = asyncio.Lock()
        self.refusals: list[AuthError] = []

    def refuse(self, error: AuthError) -> None:
        self.refusals.append(error)
        self.can_send = False


class Desk:
    """One account's lane under test."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.account_id = room.add_account()
        self.service = room.services[self.account_id]
        self.link = Link(self.service)
        self.lane = self.new_lane()

    def new_lane(
        self,
        *,
        delay: timedelta = LATER,
        look_after: Sequence[timedelta] = AT_ONCE,
        copy_after: Sequence[timedelta] = AT_ONCE,
    ) -> Lane:
        self.lane = Lane(
            self.room.workspace,
            self.account_id,
            link=self.link,
            look_after=look_after,
            copy_after=copy_after,
            send_delay=lambda attempts: delay,
        )
        return self.lane

    def queue(self, **more: Any) -> int:
        return self.room.queue(account_id=self.account_id, **more).message_id

    def row(self, message_id: int) -> OutboxRow | None:
        return self.room.read(lambda conn: outbox.row(conn, message_id))

    def delivery(self, message_id: int) -> Delivery | None:
        return self.room.message(message_id).delivery

    def script(self, *steps: SendStep) -> None:
        self.service.send_script.extend(steps)

    @property
    def wire(self) -> list[str]:
        return [message.client_ref for message in self.service.delivered]

    @asynccontextmanager
    async def working(self, lane: Lane | None = None) -> AsyncIterator[Lane]:
        used = lane or self.lane
        task = asyncio.create_task(used.run())
        try:
            yield used
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def work(self, lane: Lane | None = None) -> None:
        """Run a lane until it has nothing to do now."""
        async with self.working(lane) as used:
            await eventually(lambda: not used.busy)


@pytest.fixture
def desk(room: Room) -> Desk:
    return Desk(room)


# The good case


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


# The error table


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
        await eventually(lambda: _code(desk, key) == "network" and not lane.busy)
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


async def test_an_unknown_result_is_looked_for_and_never_resent(desk: Desk) -> None:
    key = desk.queue()
    desk.script(SendStep(after=UncertainDelivery("connection lost after the dot")))
    await desk.work()
    assert desk.delivery(key) is Delivery.UNCERTAIN
    assert len(desk.service.looked_for) == 4
    await desk.work(desk.new_lane())
    assert len(desk.wire) == 1


async def test_an_unknown_result_found_in_sent_is_sent(desk: Desk) -> None:
    key = desk.queue()
    ref = desk.room.message(key).client_ref
    desk.service.sent_folder.append(ref)
    desk.script(SendStep(after=UncertainDelivery("timed out")))
    await desk.work()
    assert desk.delivery(key) is Delivery.SENT
    assert desk.row(key) is None
    assert desk.wire == [ref]


async def test_looking_goes_on_after_the_line_was_down(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_inbox.sync.errands.LOOK_AFTER_FAILURE", timedelta(0))
    key = desk.queue()
    desk.service.sent_folder.append(desk.room.message(key).client_ref)
    desk.service.find_script.append(TransientError("offline"))
    desk.script(SendStep(after=UncertainDelivery("timed out")))
    await desk.work()
    assert desk.delivery(key) is Delivery.SENT


async def test_a_person_has_it_looked_for_and_learns_what_came_of_it(desk: Desk) -> None:
    key = desk.queue()
    desk.script(SendStep(after=UncertainDelivery("timed out")))
    await desk.work(desk.new_lane(look_after=()))
    row = desk.row(key)
    assert row is not None
    assert (row.looks, row.look_at, row.look_error) == (1, None, "")
    desk.service.find_script.append(TransientError("no route"))
    desk.room.write(lambda tx: replies.check(tx, key))
    await desk.work(desk.new_lane(look_after=()))
    row = desk.row(key)
    assert row is not None
    assert (row.looks, row.look_error) == (1, "network")
    desk.service.sent_folder.append(desk.room.message(key).client_ref)
    desk.room.write(lambda tx: replies.check(tx, key))
    await desk.work(desk.new_lane(look_after=()))
    assert desk.delivery(key) is Delivery.SENT
    with pytest.raises(UserError, match="not-uncertain"):
        desk.room.write(lambda tx: replies.check(tx, key))


async def test_a_new_connection_looks_again_for_a_while(desk: Desk) -> None:
    key = desk.queue()
    desk.script(SendStep(after=UncertainDelivery("timed out")))
    async with desk.working(desk.new_lane(look_after=())) as lane:
        await eventually(lambda: len(desk.service.looked_for) == 1 and not lane.busy)
        lane.line_is_back()
        await eventually(lambda: len(desk.service.looked_for) == 2 and not lane.busy)
        long_ago = utc_now() - timedelta(days=4)
        times = {"queued_at": long_ago, "not_before": long_ago}
        desk.room.write(lambda tx: tx.conn.execute(schema.outbox.update().values(**times)))
        lane.line_is_back()
        await eventually(lambda: not lane.busy)
    assert len(desk.service.looked_for) == 2
    assert desk.delivery(key) is Delivery.UNCERTAIN


@pytest.mark.parametrize("comes", [True, False])
async def test_a_copy_that_the_provider_files_is_waited_for_and_then_filed(
    desk: Desk, comes: bool
) -> None:
    key = desk.queue()
    desk.service.files_itself = True
    if comes:
        desk.service.sent_folder.append(desk.room.message(key).client_ref)
    await desk.work()
    assert desk.service.asked_for_copies == (1 if comes else 4)
    assert desk.service.sent_folder == desk.wire
    assert desk.row(key) is None


@pytest.mark.parametrize(("outcome", "times"), [("sent", 1), ("again", 2)])
async def test_a_person_resolves_what_stays_unknown(desk: Desk, outcome: str, times: int) -> None:
    key = desk.queue()
    desk.script(SendStep(after=UncertainDelivery("timed out")))
    await desk.work()
    desk.room.write(lambda tx: replies.resolve(tx, key, outcome))
    await desk.work(desk.new_lane())
    assert desk.delivery(key) is Delivery.SENT
    assert len(desk.wire) == times
    assert len(set(desk.wire)) == 1, "the same Message-ID both times"


@pytest.mark.expects_log("stopped by a bug")
async def test_a_bug_before_the_body_fails_and_after_it_is_unknown(desk: Desk) -> None:
    first, second = desk.queue(), desk.queue()
    desk.script(SendStep(before=KeyError("x")), SendStep(after=KeyError("y")))
    await desk.work()
    assert desk.delivery(first) is Delivery.FAILED
    assert desk.delivery(second) is Delivery.UNCERTAIN


# Crashes: whatever the point, the message leaves once or a person is asked


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


# Undo and editing race with sending


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


def _code(desk: Desk, key: int) -> str:
    row = desk.row(key)
    return row.error_code if row else ""


async def test_a_message_sent_later_is_held_when_the_customer_writes_first(desk: Desk) -> None:
    from desktop_inbox.domain.states import Direction

    key = desk.queue(at=utc_now() + timedelta(milliseconds=200))
    conversation_id = desk.room.message(key).conversation_id

    def customer_writes(tx: Tx) -> None:
        at = tx.now + timedelta(milliseconds=1)
        (new_id,) = messages.next_ids(tx, [at])
        new = messages.NewMessage(
            id=new_id,
            uid="u",
            conversation_id=conversation_id,
            direction=Direction.IN,
            at=at,
        )
        messages.insert_messages(tx, [new])

    desk.room.write(customer_writes)
    async with desk.working():
        await eventually(lambda: _code(desk, key) == "customer-wrote")
    assert desk.wire == []
    desk.room.write(lambda tx: replies.retry(tx, key))
    async with desk.working(desk.new_lane()):
        await eventually(lambda: len(desk.wire) == 1)


async def _plan(desk: Desk, *, overdue: timedelta, **terms: Any) -> int:
    """Queue a message sent later, whose time passed that long ago while the computer slept."""
    later = replies.SendLater(**terms)
    key = desk.queue(at=utc_now() + timedelta(hours=1), later=later)
    moment = utc_now() - overdue
    times = {"not_before": moment, "next_at": moment}
    desk.room.write(lambda tx: tx.conn.execute(schema.outbox.update().values(**times)))
    return key


async def test_what_leaves_after_its_time_says_how_late_it_was(desk: Desk) -> None:
    key = await _plan(desk, overdue=timedelta(hours=3))
    await desk.work()
    late = desk.room.message(key).delivery_detail["late_seconds"]
    assert isinstance(late, int)
    assert 10_800 <= late < 10_900


async def test_what_leaves_in_time_says_nothing(desk: Desk) -> None:
    key = await _plan(desk, overdue=timedelta(seconds=20))
    await desk.work()
    assert "late_seconds" not in desk.room.message(key).delivery_detail


async def test_what_is_longer_overdue_than_its_author_wants_is_held_back(desk: Desk) -> None:
    key = await _plan(desk, overdue=timedelta(hours=3), skip_after_hours=2)
    await desk.work()
    assert (_code(desk, key), desk.wire) == ("overdue", [])
    desk.room.write(lambda tx: replies.retry(tx, key))
    await desk.work(desk.new_lane())
    assert len(desk.wire) == 1


async def test_what_the_service_takes_is_kept_also_where_it_refused(desk: Desk) -> None:
    desk.service.limits = {"max_message_bytes": 10_000_000}
    desk.script(SendStep(before=PermanentError("552", reason=PermanentReason.TOO_LARGE)))
    desk.queue()
    await desk.work()
    (row,) = desk.room.read(accounts.list_all)
    assert row.limits == {"max_message_bytes": 10_000_000}
