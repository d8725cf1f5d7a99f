"""Messages that leave at a time: held back, late, or in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from desktop_inbox.services import replies
from desktop_inbox.store import messages, schema
from desktop_inbox.store.database import Tx, utc_now
from tests.support.engine_room import eventually
from tests.sync.outbox_desk import Desk, code
from tests.sync.outbox_desk import desk as desk


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
        await eventually(lambda: code(desk, key) == "customer-wrote")
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
    assert (code(desk, key), desk.wire) == ("overdue", [])
    desk.room.write(lambda tx: replies.retry(tx, key))
    await desk.work(desk.new_lane())
    assert len(desk.wire) == 1
