"""Service levels: which clocks run for a conversation, and when each is due (rules B1 to B12).

A pure function of what was said and done: when and how often it is evaluated changes nothing, and
what arrives late takes its place by its own time. Any thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from desktop_inbox.domain import business_hours
from desktop_inbox.domain.business_hours import Calendar, Span
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.policies import ClockKind, Policy, Standing, Target, Threshold
from desktop_inbox.domain.states import Status

_MOMENT = timedelta(seconds=1)


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"  # at its due time exactly, whether it was stopped since or not
    CANCELLED = "cancelled"


class Who(StrEnum):
    CUSTOMER = "customer"
    US = "us"


class Said(NamedTuple):
    """A public message: the customer's that expects an answer, or one of ours that has left.

    Automatic mail of theirs, notes and what has not left yet are not among these (rules A3, B3).
    """

    at: datetime
    who: Who
    automatic: bool = False  # ours, sent without a person; it answers where a policy says so


class Moved(NamedTuple):
    """From this time on, the conversation had this status."""

    at: datetime
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One promise, and what became of it."""

    kind: ClockKind
    state: ClockState
    started_at: datetime
    due_at: datetime | None  # None while it is paused before it was due
    stopped_at: datetime | None
    target: Target
    left: timedelta  # of open time while it is paused or runs; not below zero
    warnings: tuple[tuple[datetime, Threshold], ...]  # in order of time (rule B11)
    pauses: tuple[Span, ...]  # one that goes on ends where the clock was looked at
    policy: Policy = field(repr=False)

    @property
    def is_open(self) -> bool:
        """Tell whether something is still to be done about it."""
        return self.stopped_at is None and self.state is not ClockState.CANCELLED

    @property
    def warn_at(self) -> datetime | None:
        """Return when the last warning is before it is due, None for none."""
        return self.warnings[-1][0] if self.warnings else None

    def counted(self, now: datetime) -> list[Span]:
        """Return the spans of open time that were counted, up to its stop or `now` (rule B13).

        Raises:
            UserError: "calendar-beyond".
        """
        hours = _hours(self.policy, self.target)
        return [
            span
            for start, end in _unpaused(self.started_at, self.stopped_at or now, self.pauses)
            for span in business_hours.counted(hours, start, end)
        ]


Choose = Callable[[datetime | None], Policy | None]
"""Returns the policy in force for a conversation at a time, None for now."""


def evaluate(
    said: Iterable[Said],
    moved: Iterable[Moved],
    *,
    policy: Policy | Choose,
    now: datetime,
    quiet_before: datetime | None = None,
) -> list[Clock]:
    """Return every clock of a conversation in the order they started.

    `said` and `moved` may come in any order; a status holds until the next. What customers wrote
    before `quiet_before` starts no clock: it was imported (rule B2). Where `policy` is a function
    a finished clock keeps the verdict of the policy it was finished under (rule B8).
    """
    pick: Choose = (lambda _at: policy) if isinstance(policy, Policy) else policy
    counting = (one for one in said if not one.automatic or _automation_counts(pick(one.at)))
    story = _story(counting, moved, quiet_before=quiet_before)
    runs = sorted(_runs(story, pick), key=lambda run: (run.start, run.kind))
    clocks = (_promised(run, story, pick(run.stop), now) for run in runs)
    return [clock for clock in clocks if clock is not None]


def _automation_counts(policy: Policy | None) -> bool:
    return policy is not None and policy.terms.automation_counts


def _promised(run: _Run, story: _Story, policy: Policy | None, now: datetime) -> Clock | None:
    """Return the clock of a run, None where nothing is promised of it."""
    if policy is None or run.kind not in policy.terms.targets:
        return None
    if abs(now - run.start) > business_hours.HORIZON:
        return None  # a server's clock is wrong; nobody is late by that much
    try:
        return _clock(run, story, policy, now)
    except UserError:
        return None  # due in more than a lifetime, since its hours became few: no promise at all


def foreseen(policy: Policy, at: datetime) -> list[Clock]:
    """Return the clocks that a customer's message at a time would start, once each kind (B1).

    For looking at what a policy promises: the same function judges real conversations.
    """
    asked = Said(at, Who.CUSTOMER)
    first = evaluate([asked], [], policy=policy, now=at)
    later = evaluate([Said(at - _MOMENT, Who.US), asked], [], policy=policy, now=at)
    known = {clock.kind: clock for clock in [*later, *first]}
    return [known[kind] for kind in ClockKind if kind in known]


def next_due(clocks: Iterable[Clock]) -> Clock | None:
    """Return the clock to look at first: the next due; else one that is paused; None for none."""
    going = [clock for clock in clocks if clock.is_open]
    due = [clock for clock in going if clock.due_at is not None]
    if due:
        return min(due, key=_due)
    return going[0] if going else None


def _due(clock: Clock) -> datetime:
    assert clock.due_at is not None
    return clock.due_at


# What happened


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    said: Sequence[Said]
    standings: Sequence[tuple[datetime, Standing]]  # each holds until the next; in order
    dismissed: bool  # as it stands now
    opened_by_us: bool

    def spans(self, wanted: frozenset[Standing]) -> list[tuple[datetime, datetime | None]]:
        """Return when it stood in one of these ways; None for an end that has not come."""
        found: list[tuple[datetime, datetime | None]] = []
        ends = [*(at for at, _ in self.standings), None][1:]
        for (start, standing), end in zip(self.standings, ends, strict=False):
            if standing not in wanted or start == end:
                continue
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
        return found


# Of what happens at one time, the customer's message comes first, and a status last.
_RANKS = {Who.CUSTOMER: 0, Who.US: 1}


def _story(
    said: Iterable[Said], moved: Iterable[Moved], *, quiet_before: datetime | None
) -> _Story:
    every = sorted(said, key=lambda one: (one.at, _RANKS[one.who]))
    counting = [
        one for one in every if one.who is Who.US or quiet_before is None or one.at >= quiet_before
    ]
    statuses = sorted(moved, key=lambda one: one.at)
    return _Story(
        said=counting,
        standings=list(_standings(counting, statuses)),
        dismissed=bool(statuses) and statuses[-1].status in (Status.SPAM, Status.TRASH),
        opened_by_us=bool(every) and every[0].who is Who.US,
    )


_STANDINGS = {
    Status.OPEN: Standing.OPEN,
    Status.SNOOZED: Standing.SNOOZED,
    Status.CLOSED: Standing.CLOSED,
    Status.SPAM: Standing.DISMISSED,
    Status.TRASH: Standing.DISMISSED,
}


def _standings(said: Sequence[Said], moved: Sequence[Moved]) -> Iterator[tuple[datetime, Standing]]:
    status, theirs = Standing.OPEN, False
    facts: list[Said | Moved] = [*said, *moved]
    facts.sort(key=lambda one: (one.at, isinstance(one, Moved)))
    coming = deque(one for one in facts if isinstance(one, Moved))
    for fact in facts:
        if isinstance(fact, Moved):
            status = _STANDINGS[coming.popleft().status]
        else:
            theirs = fact.who is Who.US
            # It opens again when the customer writes, though we may hear of it much later.
            opened = bool(coming) and coming[0].status is Status.OPEN
            if not theirs and opened and status is Standing.CLOSED:
                status = Standing.OPEN
        yield fact.at, Standing.WAITING if status is Standing.OPEN and theirs else status


class _Run(NamedTuple):
    """What a clock measures, whatever was promised; `stop` is None while it is still to be done."""

    kind: ClockKind
    start: datetime
    stop: datetime | None


def _runs(story: _Story, pick: Choose) -> Iterator[_Run]:
    yield from _responses(story)
    yield from _updates(story)
    yield from _resolutions(story, pick)


def _responses(story: _Story) -> Iterator[_Run]:
    """Yield a clock for each time a customer waited; the two kinds never run together (B4, B5)."""
    answered, since = story.opened_by_us, None
    for one in story.said:
        if one.who is Who.CUSTOMER:
            since = since or one.at
            continue
        if since is not None:
            yield _Run(_response(answered), since, one.at)
        answered, since = True, None
    if since is not None:
        yield _Run(_response(answered), since, None)


def _response(answered: bool) -> ClockKind:
    return ClockKind.NEXT_RESPONSE if answered else ClockKind.FIRST_RESPONSE


def _resolutions(story: _Story, pick: Choose) -> Iterator[_Run]:
    """Yield a clock for each matter: closed for long enough, it is a new one (rule B7)."""
    first = next((one.at for one in story.said if one.who is Who.CUSTOMER), None)
    if first is None:
        return
    start: datetime | None = first
    for closed, opened in story.spans(frozenset({Standing.CLOSED})):
        if opened is not None and opened <= first:
            continue
        if opened is not None and opened - max(closed, first) <= _reopens_within(pick(closed)):
            continue
        if start is not None and closed > start:
            yield _Run(ClockKind.RESOLUTION, start, closed)
        start = opened
    if start is not None:
        yield _Run(ClockKind.RESOLUTION, start, None)


def _reopens_within(policy: Policy | None) -> timedelta:
    return timedelta() if policy is None else policy.terms.reopens_within


def _updates(story: _Story) -> Iterator[_Run]:
    """Yield a clock from each answer of ours to the next, or to the closing."""
    answers = [one.at for one in story.said if one.who is Who.US]
    closings = [start for start, _ in story.spans(frozenset({Standing.CLOSED}))]
    heard = next((one.at for one in story.said if one.who is Who.CUSTOMER), None)
    if heard is None:
        return
    for start, following in pairwise([*answers, None]):
        assert start is not None
        closed = next((at for at in closings if at >= start), None)
        ends = [at for at in (following, closed) if at is not None]
        if start > heard:
            yield _Run(ClockKind.PERIODIC_UPDATE, start, min(ends, default=None))


# Clocks


def _clock(run: _Run, story: _Story, policy: Policy, now: datetime) -> Clock:
    target = policy.terms.targets[run.kind]
    hours = _hours(policy, target)
    pauses = _pauses(run, story, policy)
    due, left = _deadline(hours, run.start, target.length, pauses)
    shown = tuple(Span(start, end or max(start, now)) for start, end in pauses)
    if run.stop is None and due is not None:
        going = _unpaused(run.start, now, shown)
        used = (business_hours.elapsed(hours, start, end) for start, end in going)
        left = max(timedelta(), target.length - sum(used, timedelta()))
    return Clock(
        kind=run.kind,
        state=_state(run, due, now, dismissed=story.dismissed),
        started_at=run.start,
        due_at=due,
        stopped_at=run.stop,
        target=target,
        left=left,
        warnings=tuple(_warnings(run, policy, hours, pauses)),
        pauses=shown,
        policy=policy,
    )


def _warnings(
    run: _Run, policy: Policy, hours: Calendar, pauses: Sequence[_Pause]
) -> list[tuple[datetime, Threshold]]:
    """Return when to warn of a deadline, in order of time."""
    length = policy.terms.targets[run.kind].length
    found = []
    for one in policy.terms.warnings:
        if timedelta() < one.used(length) < length:
            at, _left = _deadline(hours, run.start, one.used(length), pauses)
            if at is not None:
                found.append((at, one))
    return sorted(found, key=lambda entry: (entry[0], entry[1].used(length)))


def _state(run: _Run, due: datetime | None, now: datetime, *, dismissed: bool) -> ClockState:
    """Return the verdict from the times alone (rule B12)."""
    if run.stop is not None:
        return ClockState.MET if due is None or run.stop <= due else ClockState.BREACHED
    if dismissed:
        return ClockState.CANCELLED
    if due is None:
        return ClockState.PAUSED
    return ClockState.BREACHED if now > due else ClockState.RUNNING


def _hours(policy: Policy, target: Target) -> Calendar:
    return policy.calendar if target.business else _AROUND_THE_CLOCK


_AROUND_THE_CLOCK = business_hours.always_open()


_Pause = tuple[datetime, datetime | None]  # from when until when; None: it goes on


def _pauses(run: _Run, story: _Story, policy: Policy) -> list[_Pause]:
    """Return when a clock stood still, cut to its run."""
    spans = story.spans(_pausing(run.kind, policy) | {Standing.DISMISSED})
    found = []
    for begin, over in spans:
        start = max(begin, run.start)
        ends_late = over is None or (run.stop is not None and over >= run.stop)
        end = run.stop if ends_late else over
        if (end is None or end > start) and (run.stop is None or start < run.stop):
            found.append((start, end))
    return found


def _pausing(kind: ClockKind, policy: Policy) -> frozenset[Standing]:
    pauses = policy.terms.pauses
    if kind is ClockKind.RESOLUTION:
        return pauses
    if kind is ClockKind.PERIODIC_UPDATE:
        return pauses - {Standing.WAITING}  # it is owed while the customer waits for nothing else
    # It is not the customer's turn while they wait.
    resting = pauses - {Standing.WAITING, Standing.SNOOZED}
    return resting | ({Standing.SNOOZED} if policy.terms.snooze_pauses_responses else set())


def _deadline(
    hours: Calendar,
    start: datetime,
    length: timedelta,
    pauses: Iterable[_Pause],
) -> tuple[datetime | None, timedelta]:
    """Return when `length` of open time has passed outside of pauses; else None and what is left.

    A pause takes away exactly its own open time (rule B6).
    """
    left, here = length, start
    for begin, over in pauses:
        used = business_hours.elapsed(hours, here, begin)
        if left <= used:
            break
        left -= used
        if over is None:
            return None, left
        here = over
    return business_hours.add(hours, here, left), left


def _unpaused(start: datetime, end: datetime, pauses: Iterable[Span]) -> Iterator[Span]:
    """Yield what lies between the pauses."""
    here = start
    for pause in pauses:
        if pause.start > here:
            yield Span(here, min(pause.start, end))
        here = max(here, pause.end)
    if here < end:
        yield Span(here, end)
