"""From what is stored to what is shown, taken back and clicked (rules L1, L2, B11)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from desktop_inbox.connectors.chat import Person
from desktop_inbox.domain.messages import Address, Delivery, MessageClass
from desktop_inbox.domain.notices import Kind, Level
from desktop_inbox.domain.policies import ClockKind, Target
from desktop_inbox.domain.states import Direction, Status
from desktop_inbox.services import conversations
from desktop_inbox.services import notices as remembering
from desktop_inbox.store import accounts, notices, outbox
from desktop_inbox.store import conversations as store_conversations
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.schema import account as account_table
from desktop_inbox.store.schema import customer as customer_table
from desktop_inbox.sync import coming_back
from desktop_inbox.sync.chat_ingest import store_chat
from desktop_inbox.sync.mailbox import mailbox_of
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.notifications import notifier, wishes, words
from desktop_inbox.ui.notifications.notifier import Notifier
from desktop_inbox.ui.notifications.shower import CLOSED, OPEN, Ability, Card, OnAction
from desktop_inbox.ui.tray import Tray
from desktop_inbox.ui.views.formats import clock as clock_words
from tests.support import builders
from tests.support import service_levels as promises
from tests.support.builders import Mail
from tests.support.qt_waits import until
from tests.support.scripted_chat import BARIS, ELIF, said

# The off-screen platform cannot raise a window.
forward = pytest.mark.qt_log_ignore("This plugin does not support raise")


class Screen:
    """What a person sees of notifications: each card under its number."""

    def __init__(self, on_action: OnAction) -> None:
        self.press = on_action
        self.cards: dict[int, Card] = {}
        self.every: list[Card] = []

    async def show(self, card: Card, *, replaces: int = 0) -> int:
        number = replaces if replaces in self.cards else len(self.every) + 1
        self.cards[number] = card
        self.every.append(card)
        return number

    async def withdraw(self, number: int) -> None:
        self.cards.pop(number, None)

    async def ability(self) -> Ability:
        return Ability(server="Screen 1", can=frozenset({"actions"}))

    async def stop(self) -> None:
        self.cards.clear()

    @property
    def titles(self) -> list[str]:
        return [card.title for card in self.cards.values()]


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now().astimezone().replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **length: float) -> None:
        self.now += timedelta(**length)


class Room:
    """A workspace with one account, whose notifications land on a screen of the test's own."""

    def __init__(self, context: AppContext, window: QWidget, account_id: int) -> None:
        self.context = context
        self.window = window
        self.account_id = account_id
        self.clock = Clock()
        self.accounts = Accounts(context)
        self.tray = Tray(context, window, available=lambda: False)
        self.screens: list[Screen] = []
        context.commands = Commands(context, window)
        self.notifier = self.start()

    def start(self) -> Notifier:
        return Notifier(
            self.context,
            self.accounts,
            self.window,
            self.tray,
            shower=lambda _tray, on_action: self._screen(on_action),
            now=self.clock,
        )

    def _screen(self, on_action: OnAction) -> Screen:
        self.screens.append(Screen(on_action))
        return self.screens[-1]

    @property
    def screen(self) -> Screen:
        return self.screens[-1]

    async def restart(self) -> None:
        await self.notifier.stop()
        self.notifier = self.start()
        await self.looked()

    async def looked(self) -> None:
        """Wait until all that changed was looked at."""
        await until(lambda: not self.context.bridge._timer.isActive())
        await until(lambda: not self.notifier._settle.isActive() and not self.notifier._busy)

    async def mail(self, text: str = "Is it here?", **changed: object) -> tuple[int, int]:
        """Have a message come in, in a conversation of its own; return both ids."""
        at = changed.pop("at", self.clock.now.astimezone(UTC))
        status = changed.pop("status", Status.OPEN)
        given = Mail(text=text, seen=False, at=at, **changed)  # type: ignore[arg-type]

        def store(tx: Tx) -> tuple[int, int]:
            key = builders.conversation(tx, who=given.who, at=given.at, status=status)  # type: ignore[arg-type]
            return key, builders.message(tx, key, given, account_id=self.account_id)

        found = await self.context.write(store)
        await self.looked()
        return found

    async def waits(self, minutes: float) -> int:
        """Let Mina have waited so long; an answer is due after 100 minutes, day and night."""
        return (await self.mail(at=self.clock.now.astimezone(UTC) - timedelta(minutes=minutes)))[0]

    async def after(self, *keys: int, minutes: float) -> None:
        """Let time go by, with the computer awake; then the engine says what came to something."""
        self.clock.go_on(minutes=minutes)
        self.notifier._looked_at = self.clock.now
        await self.context.write(lambda tx: tx.touch(conversation=keys))
        await self.looked()

    async def clear(self) -> None:
        for number in list(self.screen.cards):
            self.screen.press(number, CLOSED, "")
        self.screen.cards.clear()
        self.screen.every.clear()


def set_up(tx: Tx) -> int:
    """Store an account of old, whose customers are promised an answer in 100 minutes."""
    account_id = builders.account(tx)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    tx.conn.execute(update(account_table).values(clocks_from=long_ago))
    target = Target(length=timedelta(minutes=100), business=False)
    promises.terms(tx, "E-mail", targets={ClockKind.FIRST_RESPONSE: target})
    return account_id


@pytest_asyncio.fixture
async def room(
    qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Room]:
    monkeypatch.setattr(notifier, "SETTLE", timedelta(milliseconds=30))
    account_id = await context.write(set_up)
    window = QWidget()
    qtbot.addWidget(window)
    room = Room(context, window, account_id)
    room.accounts.reload()
    await until(lambda: room.accounts.known)
    await room.looked()
    yield room
    await room.notifier.stop()


# Messages


async def test_a_new_message_is_told_with_who_and_what(room: Room) -> None:
    await room.mail("Is the blue one in stock?")
    (card,) = room.screen.cards.values()
    assert card.title == "Mina Okafor"
    assert card.body == "Cracked glaze\nIs the blue one in stock?"
    assert [action for action, _words in card.actions] == ["reply", "read", "close"]


@pytest.mark.parametrize(
    "changed",
    [
        {"at": datetime(2026, 1, 5, tzinfo=UTC)},
        {"kind": MessageClass.BULK},
        {"kind": MessageClass.AUTO_REPLY},
        {"direction": Direction.OUT},
        {"status": Status.SPAM},
    ],
)
async def test_what_is_no_news_is_not_told(room: Room, changed: dict[str, object]) -> None:
    await room.mail("Spring offers", **changed)
    assert not [card for card in room.screen.every if "Spring offers" in card.body]


async def test_a_message_is_told_once_also_after_a_restart(room: Room) -> None:
    key, message_id = await room.mail()
    assert len(room.screen.every) == 1
    await room.context.write(lambda tx: tx.touch(message=[message_id], conversation=[key]))
    await room.looked()
    assert len(room.screen.every) == 1
    await room.restart()
    await room.context.write(lambda tx: tx.touch(message=[message_id], conversation=[key]))
    await room.looked()
    assert room.screen.every == []


async def test_five_become_one_summary_that_takes_their_place(room: Room) -> None:
    for number in range(4):
        await room.mail(who=Address(name=f"Guest {number}", address=f"{number}@a.example"))
    assert len(room.screen.cards) == 4
    await room.mail(who=Address(name="Guest 4", address="4@a.example"))
    assert room.screen.titles == ["5 new messages"]
    (card,) = room.screen.cards.values()
    assert card.body == "Guest 0, Guest 1, Guest 2, Guest 3 and 1 more"
    assert card.actions == ()


async def test_a_summary_goes_once_all_it_tells_of_is_read_here_or_elsewhere(room: Room) -> None:
    keys = [
        (await room.mail(who=Address(name=f"Guest {number}", address=f"{number}@a.example")))[0]
        for number in range(7)
    ]
    assert room.screen.titles == ["7 new messages"]
    await room.context.write(lambda tx: conversations.mark_read(tx, keys[:5]))
    await room.looked()
    assert len(room.screen.cards) == 1
    await room.context.write(lambda tx: conversations.close(tx, keys[5:]))
    await until(lambda: not room.screen.cards)


async def test_a_notification_goes_away_when_its_message_is_read(room: Room) -> None:
    key, _message = await room.mail()
    await room.context.write(lambda tx: conversations.mark_read(tx, [key]))
    await until(lambda: not room.screen.cards)


async def test_a_notification_goes_away_when_its_conversation_is_closed_elsewhere(
    room: Room,
) -> None:
    key, _message = await room.mail()
    await room.context.write(lambda tx: conversations.close(tx, [key]))
    await until(lambda: not room.screen.cards)


@pytest.mark.parametrize(
    ("privacy", "title", "body"),
    [
        ("all", "Mina Okafor", "Cracked glaze\nIs it here?"),
        ("name", "Mina Okafor", ""),
        ("none", "1 new message", ""),
    ],
)
async def test_privacy_leaves_out_text_and_names(
    room: Room, privacy: str, title: str, body: str
) -> None:
    room.context.settings.notify_privacy = privacy
    await room.mail()
    (card,) = room.screen.cards.values()
    assert (card.title, card.body) == (title, body)


async def test_hostile_words_cannot_reorder_or_flood_a_notification(room: Room) -> None:
    name = "Mina\u202egpj.exe\x00\nBank"
    await room.mail("a\u2066b\n" * 9000, who=Address(name=name, address="m@a.example"))
    (card,) = room.screen.cards.values()
    assert card.title == "Minagpj.exe Bank"
    assert len(card.body) <= 280
    assert not set(card.body) & set("\u2066\x00")


async def test_a_class_that_is_off_and_a_pause_show_nothing(room: Room) -> None:
    wishes.set_level(room.context.settings, Kind.EMAIL, Level.OFF)
    await room.mail()
    wishes.set_level(room.context.settings, Kind.EMAIL, None)
    room.context.settings.notify = False
    await room.mail()
    assert room.screen.every == []
    room.context.settings.notify = True
    await room.looked()
    assert room.screen.every == []  # what came meanwhile is no news any more
    await room.mail()
    assert len(room.screen.every) == 1


async def test_one_account_may_differ(room: Room) -> None:
    uid = room.accounts.rows[0].uid
    wishes.set_level(room.context.settings, Kind.EMAIL, Level.OFF, account=uid)
    await room.mail()
    assert room.screen.every == []


async def test_a_mention_in_a_note_of_somebody_else_is_told(room: Room) -> None:
    key, _message = await room.mail()
    await room.clear()

    def note(tx: Tx) -> None:
        tx.conn.exec_driver_sql("UPDATE agent SET name = 'Aylin Kaya' WHERE id = 1")
        tx.conn.exec_driver_sql(
            "INSERT INTO agent (id, uid, name, email, signature) VALUES (2, 'two', 'Selin', '', '')"
        )
        made = builders.message(
            tx,
            key,
            Mail(
                text="@Aylin please look",
                direction=Direction.NOTE,
                at=room.clock.now.astimezone(UTC),
                seen=False,
            ),
        )
        tx.conn.exec_driver_sql("UPDATE message SET agent_id = 2 WHERE id = ?", (made,))
        tx.touch(message=[made])

    await room.context.write(note)
    await room.looked()
    assert [card.title for card in room.screen.every] == ["You were mentioned: Mina Okafor"]


# What a person does with it


def requests(context: AppContext) -> list[int]:
    asked: list[int] = []
    context.conversation_requested.connect(asked.append)
    return asked


@forward
async def test_a_click_brings_up_the_conversation(room: Room) -> None:
    asked = requests(room.context)
    key, _message = await room.mail()
    (number,) = room.screen.cards
    room.screen.press(number, OPEN, "token")
    assert asked == [key]
    assert room.window.isVisible()
    await until(lambda: not room.screen.cards)
    assert not room.notifier.replies_in(key)


@forward
async def test_reply_goes_on_once_the_conversation_is_there(room: Room) -> None:
    key, _message = await room.mail()
    (number,) = room.screen.cards
    room.screen.press(number, words.REPLY, "")
    assert room.notifier.replies_in(key)
    assert not room.notifier.replies_in(key)


@forward
async def test_somebody_who_looks_at_another_conversation_first_replies_to_nobody(
    room: Room,
) -> None:
    key, _message = await room.mail()
    (number,) = room.screen.cards
    room.screen.press(number, words.REPLY, "")
    assert not room.notifier.replies_in(key + 1)
    assert not room.notifier.replies_in(key)


async def test_the_buttons_read_and_close_without_the_window(room: Room) -> None:
    read, _message = await room.mail()
    closed, _message = await room.mail()
    first, second = room.screen.cards
    room.screen.press(first, words.READ, "")
    room.screen.press(second, words.CLOSE, "")

    while (await stored(room, closed)).status is not Status.CLOSED:
        await room.looked()
    while (await stored(room, read)).unread:
        await room.looked()
    assert not room.window.isVisible()


async def stored(room: Room, key: int) -> ConversationRow:
    row = await room.context.read(lambda conn: store_conversations.row(conn, key))
    assert row is not None
    return row


@forward
async def test_a_summary_leads_to_the_inbox(room: Room) -> None:
    gone: list[str] = []
    room.context.actions.on("go.inbox", lambda: gone.append("inbox"))
    for _number in range(5):
        await room.mail()
    (number,) = room.screen.cards
    room.screen.press(number, OPEN, "")
    assert gone == ["inbox"]


async def test_what_was_shown_is_taken_back_at_the_end(room: Room) -> None:
    await room.mail()
    await room.notifier.stop()
    assert room.screen.cards == {}


# Service levels


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


# Reply windows (rule M2)


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


# What failed, woke, and does not work


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


# Quiet


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


# The store's part


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
