"""The engine as a whole: mail in, replies out, accounts that come and go, one at a time."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox.connectors.errors import AuthError, TransientError
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store import accounts
from desktop_inbox.store.database import DiskFull
from desktop_inbox.store.lock import EngineBusy
from desktop_inbox.sync.engine_thread import EngineThread
from desktop_inbox.sync.status import State
from tests.support.engine_room import Room, eventually, running
from tests.support.scripted import SendStep
from tests.support.scripted_connector import mail_text, raw_mail


async def test_mail_arrives_and_an_answer_leaves(room: Room) -> None:
    account = room.add_account()
    service = room.services[account]
    service.arrive(raw_mail(mail_text(message_id="a@example.org"), uid=1))
    await room.engine().run(until_idle=True)
    (conversation,) = room.conversations("inbox")
    queued = room.queue(conversation_id=conversation.id)
    await room.engine().run(until_idle=True)
    (sent,) = service.delivered
    assert (sent.client_ref, sent.in_reply_to) == (queued.client_ref, "a@example.org")
    assert sent.references == ("a@example.org",)
    assert room.message(queued.message_id).delivery is Delivery.SENT
    assert service.sent_folder == [queued.client_ref]
    assert room.outbox() == []


async def test_a_reply_queued_while_the_engine_runs_leaves_at_once(room: Room) -> None:
    account = room.add_account()
    async with running(room.engine()):
        await eventually(lambda: room.services[account].waited > 0)
        room.queue(account_id=account)
        await eventually(lambda: len(room.services[account].delivered) == 1)


async def test_accounts_are_followed_as_they_are_added_paused_and_resumed(room: Room) -> None:
    engine = room.engine()
    async with running(engine):
        key = room.add_account()
        await eventually(lambda: _state(engine, key) is State.ONLINE)
        room.write(lambda tx: accounts.change(tx, key, enabled=False))
        await eventually(lambda: _state(engine, key) is State.PAUSED)
        queued = room.queue(account_id=key)
        room.write(lambda tx: accounts.change(tx, key, enabled=True))
        await eventually(lambda: room.message(queued.message_id).delivery is Delivery.SENT)


async def test_one_bad_account_does_not_touch_the_others(room: Room) -> None:
    bad, good = room.add_account(), room.add_account("second@example.com")
    room.services[bad].open_script.append(AuthError("535 wrong password"))
    room.services[good].arrive(raw_mail(mail_text(message_id="a@x"), uid=1))
    statuses = await room.engine().run(until_idle=True)
    assert statuses[bad].state is State.NEEDS_SIGN_IN
    assert (statuses[good].state, statuses[good].stored) == (State.ONLINE, 1)


async def test_states_are_kept_where_other_processes_see_them(room: Room) -> None:
    key = room.add_account()
    room.services[key].open_script.append(TransientError("no route to host", step="connect"))
    await room.engine().run(until_idle=True)
    row = room.read(lambda conn: accounts.row(conn, key))
    assert row is not None
    assert row.state == State.WAITING
    assert row.state_detail["detail"] == "no route to host"


async def test_a_workspace_has_one_engine_at_a_time(room: Room) -> None:
    room.add_account()
    async with running(room.engine()):
        with pytest.raises(EngineBusy):
            await room.engine().run(until_idle=True)


async def test_a_message_held_for_undo_is_waited_for(room: Room) -> None:
    key = room.add_account()
    room.queue(account_id=key, hold=timedelta(milliseconds=300))
    await room.engine().run(until_idle=True)
    assert len(room.services[key].delivered) == 1


async def test_stopping_settles_what_is_on_the_wire(room: Room) -> None:
    key = room.add_account()
    engine = room.engine()
    reached = threading.Event()
    room.services[key].send_script.append(
        SendStep(reached=lambda point: reached.set() if point == "body" else None)
    )
    queued = room.queue(account_id=key)
    async with running(engine):
        await eventually(reached.is_set)
    assert room.message(queued.message_id).delivery is Delivery.SENT


def test_an_engine_runs_beside_a_window_on_a_thread_of_its_own(room: Room) -> None:
    key = room.add_account()
    room.services[key].arrive(raw_mail(mail_text(message_id="a@x"), uid=1))
    online = threading.Event()
    thread = EngineThread(room.engine())
    thread.subscribe(lambda status: online.set() if status.state is State.ONLINE else None)
    thread.start()
    try:
        assert online.wait(10)

        async def where() -> str:
            await asyncio.sleep(0)
            return threading.current_thread().name

        assert thread.submit(where()).result(5) == "engine"
        with pytest.raises(EngineBusy):
            EngineThread(room.engine()).start()
    finally:
        thread.stop()
    assert len(room.conversations()) == 1
    assert not thread.running


def _state(engine: object, key: int) -> State | None:
    status = engine.statuses.get(key)  # type: ignore[attr-defined]
    return status.state if status else None


async def test_a_large_batch_is_stored_in_parts_and_counted_once(room: Room) -> None:
    key = room.add_account()
    service = room.services[key]
    service.batch_size = 130
    service.arrive(*(raw_mail(mail_text(message_id=f"{n}@x"), uid=n + 1) for n in range(300)))
    statuses = await room.engine().run(until_idle=True)
    assert statuses[key].stored == 300
    totals = room.read(lambda conn: accounts.totals(conn, key))
    assert (totals.stored, totals.duplicates) == (300, 0)


async def test_a_part_that_fails_is_delivered_again_without_being_counted_twice(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = room.add_account()
    service = room.services[key]
    service.batch_size = 10
    service.arrive(*(raw_mail(mail_text(message_id=f"{n}@x"), uid=n + 1) for n in range(10)))
    await room.engine().run(until_idle=True)
    service.batch_size = 200
    service.arrive(*(raw_mail(mail_text(message_id=f"{n}@x"), uid=n + 1) for n in range(10, 150)))
    really = accounts.set_cursor
    calls = []

    def set_cursor(*args: object, **more: object) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise DiskFull(Path("workspace.db"))
        really(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(accounts, "set_cursor", set_cursor)
    monkeypatch.setattr("desktop_inbox.sync.batches._PART_ITEMS", 100)
    engine = room.engine()
    async with running(engine):
        await eventually(lambda: _state(engine, key) is State.WAITING)
        engine.kick()
        await eventually(lambda: _state(engine, key) is State.ONLINE)
    totals = room.read(lambda conn: accounts.totals(conn, key))
    assert (totals.stored, totals.duplicates) == (150, 0)


async def test_an_account_changed_while_the_engine_stops_is_not_started_again(room: Room) -> None:
    key = room.add_account()
    engine = room.engine()
    async with running(engine):
        await eventually(lambda: _state(engine, key) is State.ONLINE)
        room.write(lambda tx: tx.touch(account=key))
        engine.stop()
    assert _state(engine, key) is State.ONLINE  # and no task is left, which every test looks for
