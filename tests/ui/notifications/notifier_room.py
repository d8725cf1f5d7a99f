"""A notifier on a real store, a screen that notes what is shown, and a clock to set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from desktop_inbox.domain.policies import ClockKind, Target
from desktop_inbox.domain.states import Status
from desktop_inbox.store import conversations as store_conversations
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import account as account_table
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.notifications import notifier
from desktop_inbox.ui.notifications.notifier import Notifier
from desktop_inbox.ui.notifications.shower import CLOSED, Ability, Card, OnAction
from desktop_inbox.ui.tray import Tray
from tests.support import builders
from tests.support import service_levels as promises
from tests.support.builders import Mail
from tests.support.qt_waits import until

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


def requests(context: AppContext) -> list[int]:
    asked: list[int] = []
    context.conversation_requested.connect(asked.append)
    return asked


async def stored(room: Room, key: int) -> ConversationRow:
    row = await room.context.read(lambda conn: store_conversations.row(conn, key))
    assert row is not None
    return row
