"""What holds for mail holds for chats: coming back, reminders, spam, clocks, automatic answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_inbox.connectors.chat import Withdrawn
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import accounts, early_news
from tests.support.scripted_chat import BARIS, GROUP_CHAT, ChatRoom, Wire, said


@pytest.fixture
def wire(chat_room: ChatRoom) -> Wire:
    return Wire(chat_room)


def set_auto_answer(wire: Wire, mode: str = "new") -> None:
    settings = {"name": "Shop", "auto_answer": mode, "auto_answer_text": "We answer soon."}
    wire.room.write(lambda tx: accounts.change(tx, wire.account_id, settings=settings))


def test_a_closed_conversation_comes_back_with_what_was_written_since(wire: Wire) -> None:
    now = wire.room.now()
    wire.bring(said("1", at=now - timedelta(hours=1)))
    wire.room.write(lambda tx: actions.set_status(tx, wire.only().id, Status.CLOSED))
    wire.bring(said("2", at=now - timedelta(minutes=30)))
    assert wire.only().status is Status.CLOSED
    wire.bring(said("3", at=now + timedelta(minutes=1)))
    assert wire.only().status is Status.OPEN


def test_a_machine_brings_nothing_back(wire: Wire) -> None:
    now = wire.room.now()
    wire.bring(said("1", at=now))
    wire.room.write(lambda tx: actions.set_status(tx, wire.only().id, Status.CLOSED))
    later = now + timedelta(minutes=1)
    wire.bring(said("2", "Out of office", kind=MessageClass.AUTO_REPLY, at=later))
    assert wire.only().status is Status.CLOSED


def test_an_answer_ends_the_reminder(wire: Wire) -> None:
    now = wire.room.now()
    wire.bring(said("1", at=now))
    wire.room.write(lambda tx: actions.follow_up(tx, wire.only().id, now + timedelta(days=2)))
    assert wire.only().follow_up_at is not None
    wire.bring(said("2", at=now + timedelta(minutes=1)))
    assert wire.only().follow_up_at is None


async def test_who_begins_a_chat_is_answered_once_by_itself(wire: Wire) -> None:
    set_auto_answer(wire)
    now = wire.room.now()
    wire.bring(said("1", "Hi", at=now), said("2", "Anybody?", at=now + timedelta(seconds=1)))
    wire.bring(said("3", "Hello?", at=now + timedelta(seconds=2)))
    await wire.room.engine().run(until_idle=True)
    service = wire.room.chat_service(wire.account_id)
    assert [(one.text, one.chat, one.automatic) for one in service.delivered] == [
        ("We answer soon.", "elif", True)
    ]
    assert wire.only().waiting_since == now


def test_groups_machines_and_old_messages_are_not_answered_by_themselves(wire: Wire) -> None:
    set_auto_answer(wire)
    now = wire.room.now()
    wire.bring(
        said("1", chat=GROUP_CHAT, at=now),
        said("2", chat="b", author=BARIS, kind=MessageClass.AUTOMATED, at=now),
        said("3", chat="c", at=now - timedelta(days=2)),
        said("4", chat="d", from_me=True, at=now),
    )
    assert wire.room.outbox() == []


def test_news_of_messages_that_never_come_do_not_pile_up(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_news, "MOST", 3)
    now = wire.room.now()
    chat = said("x").chat
    for number in range(8):
        wire.bring(Withdrawn(external_id=f"m{number}", chat=chat, at=now))
    wire.bring(*(said(f"m{number}", at=now) for number in range(8)))
    withdrawn = [one.external_id for one in wire.timeline() if one.withdrawn_at is not None]
    assert withdrawn == ["m5", "m6", "m7"]


def test_one_batch_is_one_transaction_with_its_cursor(wire: Wire) -> None:
    wire.bring(said("1"), said("2", minute=1))
    read = wire.room.read
    assert read(lambda conn: accounts.cursor(conn, wire.account_id)) == {"pull": 1}
    totals = read(lambda conn: accounts.totals(conn, wire.account_id))
    assert (totals.stored, totals.duplicates) == (2, 0)
