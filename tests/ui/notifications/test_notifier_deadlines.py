"""What is told of service levels and reply windows: warnings, breaches, what was missed."""

from __future__ import annotations

from datetime import UTC, timedelta

from desktop_inbox.connectors.chat import Person
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.notices import Kind, Level
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import accounts, notices
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.sync.chat_ingest import store_chat
from desktop_inbox.sync.mailbox import mailbox_of
from desktop_inbox.ui.notifications import wishes
from desktop_inbox.ui.notifications.shower import OPEN
from desktop_inbox.ui.views.formats import clock as clock_words
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until
from tests.support.scripted_chat import BARIS, ELIF, said
from tests.ui.notifications.notifier_room import Room, forward, requests
from tests.ui.notifications.notifier_room import room as room


async def test_every_warning_and_the_breach_are_told_once_each(room: Room) -> None:
    key = await room.waits(40)
    told = []
    for _step in range(8):  # every ten minutes
        await room.after(key, minutes=10)
        told.append(room.screen.titles[-1] if room.screen.titles else "")
        await room.clear()
    soon, over = "Due soon: Mina Okafor", "Overdue: Mina Okafor"
    assert told == [soon, "", "", soon, "", over, "", ""]  # at 50 %, 80 % and 100 %
    await room.restart()
    await room.after(key, minutes=1)
    assert room.screen.every == []


async def test_a_warning_says_when_it_is_due(room: Room) -> None:
    await room.waits(85)
    (card,) = room.screen.every
    due = room.clock.now + timedelta(minutes=15)
    assert card.body == f"A first answer is due at {clock_words(due)}.\nCracked glaze"
    assert [action for action, _words in card.actions] == ["reply", "close"]


async def test_after_a_night_the_longest_overdue_is_told_once_for_all(room: Room) -> None:
    await room.notifier.stop()
    for minutes in (230, 120, 150, 85):
        await room.waits(minutes)
    await room.restart()
    (card,) = room.screen.every
    assert card.title == "3 conversations are overdue"
    assert card.body == "Mina Okafor for 2 h 10 m\nThe computer was off."
    await room.restart()
    assert room.screen.every == []


async def test_one_that_was_missed_says_how_long_and_why(room: Room) -> None:
    room.clock.go_on(minutes=10)
    await room.waits(230)
    assert [card.title for card in room.screen.every] == ["Overdue 2 h 10 m: Mina Okafor"]
    assert room.screen.every[0].body == "The computer was off.\nCracked glaze"


async def test_an_answer_takes_a_breach_back(room: Room) -> None:
    key = await room.waits(101)
    assert room.screen.cards

    def answer(tx: Tx) -> None:
        mail = Mail(direction=Direction.OUT, at=tx.now, delivery=Delivery.SENT)
        builders.message(tx, key, mail, account_id=room.account_id)

    await room.context.write(answer)
    await until(lambda: not room.screen.cards)


async def test_what_is_settled_is_not_looked_at_again_at_the_next_start(room: Room) -> None:
    for minutes in (101, 230):
        await room.waits(minutes)
    now = room.clock.now
    assert await room.context.read(lambda conn: notices.clocks(conn, now=now)) == []
    unsaid = await room.context.read(
        lambda conn: conn.execute(notices._UNSAID, {"now": to_milliseconds(now)}).all()
    )
    assert unsaid == []


async def writes_on_messenger(
    room: Room, *, ago: timedelta, chat: str = "elif", author: Person = ELIF
) -> int:
    """Let somebody write there so long ago; return the conversation."""
    item = said(f"of {chat}", at=room.clock.now.astimezone(UTC) - ago, chat=chat, author=author)

    def store(tx: Tx) -> int:
        known = [row for row in accounts.list_all(tx.conn) if row.kind == "messenger"]
        if not known:
            accounts.create(tx, kind="messenger", title="Page", address="Shop", settings={})
        rows = accounts.list_all(tx.conn)
        mailbox = mailbox_of(rows[-1], rows)
        store_chat(tx, mailbox, [item], raw={}, reply_window=timedelta(hours=24), cursor={})
        return int(tx.conn.exec_driver_sql("SELECT max(id) FROM conversation").scalar_one())

    key = await room.context.write(store)
    await room.looked()
    return key


@forward
async def test_a_window_is_told_of_at_two_hours_and_at_thirty_minutes_and_leads_there(
    room: Room,
) -> None:
    asked = requests(room.context)
    key = await writes_on_messenger(room, ago=timedelta(hours=20))
    told = []
    for minutes in (110, 10, 60, 30, 20, 20):
        await room.after(key, minutes=minutes)
        told.append(room.screen.titles[-1] if room.screen.titles else "")
        if told[-1].startswith("30"):
            room.screen.press(next(iter(room.screen.cards)), OPEN, "")
            assert asked == [key]
        await room.clear()
    soon, sooner = "2 h left to answer: Elif Kaya", "30 min left to answer: Elif Kaya"
    assert told == ["", soon, "", sooner, "", ""]


async def test_windows_that_were_missed_are_told_once_together(room: Room) -> None:
    await room.notifier.stop()
    await writes_on_messenger(room, ago=timedelta(hours=25))
    await writes_on_messenger(room, ago=timedelta(hours=23), chat="b", author=BARIS)
    await room.restart()
    (card,) = room.screen.every
    assert (card.title, card.body) == ("2 reply windows close soon", "Elif Kaya, Barış")
    await room.restart()
    assert room.screen.every == []


async def test_one_that_closed_while_the_computer_was_off_says_so(room: Room) -> None:
    await room.notifier.stop()
    await writes_on_messenger(room, ago=timedelta(hours=25))
    await room.restart()
    (card,) = room.screen.every
    assert card.title == "Reply window closed: Elif Kaya"
    assert "The computer was off." in card.body


async def test_who_wants_no_word_of_windows_gets_none(room: Room) -> None:
    wishes.set_level(room.context.settings, Kind.WINDOW, Level.OFF)
    await writes_on_messenger(room, ago=timedelta(hours=23))
    assert room.screen.every == []
