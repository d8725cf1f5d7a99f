"""Who still waits before a reply window closes may be asked to write again (rules M4, D3)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from desktop_inbox.connectors import CONNECTORS
from desktop_inbox.connectors import keep_open as asking
from desktop_inbox.connectors.contract import ConnectorInfo
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.reply_windows import ASKED_AHEAD
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import accounts, events, reply_windows, suppression
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync import keep_open
from desktop_inbox.sync.scheduler import Scheduler
from desktop_inbox.sync.status import State
from tests.support.engine_room import eventually
from tests.support.scripted_chat import GROUP_CHAT, ChatRoom, Wire, said

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LATE = timedelta(hours=23, minutes=5)  # ago: 55 minutes are left


@pytest.fixture
def wire(chat_room: ChatRoom) -> Wire:
    wire = Wire(chat_room)
    set_up(wire)
    return wire


def set_up(wire: Wire, *, on: str = "yes", text: str = "", state: State = State.ONLINE) -> None:
    """Let the account ask, and have caught up just now."""
    settings = {"name": "Shop", "keep_open": on, "keep_open_text": text}

    def store(tx: Tx) -> None:
        accounts.change(tx, wire.account_id, settings=settings)
        accounts.set_state(tx, wire.account_id, state.value, detail={})
        accounts.set_synced(tx, wire.account_id)

    wire.room.write(store)


def asked(wire: Wire, *, since: timedelta = HOUR, shown: str = "inbox") -> list[MessageRow]:
    """Let it look once; return all that was sent by itself so far."""
    now = wire.room.now()
    wanted = wire.room.read(
        lambda conn: reply_windows.reached(conn, after=now - HOUR, until=now, ahead=(ASKED_AHEAD,))
    )
    wire.room.write(lambda tx: keep_open.ask(tx, wanted, since=now - since))
    (conversation,) = wire.room.conversations(shown)
    rows = wire.room.messages(conversation.id)
    return [row for row in rows if row.direction is Direction.OUT]


def writes(wire: Wire, name: str = "1", *, ago: timedelta = LATE, **more: Any) -> None:
    wire.bring(said(name, at=wire.room.now() - ago, **more))


def test_who_waits_an_hour_before_the_end_is_asked_once_a_window(wire: Wire) -> None:
    writes(wire)
    (sent,) = asked(wire)
    assert sent.text == asking.FIELDS[1].default
    assert sent.kind is MessageClass.AUTO_REPLY
    assert wire.only().waiting_since is not None  # it answers nothing (rule B3)
    assert len(asked(wire)) == 1
    (event,) = wire.room.read(lambda conn: events.of_conversation(conn, wire.only().id))
    assert (event.kind, event.by_program) == ("conversation.kept_open", True)


async def test_it_reaches_the_customer_in_their_chat(wire: Wire) -> None:
    writes(wire)
    set_up(wire, text="Please write again.")
    asked(wire)
    await wire.room.engine().run(until_idle=True)
    (message,) = wire.room.chat_service(wire.account_id).delivered
    assert (message.chat, message.text) == ("elif", "Please write again.")
    assert message.automatic


def test_it_is_off_by_default_and_says_what_the_owner_wrote(wire: Wire) -> None:
    writes(wire)
    set_up(wire, on="")
    assert asked(wire) == []
    set_up(wire, text="Bitte melden Sie sich kurz.")
    assert [row.text for row in asked(wire)] == ["Bitte melden Sie sich kurz."]


def test_the_usual_text_is_in_the_owners_language(monkeypatch: pytest.MonkeyPatch) -> None:
    fields, wanted = asking.FIELDS, {"keep_open": "yes"}
    monkeypatch.setattr(asking, "_", lambda text: f"tr:{text}")
    assert asking.text_of(fields, wanted) == f"tr:{fields[1].default}"
    assert asking.text_of(fields, {**wanted, "keep_open_text": " Own "}) == "Own"
    assert asking.text_of((), wanted) == ""  # such as Telegram: nothing to turn on


@pytest.mark.parametrize("ago", [timedelta(hours=22, minutes=55), timedelta(hours=24)])
def test_neither_before_nor_after_its_time(wire: Wire, ago: timedelta) -> None:
    writes(wire, ago=ago)
    assert asked(wire) == []


def test_only_who_waits_for_an_answer_is_asked(wire: Wire) -> None:
    writes(wire)
    wire.bring(said("2", from_me=True, at=wire.room.now() - HOUR))
    assert [row.kind for row in asked(wire)] == [MessageClass.HUMAN]  # ours, nothing else


@pytest.mark.parametrize("info", [info for info in CONNECTORS if asking.FIELDS[1] in info.fields])
def test_the_longest_text_fits_into_one_message_of_every_channel(info: ConnectorInfo) -> None:
    longest = "\N{HAMMER AND PICK}" * asking.FIELDS[1].most
    assert len(longest) <= info.limits.get("max_text", 10_000)
    assert len(longest.encode()) <= info.limits.get("max_text_bytes", 10_000)


def test_only_channels_with_windows_offer_it_and_telegram_never_does() -> None:
    kinds = {info.kind for info in CONNECTORS if asking.FIELDS[0] in info.fields}
    assert kinds >= {"messenger", "instagram", "twilio"}
    assert not kinds & {"telegram", "email", "matrix", "xmpp", "phone", "feed", "mqtt"}


def test_a_group_is_not_asked(wire: Wire) -> None:
    writes(wire, chat=GROUP_CHAT)
    assert asked(wire) == []


def test_a_closed_conversation_is_not_asked(wire: Wire) -> None:
    writes(wire)
    key = wire.only().id
    wire.room.write(lambda tx: actions.close(tx, key))
    assert asked(wire, shown="closed") == []


def test_a_channel_without_windows_never_asks(chat_room: ChatRoom) -> None:
    pager = Wire(chat_room, "pager")
    set_up(pager)
    writes(pager, chat="p")
    assert asked(pager) == []


@pytest.mark.parametrize("state", [State.CATCHING_UP, State.WAITING, State.NEEDS_SIGN_IN])
def test_an_account_that_may_not_know_the_answer_given_on_the_phone_waits(
    wire: Wire, state: State
) -> None:
    writes(wire)
    set_up(wire, state=state)
    assert asked(wire) == []
    set_up(wire)
    assert asked(wire, since=-MINUTE) == []  # caught up before the computer slept


def test_it_counts_with_all_that_is_automatic_d3(wire: Wire) -> None:
    writes(wire)
    writes(wire, "2", ago=LATE - MINUTE)
    key = wire.only().id

    def two_today(tx: Tx) -> None:
        for row in wire.timeline():
            suppression.note_send(tx, row.id, address="phone:+905321112233", conversation_id=key)

    wire.room.write(two_today)
    assert asked(wire) == []


def test_when_automation_stopped_nobody_is_asked_d3(wire: Wire) -> None:
    writes(wire)
    wire.room.write(suppression.stop)
    assert asked(wire) == []


def test_an_automatic_answer_before_does_not_keep_it_from_asking(wire: Wire) -> None:
    settings = {"auto_answer": "new", "auto_answer_text": "Soon."}
    wire.room.write(lambda tx: accounts.change(tx, wire.account_id, settings=settings))
    writes(wire)
    set_up(wire)
    assert [row.text for row in asked(wire)] == ["Soon.", asking.FIELDS[1].default]


def test_who_writes_again_is_asked_in_the_next_window_too(wire: Wire) -> None:
    writes(wire)
    asked(wire)

    def a_day_passes(tx: Tx) -> None:
        for table in ("event", "automatic_send"):
            tx.conn.exec_driver_sql(f"UPDATE {table} SET at = at - 86400000")

    wire.room.write(a_day_passes)
    writes(wire, "2", ago=LATE - MINUTE)
    assert len(asked(wire)) == 2
    assert len(asked(wire)) == 2


async def test_the_scheduler_asks_at_its_time(wire: Wire) -> None:
    writes(wire, ago=timedelta(hours=23) - timedelta(milliseconds=400))
    scheduler = Scheduler(wire.room.workspace.db)
    set_up(wire)
    task = asyncio.create_task(scheduler.run())
    await eventually(lambda: len(wire.timeline()) == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
