"""What is told of failures, snoozes and accounts, and what keeps quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from desktop_inbox.domain.states import Direction
from desktop_inbox.services import conversations
from desktop_inbox.services import notices as remembering
from desktop_inbox.store import notices, outbox
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import customer as customer_table
from desktop_inbox.sync import coming_back
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui.context import AppContext
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until
from tests.ui.notifications.notifier_room import Room, stored
from tests.ui.notifications.notifier_room import room as room


async def test_a_message_that_failed_is_told_once(room: Room) -> None:
    def fail(tx: Tx) -> None:
        key = builders.conversation(tx)
        made = builders.message(
            tx,
            key,
            Mail(text="Here it is", direction=Direction.OUT),
            account_id=room.account_id,
        )
        outbox.add(tx, made, account_id=room.account_id, not_before=tx.now, draft={})
        outbox.fail(tx, made, code="recipient", detail="550 no such user")

    await room.context.write(fail)
    await room.looked()
    (card,) = room.screen.every
    assert card.title == "Not sent: Cracked glaze"
    assert "550 no such user" in card.body
    assert card.urgent
    await room.restart()
    assert room.screen.every == []


async def test_a_conversation_that_woke_is_told(room: Room) -> None:
    key, _message = await room.mail()
    await room.clear()
    until_ = datetime.now(UTC) + timedelta(hours=1)
    await room.context.write(
        lambda tx: conversations.snooze(tx, [key], until=until_, until_reply=False)
    )
    uid = (await stored(room, key)).uid
    await room.context.write(lambda tx: coming_back.wake(tx, [uid]))
    await room.looked()
    assert [card.title for card in room.screen.every] == ["Back from snoozing: Mina Okafor"]


def off(room: Room, *, failures: int, state: State = State.WAITING) -> None:
    status = AccountStatus(account_id=room.account_id, state=state, cause="dns", failures=failures)
    room.context.bridge.publish_status(status)


async def test_an_account_is_told_of_after_three_attempts_and_again_a_day_later(
    room: Room,
) -> None:
    off(room, failures=2)
    await until(lambda: room.notifier._off)
    await room.looked()
    assert room.screen.every == []
    off(room, failures=3)
    await until(lambda: room.screen.every)
    (card,) = room.screen.every
    assert card.title == "Shop is not connected"
    assert card.body
    off(room, failures=4)
    await room.looked()
    room.notifier._ticked()
    await room.looked()
    assert len(room.screen.every) == 1
    room.clock.go_on(hours=25)
    room.notifier._ticked()
    await until(lambda: len(room.screen.every) == 2)


async def test_an_account_that_works_again_is_taken_back(room: Room) -> None:
    off(room, failures=3)
    await until(lambda: room.screen.cards)
    off(room, failures=0, state=State.ONLINE)
    await until(lambda: not room.screen.cards)


async def test_an_account_that_waits_for_a_person_is_told_of_after_a_quarter_of_an_hour(
    room: Room,
) -> None:
    off(room, failures=1, state=State.NEEDS_SIGN_IN)
    await until(lambda: room.notifier._off)
    room.clock.go_on(minutes=16)
    room.notifier._ticked()
    await until(lambda: room.screen.every)


async def test_quiet_hours_hold_a_failure_back_until_they_are_over(room: Room) -> None:
    settings = room.context.settings
    settings.notify_quiet_from = (room.clock.now - timedelta(hours=1)).strftime("%H:%M")
    settings.notify_quiet_until = (room.clock.now + timedelta(hours=1)).strftime("%H:%M")
    settings.notify_quiet = "hours"
    off(room, failures=3)
    await until(lambda: room.notifier._again_at is not None)
    await room.looked()
    assert room.screen.every == []
    room.clock.go_on(hours=2)
    room.notifier._ticked()
    await until(lambda: room.screen.every)


async def test_a_vip_breaks_the_quiet(room: Room) -> None:
    settings = room.context.settings
    settings.notify_quiet_from, settings.notify_quiet_until = "00:00", "23:59"
    settings.notify_quiet = "hours"
    if room.clock.now.strftime("%H:%M") == "23:59":
        room.clock.go_on(minutes=2)
    await room.mail()
    assert room.screen.every == []
    await room.context.write(lambda tx: tx.conn.execute(update(customer_table).values(vip=True)))
    await room.mail()
    assert room.screen.titles == ["Mina Okafor"]


async def test_what_was_told_is_kept_and_messages_are_forgotten_after_a_month(
    context: AppContext,
) -> None:
    await context.write(lambda tx: remembering.settle(tx, ["message:a", "breach:b", "breach:b"]))
    await context.write(
        lambda tx: tx.conn.exec_driver_sql("UPDATE announced SET at = at - 2764800000")
    )
    await context.write(lambda tx: remembering.settle(tx, ["message:c"]))
    keys = ["message:a", "breach:b", "message:c", "message:d"]
    told = await context.read(lambda conn: notices.told_at(conn, keys))
    assert set(told) == {"breach:b", "message:c"}
