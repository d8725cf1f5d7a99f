"""Nobody knows whether a message left: it is looked for, asked about, never sent blindly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_inbox.connectors.errors import TransientError, UncertainDelivery
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.services import replies
from desktop_inbox.store import schema
from desktop_inbox.store.database import utc_now
from tests.support.engine_room import eventually
from tests.support.scripted import SendStep
from tests.sync.outbox_desk import Desk
from tests.sync.outbox_desk import desk as desk


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
