"""Which of what happened is told to a person who looks elsewhere, how loudly and how often.

Rules L1, L2 and B11. Everything is decided from what happened, what the person wishes and the
clock; nothing here shows or stores anything. Any thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from desktop_inbox.domain import business_hours
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.states import Direction, Status

SETTLE = timedelta(milliseconds=400)  # what a rule or another device does at once is waited for
BEFORE_START = timedelta(minutes=15)  # older mail is history, not news
# L1 groups what is more than three within ten seconds, the interface what is five or more. Four
# banners still fit beside each other and each has its own Reply; so the fifth makes it a summary.
GROUP_FROM = 5
GROUP_WITHIN = timedelta(seconds=10)
BETWEEN_SOUNDS = timedelta(seconds=5)
FAILED_ATTEMPTS = 3
DISCONNECTED_FOR = timedelta(minutes=15)
REPEAT_ACCOUNT = timedelta(days=1)


class Kind(StrEnum):
    """The classes of rule L1."""

    CHAT = "chat"
    EMAIL = "email"
    WARNING = "sla_warning"
    BREACH = "sla_breach"
    WINDOW = "window"  # one to answer in closes soon (rule M2)
    MENTION = "mention"
    FAILED_SEND = "failed_send"
    ACCOUNT = "account"
    WOKE = "woke"


class Level(StrEnum):
    """How loudly; each includes those before it."""

    OFF = "off"
    BADGE = "badge"
    BANNER = "banner"
    SOUND = "sound"

    @property
    def shows(self) -> bool:
        """Whether it appears over other windows."""
        return self in (Level.BANNER, Level.SOUND)


class Watched(StrEnum):
    """Of which conversations new messages are told."""

    INBOX = "inbox"
    MINE_OR_NOBODYS = "mine_or_nobodys"
    MINE = "mine"


class Family(StrEnum):
    """What may stand together in one summary."""

    MESSAGES = "messages"
    CLOCKS = "clocks"
    WINDOWS = "windows"
    FAILURES = "failures"
    ACCOUNTS = "accounts"
    WOKEN = "woken"


USUAL: Mapping[Kind, Level] = {
    Kind.CHAT: Level.SOUND,
    Kind.EMAIL: Level.BANNER,
    Kind.WARNING: Level.BANNER,
    Kind.BREACH: Level.SOUND,
    Kind.WINDOW: Level.BANNER,
    Kind.MENTION: Level.SOUND,
    Kind.FAILED_SEND: Level.SOUND,
    Kind.ACCOUNT: Level.BANNER,
    Kind.WOKE: Level.BANNER,
}
FAMILIES: Mapping[Kind, Family] = {
    Kind.CHAT: Family.MESSAGES,
    Kind.EMAIL: Family.MESSAGES,
    Kind.MENTION: Family.MESSAGES,
    Kind.WARNING: Family.CLOCKS,
    Kind.BREACH: Family.CLOCKS,
    Kind.WINDOW: Family.WINDOWS,
    Kind.FAILED_SEND: Family.FAILURES,
    Kind.ACCOUNT: Family.ACCOUNTS,
    Kind.WOKE: Family.WOKEN,
}
# What falls due by itself, whether the computer is on or not.
_TIMED = frozenset({Family.CLOCKS, Family.WINDOWS})
# Written by a machine, or by ourselves.
_NOBODY = frozenset(MessageClass) - {MessageClass.HUMAN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing that a person may want to hear of."""

    kind: Kind
    key: str  # the same for the same thing, whenever and however often it is looked at
    at: datetime  # of a clock: when it came to that, however late it is told
    due_at: datetime | None = None  # of a clock; of a window, its end
    account: str = ""  # its uid
    conversation_id: int | None = None
    message_id: int | None = None
    who: str = ""  # the customer; of an account, its title
    subject: str = ""
    text: str = ""  # what was written; of a failure, why
    # Which clock: a domain.service_levels.ClockKind; of a window, "closed" where it is; of a
    # failure, its state; why it woke.
    what: str = ""
    vip: bool = False
    covers: tuple[str, ...] = ()  # keys of lesser things that need not be told any more

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that is settled with it."""
        return (self.key, *self.covers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message that is new here, with what decides whether it is news."""

    happened: Happened
    direction: Direction
    message_class: MessageClass
    seen: bool
    status: Status  # of its conversation
    mine: bool  # its conversation is assigned to the person
    nobodys: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Between which hours of the day nothing is shown; `end` may lie on the next morning."""

    start: time
    end: time

    def over_at(self, now: datetime) -> datetime | None:
        """Return when the quiet hours that hold at local time `now` end; None outside of them."""
        clock = now.time()
        overnight = self.end <= self.start
        if overnight:
            holds = clock >= self.start or clock < self.end
        else:
            holds = self.start <= clock < self.end
        if not holds or self.start == self.end:
            return None
        day = now.date() + timedelta(days=1 if overnight and clock >= self.start else 0)
        return datetime.combine(day, self.end, tzinfo=now.tzinfo)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfHours:
    """Nothing is shown while the business is closed (rule B11)."""

    hours: business_hours.Calendar

    def over_at(self, now: datetime) -> datetime | None:
        """Return when the business opens; None while it is open."""
        opens = next(business_hours.open_spans(self.hours, now), None)
        return opens.start if opens is not None and opens.start > now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person chose. `levels` and `by_account` hold only what differs from the usual."""

    levels: Mapping[Kind, Level] = field(default_factory=dict)
    by_account: Mapping[str, Mapping[Kind, Level]] = field(default_factory=dict)  # by uid
    watched: Watched = Watched.INBOX
    quiet: QuietHours | OutOfHours | None = None
    vip_is_heard: bool = True  # in quiet hours too
    breach_is_heard: bool = True
    paused: bool = False

    def level(self, kind: Kind, account: str = "") -> Level:
        """Return how loudly such a thing is told."""
        own = self.by_account.get(account, {}).get(kind)
        return own or self.levels.get(kind) or USUAL[kind]

    def is_heard(self, happened: Happened) -> bool:
        """Tell whether this breaks the quiet hours."""
        return (self.vip_is_heard and happened.vip) or (
            self.breach_is_heard and happened.kind is Kind.BREACH
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One notification."""

    family: Family
    happened: tuple[Happened, ...]  # what matters most comes first
    sound: bool
    while_away: bool = False  # it fell due while the computer was off

    @property
    def first(self) -> Happened:
        return self.happened[0]

    @property
    def is_summary(self) -> bool:
        return len(self.happened) > 1

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(one.key for one in self.happened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be done about what happened."""

    tellings: tuple[Telling, ...] = ()
    settled: tuple[str, ...] = ()  # keys that are never to be told again
    badge: bool = False  # something waits to be looked at
    again_at: datetime | None = None  # when what is held back for quiet hours can be told


def is_news(arrival: Arrival, *, started: datetime, watched: Watched) -> bool:
    """Tell whether a message is worth a notification at all (rule L1)."""
    happened = arrival.happened
    if happened.at < started - BEFORE_START or arrival.seen or arrival.status is not Status.OPEN:
        return False
    if happened.kind is Kind.MENTION:
        return True
    if arrival.direction is not Direction.IN or arrival.message_class in _NOBODY:
        return False
    return (
        watched is Watched.INBOX
        or arrival.mine
        or (watched is Watched.MINE_OR_NOBODYS and arrival.nobodys)
    )


def account_is_due(
    *, failures: int, since: datetime, told_at: datetime | None, now: datetime
) -> bool:
    """Tell whether a disconnected account is to be told of (rule L2).

    `failures` counts attempts in a row; `since` is when it stopped working.
    """
    if told_at is not None and now - told_at < REPEAT_ACCOUNT:
        return False
    return failures >= FAILED_ATTEMPTS or now - since >= DISCONNECTED_FOR


class Session:
    """What was told lately, so that a burst becomes one summary and sounds keep their distance."""

    def __init__(self, *, started: datetime) -> None:
        self.started = started
        self._away_until = started  # what fell due before was missed
        self._missed: dict[Family, list[Happened]] = {}
        self._bursts: dict[Family, list[tuple[datetime, Happened]]] = {}
        self._sounded: datetime | None = None

    def wake(self, at: datetime) -> None:
        """Note that the computer slept till now (rule B14)."""
        self._away_until = at
        self._missed.clear()

    def decide(
        self,
        happened: Iterable[Happened],
        *,
        wishes: Wishes,
        now: datetime,
        looking_at: int | None = None,
    ) -> Decision:
        """Decide about what was not settled yet.

        `now` is in the person's own time zone; `looking_at` is the conversation before their eyes.
        """
        tellings: list[Telling] = []
        settled: list[str] = []
        shown: list[tuple[Happened, Level]] = []
        badge, again_at = False, None
        silent_until = wishes.quiet.over_at(now) if wishes.quiet is not None else None
        for one in happened:
            level = wishes.level(one.kind, one.account)
            lasting = FAMILIES[one.kind] is not Family.MESSAGES
            quiet = wishes.paused or (silent_until is not None and not wishes.is_heard(one))
            if not lasting and one.conversation_id == looking_at and looking_at is not None:
                level = Level.OFF  # it appears before their eyes
            if level.shows and quiet:
                badge = True
                if lasting:  # it is still true afterwards
                    again_at = None if wishes.paused else silent_until
                    continue
                level = Level.BADGE
            settled += one.keys
            badge = badge or level is not Level.OFF
            if level.shows:
                shown.append((one, level))
        for family in Family:
            of_family = [pair for pair in shown if FAMILIES[pair[0].kind] is family]
            tellings += self._tell(family, of_family, now)
        return Decision(
            tellings=tuple(tellings), settled=tuple(settled), badge=badge, again_at=again_at
        )

    def _tell(
        self, family: Family, shown: Sequence[tuple[Happened, Level]], now: datetime
    ) -> list[Telling]:
        missed = [
            (one, level) for one, level in shown if family in _TIMED and one.at < self._away_until
        ]
        fresh = [pair for pair in shown if pair not in missed]
        found = []
        if missed:
            every = self._missed.setdefault(family, [])
            every += [one for one, _level in missed]
            telling = self._telling(family, every, missed, now, while_away=True)
            found.append(telling)
        if not fresh:
            return found
        burst = self._burst(family, [one for one, _level in fresh], now)
        if len(burst) >= GROUP_FROM:
            found.append(self._telling(family, burst, fresh, now))
        else:
            found += [self._telling(family, [pair[0]], [pair], now) for pair in fresh]
        return found

    def _burst(self, family: Family, fresh: Sequence[Happened], now: datetime) -> list[Happened]:
        """Return what came together; a summary goes on until nothing comes for a while."""
        before = self._bursts.get(family, [])
        if len(before) >= GROUP_FROM:
            kept = before if now - before[-1][0] <= GROUP_WITHIN else []
        else:
            kept = [pair for pair in before if now - pair[0] <= GROUP_WITHIN]
        self._bursts[family] = [*kept, *((now, one) for one in fresh)]
        return [one for _at, one in self._bursts[family]]

    def _telling(
        self,
        family: Family,
        happened: Sequence[Happened],
        fresh: Sequence[tuple[Happened, Level]],
        now: datetime,
        *,
        while_away: bool = False,
    ) -> Telling:
        wanted = any(level is Level.SOUND for _one, level in fresh)
        wanted = wanted and not (while_away and len(happened) > len(fresh))  # it was heard once
        sound = wanted and (self._sounded is None or now - self._sounded >= BETWEEN_SOUNDS)
        if sound:
            self._sounded = now
        ordered = sorted(happened, key=_weight) if family in _TIMED else happened
        return Telling(family=family, happened=tuple(ordered), sound=sound, while_away=while_away)


def _weight(happened: Happened) -> tuple[bool, datetime]:
    """What is broken before what nearly is, and the longest overdue first (rule B11)."""
    return happened.kind is not Kind.BREACH, happened.due_at or happened.at
