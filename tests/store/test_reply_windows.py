"""Which reply windows close while a customer waits, and what is told of each once (rule M2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import TextClause, text

from desktop_inbox.domain.notices import Happened, Kind
from desktop_inbox.domain.states import Status
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import notices as remembering
from desktop_inbox.store import notices, reply_windows
from tests.support.scripted_chat import BARIS, START, ChatRoom, Wire, said

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
QUERIES = sorted(
    name for name, value in vars(reply_windows).items() if isinstance(value, TextClause)
)


@pytest.fixture
def talk(chat_room: ChatRoom) -> Wire:
    return Wire(chat_room)


def told(wire: Wire, now: datetime) -> list[Happened]:
    """Look once at a moment and settle what is found, as the notifier does."""
    found = wire.room.read(lambda conn: notices.windows(conn, now=now))
    keys = [key for one in found for key in one.keys]
    wire.room.write(lambda tx: remembering.settle(tx, keys))
    wire.room.write(
        lambda tx: tx.conn.exec_driver_sql(
            "UPDATE announced SET at = ? WHERE at > ?",
            (int(now.timestamp() * 1000), int(now.timestamp() * 1000)),
        )
    )
    return found


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_walks_through_a_whole_table(talk: Wire, name: str) -> None:
    query: Any = getattr(reply_windows, name)
    every = {"after": 1, "until": 1, "ids": "[1]", "accounts": "[1]", "unless": ""}
    given = {key: value for key, value in every.items() if f":{key}" in query.text}
    plan = talk.room.read(
        lambda conn: conn.execute(text(f"EXPLAIN QUERY PLAN {query.text}"), given).all()
    )
    steps = [line[3] for line in plan]
    assert not [step for step in steps if step.startswith("SCAN") and "json_each" not in step]
    assert not [step for step in steps if "conversation_status" in step]


def test_ten_pictures_are_one_warning_at_each_of_its_times(talk: Wire) -> None:
    for number in range(10):  # an album (zammad#5531)
        talk.bring(said(str(number), at=START + number * timedelta(seconds=2)))
    until = START + DAY + 18 * timedelta(seconds=1)
    assert told(talk, until - 121 * MINUTE) == []
    (early,) = told(talk, until - 2 * HOUR)
    assert (early.kind, early.due_at, early.what) == (Kind.WINDOW, until, "")
    assert (early.conversation_id, early.who) == (talk.only().id, "Elif Kaya")
    assert told(talk, until - 119 * MINUTE) == []
    talk.bring(said("late", at=START + timedelta(minutes=1)))  # one more, read late
    assert told(talk, until - 118 * MINUTE) == []
    (late,) = told(talk, until - 29 * MINUTE)
    assert late.key != early.key
    assert told(talk, until - MINUTE) == told(talk, until + HOUR) == []


def test_who_writes_again_begins_a_new_window_with_warnings_of_its_own(talk: Wire) -> None:
    talk.bring(said("1"))
    assert told(talk, START + 23 * HOUR)
    talk.bring(said("2", at=START + 23 * HOUR + MINUTE))
    assert told(talk, START + 23 * HOUR + 2 * MINUTE) == []
    assert told(talk, START + 46 * HOUR)


def test_only_who_waits_is_told_of(talk: Wire) -> None:
    talk.bring(said("1"))
    now = START + 23 * HOUR
    key = talk.only().id
    talk.room.write(lambda tx: actions.close(tx, key))
    assert told(talk, now) == []
    talk.room.write(lambda tx: actions.set_status(tx, key, Status.OPEN))
    talk.bring(said("2", from_me=True, at=START + HOUR))
    assert talk.only().waiting_since is None
    assert told(talk, now) == []


def test_after_a_night_each_conversation_is_told_of_once(talk: Wire) -> None:
    talk.bring(said("1"), said("2", chat="baris", author=BARIS, minute=60))
    found = told(talk, START + DAY + 30 * MINUTE)
    assert [(one.who, one.what) for one in found] == [("Elif Kaya", "closed"), ("Barış", "")]
    assert told(talk, START + DAY + 31 * MINUTE) == []


def test_history_that_a_first_sync_brings_is_no_news(talk: Wire) -> None:
    talk.bring(said("1"))
    assert told(talk, START + 30 * DAY) == []


def test_a_channel_without_a_window_has_nothing_to_tell(chat_room: ChatRoom) -> None:
    pager = Wire(chat_room, "pager")
    pager.bring(said("1", chat="p"))
    assert told(pager, START + 23 * HOUR) == []
    assert chat_room.read(lambda conn: reply_windows.next_moment(conn, after=START)) is None


def test_an_answer_and_a_new_message_make_a_notification_untrue(talk: Wire) -> None:
    talk.bring(said("1"))
    now = START + 23 * HOUR
    shown = told(talk, now)

    def still() -> set[str]:
        return talk.room.read(lambda conn: notices.still(conn, shown, now=now))

    assert still() == {shown[0].key}
    talk.bring(said("2", at=now))
    assert still() == set()


def test_the_next_moment_is_the_next_warning(talk: Wire) -> None:
    talk.bring(said("1"))

    def after(moment: datetime) -> datetime | None:
        return talk.room.read(lambda conn: reply_windows.next_moment(conn, after=moment))

    assert after(START) == START + 22 * HOUR
    assert after(START + 22 * HOUR) == START + 23 * HOUR + 30 * MINUTE
    assert after(START + 23 * HOUR + 30 * MINUTE) is None
