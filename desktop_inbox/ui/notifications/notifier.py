"""Tells of what happens: reads what changed, lets `domain.notices` decide, shows it, takes it back.

UI thread only; reads and writes go through the context as everywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from desktop_inbox.domain.business_hours import Calendar
from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.notices import (
    BEFORE_START,
    SETTLE,
    Arrival,
    Decision,
    Family,
    Happened,
    Session,
    Telling,
    is_news,
)
from desktop_inbox.services import notices as remembering
from desktop_inbox.store import notices
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.forward import come_forward
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.notifications import wishes, words
from desktop_inbox.ui.notifications.by_tray import ByTray
from desktop_inbox.ui.notifications.disconnected import Disconnected
from desktop_inbox.ui.notifications.shower import CLOSED, OPEN, Ability, OnAction, Shower
from desktop_inbox.ui.tray import Tray

TICK_MS = 30_000
_SLEPT = timedelta(seconds=90)  # more between two looks at the clock than this is no mere load
_MOST_SHOWN = 50  # older ones are not followed any more
_PLACES = {  # where a summary leads
    Family.MESSAGES: "go.inbox",
    Family.CLOCKS: "go.due",
    Family.WINDOWS: "go.inbox",
    Family.FAILURES: "go.outbox",
    Family.WOKEN: "go.inbox",
}


def best_shower(tray: Tray, on_action: OnAction) -> Shower:
    """Return what shows notifications on this system."""
    if sys.platform in ("win32", "darwin"):
        return ByTray(tray, on_action)
    from desktop_inbox.ui.notifications.freedesktop import Freedesktop

    return Freedesktop(on_action)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is not settled yet, as the store has it."""

    arrivals: list[Arrival]
    lasting: list[Happened]
    told_at: dict[str, datetime]  # of accounts
    hours: Calendar | None
    still: set[str]  # keys of what is shown and still true


class Notifier(QObject):
    """Follows the workspace from the start of the window to its end."""

    def __init__(
        self,
        context: AppContext,
        accounts: Accounts,
        window: QWidget,
        tray: Tray,
        *,
        shower: Callable[[Tray, OnAction], Shower] = best_shower,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._now = now
        self._shower = shower(tray, self._acted)
        self._spare = ByTray(tray, self._acted) if not _is_by_tray(self._shower) else None
        self._session = Session(started=now())
        self._looked_at = now()
        self._messages: frozenset[int] = frozenset()
        self._conversations: frozenset[int] = frozenset()
        self._everything = True  # what came due while nobody looked
        self._busy = False
        self._stopped = False
        self._again_at: datetime | None = None
        self._off = Disconnected(accounts, now=now)
        self._shown: dict[int, Telling] = {}
        self._showing = 0  # of which we do not know the number yet
        self._early: dict[int, tuple[str, str]] = {}  # what was done to them
        self._reply_in: int | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE // timedelta(milliseconds=1))
        self._settle.timeout.connect(self._start)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._ticked)
        self._tick.start()
        context.bridge.changed.connect(self._changed)
        accounts.changed.connect(self._follow_accounts)
        self._asked_about: set[str] = set()  # keys whose truth was looked up
        self._end = context.settings.subscribe(self._wished)
        self._follow_accounts()
        self._settle.start()

    # --- for others ---

    async def test(self) -> Ability:
        """Show one notification, whatever is wished for, and return what can be done here."""
        ability = await self._shower.ability()
        card = words.sample(actions="actions" in ability.can)
        if await self._shower.show(card):
            return ability
        if self._spare is not None and await self._spare.show(card):
            return await self._spare.ability()
        return Ability(problem=ability.problem)

    def replies_in(self, conversation_id: object) -> bool:
        """Tell, once, whether a reply was asked for in the conversation that is now shown."""
        wanted = self._reply_in is not None and self._reply_in == conversation_id
        self._reply_in = None
        return wanted

    async def stop(self) -> None:
        """Take back what is shown: nobody would answer its buttons any more. Idempotent."""
        if self._stopped:
            return
        self._stopped = True
        self._end()
        self._settle.stop()
        self._tick.stop()
        shown, self._shown = self._shown, {}
        for number in shown:
            await self._shower.withdraw(number)
        await self._shower.stop()
        if self._spare is not None:
            await self._spare.stop()

    # --- what happens ---

    def _changed(self, changes: Changes) -> None:
        self._messages |= changes.messages
        self._conversations |= changes.conversations
        if changes.messages or changes.conversations or changes.outbox:
            self._ask()

    def _wished(self, name: str) -> None:
        if name.startswith("notify"):
            self._everything = True  # what was held back may be told now
            self._ask()

    def _ask(self) -> None:
        if not self._settle.isActive() and not self._stopped:
            self._settle.start()

    def _ticked(self) -> None:
        self._notice_sleep()
        due = self._again_at is not None and self._now() >= self._again_at
        if due or self._everything:
            self._everything = True
            self._ask()
        elif self._off:
            self._ask()

    def _notice_sleep(self) -> None:
        now = self._now()
        if now - self._looked_at > _SLEPT:
            self._session.wake(now)
            self._everything = True
        self._looked_at = now

    def _follow_accounts(self) -> None:
        self._off.follow()
        if self._off or any(one.family is Family.ACCOUNTS for one in self._shown.values()):
            self._ask()

    # --- looking and telling ---

    def _start(self) -> None:
        if self._busy:
            self._ask()
        else:
            self._busy = True
            self._context.start(self._look(), name="notifications")

    async def _look(self) -> None:
        try:
            await self._look_once()
        finally:
            self._busy = False

    async def _look_once(self) -> None:
        self._notice_sleep()
        messages, self._messages = self._messages, frozenset()
        conversations, self._conversations = self._conversations, frozenset()
        everything, self._everything = self._everything, False
        found = await self._context.read(
            partial(
                _find,
                messages=messages,
                within=None if everything else conversations,
                started=self._session.started,
                now=self._now(),
                shown=self._everything_shown(),
                accounts=self._off.keys,
            )
        )
        wished = wishes.of(self._context.settings, hours=found.hours)
        news = [
            arrival.happened
            for arrival in found.arrivals
            if is_news(arrival, started=self._session.started, watched=wished.watched)
        ]
        decision = self._session.decide(
            [*news, *found.lasting, *self._off.due(found.told_at)],
            wishes=wished,
            now=self._now(),
            looking_at=self._before_their_eyes(),
        )
        await self._carry_out(decision)
        await self._take_back(found.still | self._off.keys)

    async def _carry_out(self, decision: Decision) -> None:
        self._again_at = decision.again_at
        if decision.settled:
            # First: what was not remembered would be told again after a crash, again and again.
            await self._context.write(lambda tx: remembering.settle(tx, decision.settled))
        for telling in decision.tellings:
            await self._tell(telling)
        if decision.badge and not self._window.isActiveWindow():
            QApplication.alert(self._window)

    async def _tell(self, telling: Telling) -> None:
        within = [number for number, one in self._shown.items() if one.keys <= telling.keys]
        card = words.card(telling, privacy=self._context.settings.notify_privacy, now=self._now())
        self._showing += 1
        try:
            number = await self._shower.show(card, replaces=within[0] if within else 0)
        finally:
            self._showing -= 1
        if not number and self._spare is not None:
            await self._spare.show(card)
            return
        for old in within:
            self._shown.pop(old, None)
        if number:
            self._shown[number] = telling
        self._catch_up(number)
        for old in within[1:]:
            if old != number:
                await self._shower.withdraw(old)
        for oldest in list(self._shown)[:-_MOST_SHOWN]:
            del self._shown[oldest]

    async def _take_back(self, still: set[str]) -> None:
        """Withdraw what was read, answered or mended meanwhile, here or elsewhere."""
        for number, telling in list(self._shown.items()):
            if not telling.keys & still and telling.keys <= self._asked_about:
                self._shown.pop(number, None)
                await self._shower.withdraw(number)

    def _everything_shown(self) -> list[Happened]:
        shown = [one for telling in self._shown.values() for one in telling.happened]
        self._asked_about = {one.key for one in shown}
        return shown

    def _before_their_eyes(self) -> int | None:
        return self._context.selected_conversation if self._window.isActiveWindow() else None

    # --- what a person does with a notification ---

    def _catch_up(self, number: int) -> None:
        """Do what was clicked on a notification before its number was known."""
        early = self._early.pop(number, None)
        if not self._showing:
            self._early.clear()
        if early is not None:
            self._acted(number, *early)

    def _acted(self, number: int, action: str, token: str) -> None:
        if number not in self._shown and self._showing:
            self._early[number] = action, token  # the bus may tell of the click first
            return
        telling = self._shown.pop(number, None)
        if action == CLOSED or self._stopped:
            return
        self._context.start(self._shower.withdraw(number), name="notifications")
        one = telling.first if telling is not None and not telling.is_summary else None
        conversation = one.conversation_id if one is not None else None
        if conversation is not None and action == words.READ:
            self._context.commands.mark_read([conversation])
        elif conversation is not None and action == words.CLOSE:
            self._context.commands.close([conversation])
        elif action in (OPEN, words.REPLY):
            come_forward(self._window, token=token)
            self._lead_to(telling, conversation, reply=action == words.REPLY)

    def _lead_to(self, telling: Telling | None, conversation: int | None, *, reply: bool) -> None:
        if conversation is not None:
            self._reply_in = conversation if reply else None
            self._context.conversation_requested.emit(conversation)
        elif telling is not None and telling.family in _PLACES:
            self._context.actions[_PLACES[telling.family]].trigger()


def _is_by_tray(shower: Shower) -> bool:
    return isinstance(shower, ByTray)


def _find(
    conn: Any,
    *,
    messages: frozenset[int],
    within: frozenset[int] | None,
    started: datetime,
    now: datetime,
    shown: list[Happened],
    accounts: set[str],
) -> _Found:
    since = started - BEFORE_START
    return _Found(
        arrivals=notices.arrivals(conn, messages, since=since) if messages else [],
        lasting=[
            *notices.clocks(conn, now=now, within=within),
            *notices.windows(conn, now=now, within=within),
            *notices.failures(conn),
            *notices.woken(conn, since=since),
        ],
        told_at=notices.told_at(conn, accounts) if accounts else {},
        hours=notices.opening_hours(conn),
        still=notices.still(conn, shown, now=now) if shown else set(),
    )
