"""Snoozed conversations come back at their time, however long the program was off (rule H1)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.policies import ClockKind, Target
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import service_levels
from desktop_inbox.store import events, policies
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.schema import account, conversation, sla_moment
from desktop_inbox.store.service_levels import waits_for_renewal
from desktop_inbox.sync.scheduler import Scheduler
from tests.support.engine_room import Room, eventually, running
from tests.support.post import Post
from tests.support.scripted_chat import ChatRoom, Wire, said


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    post.bring(post.mail("a@x"))
    return post


def _snooze(post: Post, **until: float) -> int:
    key = post.only().id
    end = utc_now() + timedelta(**until)
    post.room.write(lambda tx: actions.snooze(tx, key, until=end))
    return key


async def test_a_snooze_ends_at_its_time(post: Post) -> None:
    _snooze(post, milliseconds=300)
    scheduler = Scheduler(post.room.workspace.db)
    task = asyncio.create_task(scheduler.run())
    await eventually(lambda: post.only().status is Status.OPEN)
    assert post.only().snoozed_until is None
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_came_due_while_the_program_was_off_wakes_at_the_start(post: Post) -> None:
    _snooze(post, days=1)

    def time_passes(tx: Tx) -> None:
        tx.conn.exec_driver_sql("UPDATE conversation SET snoozed_until = 1000")

    post.room.write(time_passes)
    async with running(post.room.engine()):
        await eventually(lambda: post.only().status is Status.OPEN)


async def test_a_snooze_set_while_it_sleeps_is_noticed(post: Post) -> None:
    async with running(post.room.engine()):
        await asyncio.sleep(0.05)
        _snooze(post, milliseconds=200)
        await eventually(lambda: post.only().status is Status.OPEN)


async def test_waking_is_the_programs_own_doing_and_not_undone(post: Post) -> None:
    key = _snooze(post, milliseconds=50)
    async with running(post.room.engine()):
        await eventually(lambda: post.only().status is Status.OPEN)
    log = post.room.read(lambda conn: events.of_conversation(conn, key))
    assert [event.kind for event in log] == ["conversation.snooze", "conversation.woke"]


async def test_a_conversation_reopened_meanwhile_is_left_alone(post: Post) -> None:
    key = _snooze(post, milliseconds=100)
    post.room.write(lambda tx: actions.close(tx, key))
    async with running(post.room.engine()):
        await asyncio.sleep(0.2)
    assert post.only().status is Status.CLOSED


async def test_a_clock_that_runs_out_is_told_of_at_its_time(post: Post) -> None:
    key, due = post.only().id, utc_now() + timedelta(milliseconds=300)
    told: list[int] = []

    def set_due(tx: Tx) -> None:
        tx.conn.execute(insert(sla_moment).values(conversation_id=key, at=due))

    post.room.write(set_due)
    scheduler = Scheduler(post.room.workspace.db)
    post.room.workspace.db.subscribe(lambda changes: told.extend(changes.conversations))
    task = asyncio.create_task(scheduler.run())
    await eventually(lambda: told == [key])
    assert utc_now() >= due
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_open_clocks_follow_a_new_promise_in_the_background(post: Post) -> None:
    quarter = {ClockKind.FIRST_RESPONSE: Target(length=timedelta(minutes=15), business=False)}

    def promise(tx: Tx) -> None:
        mail = policies.policies(tx.conn)[0]
        service_levels.change_policy(tx, mail.uid, replace(mail.current, targets=quarter))

    def begin(tx: Tx) -> None:
        tx.conn.execute(update(account).values(clocks_from=utc_now() - timedelta(days=9000)))
        tx.conn.execute(update(conversation).values(due_clock="first_response"))

    post.room.write(begin)
    async with running(post.room.engine()):
        post.room.write(promise)
        await eventually(
            lambda: (
                post.room.read(lambda conn: not waits_for_renewal(conn))
                and post.only().next_due_at is not None
            )
        )
    found = post.only()
    assert found.waiting_since is not None
    assert found.next_due_at == found.waiting_since + timedelta(minutes=15)


async def test_a_reply_window_that_nears_its_end_is_told_of_at_its_time(
    chat_room: ChatRoom,
) -> None:
    wire, told = Wire(chat_room), list[int]()
    left = timedelta(hours=2, milliseconds=300)
    wire.bring(said("1", at=utc_now() - timedelta(days=1) + left))
    key = wire.only().id
    chat_room.workspace.db.subscribe(lambda changes: told.extend(changes.conversations))
    task = asyncio.create_task(Scheduler(chat_room.workspace.db).run())
    await eventually(lambda: told == [key])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
