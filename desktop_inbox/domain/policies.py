"""What is promised to whom: the terms of a policy, and which one is meant for a conversation.

Pure, on any thread (rules B1, B6 to B8, B11).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from desktop_inbox.domain.business_hours import Calendar, add
from desktop_inbox.domain.errors import UserError

NO_POLICY = ""  # what a conversation is pinned to for which nothing is promised
MOST_WARNINGS = 10
MOST_REOPEN_DAYS = 3650
_LONGEST_NAME = 100
_MINUTE = timedelta(minutes=1)
_SHARE = re.compile(r"%\s*(\d{1,3})|(\d{1,3})\s*%")
_LENGTH = re.compile(r"(\d{1,5})\s*(minutes?|min|m|hours?|h|dakika|dk|saat|sa)?")
_HOURS = ("h", "sa")


class ClockKind(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    PERIODIC_UPDATE = "periodic_update"


class Standing(StrEnum):
    """How a conversation stands as far as clocks are concerned."""

    OPEN = "open"
    WAITING = "waiting"  # open, and it is the customer's turn
    SNOOZED = "snoozed"
    CLOSED = "closed"
    DISMISSED = "dismissed"  # spam or thrown away


PAUSING = frozenset({Standing.SNOOZED, Standing.WAITING, Standing.CLOSED})  # what may pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """How much time there is, counted in open time or, without `business`, around the clock."""

    length: timedelta
    business: bool = True


class Threshold(NamedTuple):
    """When to warn (rule B11): once `percent` of a target's time is over, or `before` it is due."""

    percent: int = 0
    before: timedelta | None = None  # of the same time as the target is counted in

    def used(self, length: timedelta) -> timedelta:
        """Return how much time of a target is over by then; not within it: there is no warning."""
        return length * self.percent / 100 if self.before is None else length - self.before

    @property
    def key(self) -> str:
        """A name that stays the same: "p80" or "b30"."""
        return f"p{self.percent}" if self.before is None else f"b{self.before // _MINUTE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """For which conversations something is promised; an empty one is no condition (rule B8)."""

    channels: frozenset[str] = frozenset()  # kinds of account, such as "email"
    accounts: frozenset[str] = frozenset()  # uids
    priorities: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()  # uids; any of them, the conversation's or the customer's
    vip: bool = False  # only for customers who are
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by uid: any of the values

    def met_by(self, subject: Subject) -> bool:
        """Tell whether all of them hold."""
        return (
            (not self.channels or subject.channel in self.channels)
            and (not self.accounts or subject.account in self.accounts)
            and (not self.priorities or subject.priority in self.priorities)
            and (not self.tags or not self.tags.isdisjoint(subject.tags))
            and (subject.vip or not self.vip)
            and all(_has(subject, uid, values) for uid, values in self.fields.items())
        )


def _has(subject: Subject, uid: str, values: frozenset[str]) -> bool:
    known = subject.fields.get(uid, "").casefold()
    return not values or known in {value.casefold() for value in values}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a policy is chosen by."""

    channel: str = ""
    account: str = ""  # its uid
    priority: str = "normal"
    tags: frozenset[str] = frozenset()
    vip: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)  # of the customer, by uid
    pinned: str | None = None  # to a policy's uid or NO_POLICY, by hand; None: by the conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Everything that a person says of a policy; each change makes another version of it."""

    name: str
    targets: Mapping[ClockKind, Target]
    conditions: Conditions = field(default_factory=Conditions)
    calendar: str = ""  # uid; unknown: the first one
    position: str = ""  # sorts; the first policy that is meant is taken
    enabled: bool = True
    pauses: frozenset[Standing] = PAUSING  # while it stands so, nothing is resolved (rule B6)
    snooze_pauses_responses: bool = False  # else snoozing would hide that somebody waits
    reopens_within: timedelta = timedelta(days=14)  # then it is the same matter still (rule B7)
    warnings: tuple[Threshold, ...] = (Threshold(percent=50), Threshold(percent=80))
    automation_counts: bool = False  # what is sent without a person is an answer too (rule B3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Terms with the opening hours they are counted in, as they are in force at one time."""

    uid: str
    calendar: Calendar
    terms: Terms

    @property
    def name(self) -> str:
        return self.terms.name


def choose(policies: Iterable[Policy], subject: Subject) -> Policy | None:
    """Return the policy a conversation is pinned to, or the first that is meant for it (B8)."""
    every = list(policies)
    if subject.pinned == NO_POLICY:
        return None
    pinned = (one for one in every if one.uid == subject.pinned)
    meant = (one for one in every if one.terms.conditions.met_by(subject))
    return next(pinned, None) or next(meant, None)


def read_thresholds(written: str) -> tuple[Threshold, ...]:
    """Return warnings as they are written, such as "50 %, 80 %, 30 min, 2 h"; nothing is none.

    Raises:
        UserError: "warning-invalid".
    """
    parts = [part.strip().casefold() for part in re.split(r"[,;]", written) if part.strip()]
    found = dict.fromkeys(_read_threshold(part) for part in parts)
    return tuple(sorted(found, key=lambda one: (one.percent or 100, -(one.before or timedelta()))))


def _read_threshold(part: str) -> Threshold:
    share = _SHARE.fullmatch(part)
    length = _LENGTH.fullmatch(part)
    if share is not None:
        found = Threshold(percent=int(share[1] or share[2]))
    elif length is not None:
        hours = (length[2] or "").startswith(_HOURS)
        found = Threshold(before=int(length[1]) * (60 if hours else 1) * _MINUTE)
    else:
        raise UserError("warning-invalid", most=MOST_WARNINGS)
    _check_warning(found)
    return found


def check(terms: Terms, hours: Calendar, *, now: datetime) -> None:
    """Refuse terms that cannot be kept.

    Raises:
        UserError: "policy-unnamed", "policy-empty", "target-invalid", "warning-invalid" or
            "reopen-invalid".
    """
    if not terms.name.strip() or len(terms.name) > _LONGEST_NAME:
        raise UserError("policy-unnamed", most=_LONGEST_NAME)
    if not terms.targets:
        raise UserError("policy-empty")
    for target in terms.targets.values():
        _check_target(target, hours, now)
    for one in terms.warnings:
        _check_warning(one)
    if len(terms.warnings) > MOST_WARNINGS:
        raise UserError("warning-invalid", most=MOST_WARNINGS)
    if not timedelta() <= terms.reopens_within <= timedelta(days=MOST_REOPEN_DAYS):
        raise UserError("reopen-invalid", most=MOST_REOPEN_DAYS)


def _check_target(target: Target, hours: Calendar, now: datetime) -> None:
    minutes = target.length // _MINUTE
    if minutes < 1:
        raise UserError("target-invalid", minutes=minutes)
    try:
        add(hours, now, target.length)
    except UserError as error:
        raise UserError("target-invalid", minutes=minutes) from error


def _check_warning(one: Threshold) -> None:
    share = one.before is None and 0 < one.percent < 100
    if not share and not (one.before is not None and one.before >= _MINUTE):
        raise UserError("warning-invalid", most=MOST_WARNINGS)
