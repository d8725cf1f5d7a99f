"""Opening hours and what is promised, with every version of them that was ever in force.

A version says everything of its calendar or policy. Finished clocks are judged by what was in force
when they were finished (rule B8), so the book of all versions is read at once, and kept while it is
the same.
"""

from __future__ import annotations

import json
import logging
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Connection, Table, Text, insert, select, type_coerce, update

from desktop_inbox.domain.business_hours import Calendar, Shift
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.opening_hours import Hours, SpecialDay
from desktop_inbox.domain.policies import (
    ClockKind,
    Conditions,
    Policy,
    Standing,
    Target,
    Terms,
    Threshold,
)
from desktop_inbox.domain.uid import found_uid
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.schema import conversation, sla_calendar, sla_policy
from desktop_inbox.store.zone import own_zone

if TYPE_CHECKING:
    from desktop_inbox.store.database import Tx

log = logging.getLogger(__name__)

T = TypeVar("T", Hours, Terms)

_MINUTE = timedelta(minutes=1)
_OFFICE = ((Shift(540, 1020),),) * 5 + ((), ())
_HOUR, _BUSINESS_DAY = timedelta(hours=1), timedelta(hours=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Generic[T]):
    """A calendar or a policy with all its versions."""

    id: int
    uid: str
    versions: tuple[tuple[datetime, T], ...]  # oldest first; at least one
    deleted: bool = False

    @property
    def current(self) -> T:
        return self.versions[-1][1]

    def at(self, moment: datetime) -> T | None:
        """Return the version in force at a time, None before it was first made."""
        found = [version for since, version in self.versions if since <= moment]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Every calendar and policy of a workspace."""

    calendars: tuple[Kept[Hours], ...] = ()  # in the order they were made
    policies: tuple[Kept[Terms], ...] = ()  # in the order in which they are tried now
    editions: tuple[tuple[datetime, tuple[Policy, ...]], ...] = ()  # in force from when on

    def at(self, moment: datetime | None) -> tuple[Policy, ...]:
        """Return the policies in force at a time, None for now, in the order they are tried."""
        if not self.editions:
            return ()
        if moment is None:
            return self.editions[-1][1]
        place = bisect_right(self.editions, moment, key=lambda edition: edition[0])
        return self.editions[place - 1][1] if place else ()

    def hours_of(self, terms: Terms) -> Kept[Hours] | None:
        """Return the calendar that terms are counted in: theirs, or the first there is."""
        named = (one for one in self.calendars if one.uid == terms.calendar)
        return next(named, None) or next((one for one in self.calendars if not one.deleted), None)


# Reading


def book(conn: Connection) -> Book:
    """Return all that is promised and was ever promised."""
    return _book(_raw(conn, sla_calendar), _raw(conn, sla_policy))


def calendars(conn: Connection) -> list[Kept[Hours]]:
    """Return the calendars there are."""
    return [one for one in book(conn).calendars if not one.deleted]


def policies(conn: Connection) -> list[Kept[Terms]]:
    """Return the policies there are, in the order in which they are tried."""
    return [one for one in book(conn).policies if not one.deleted]


def pinned(conn: Connection, conversation_id: int) -> str | None:
    """Return the uid of the policy a conversation is pinned to, '' for none; None: it is not."""
    wanted = conversation.c.id == conversation_id
    return conn.scalar(select(conversation.c.pinned_policy).where(wanted))


_Raw = tuple[tuple[int, str, str, bool], ...]  # id, uid, versions as text, deleted


def _raw(conn: Connection, table: Table) -> _Raw:
    versions = type_coerce(table.c.versions, Text)
    found = conn.execute(select(table.c.id, table.c.uid, versions, table.c.deleted))
    return tuple((key, uid, text, deleted) for key, uid, text, deleted in found)


@lru_cache(maxsize=4)
def _book(calendar_rows: _Raw, policy_rows: _Raw) -> Book:
    """Return the book of these rows.

    What cannot be made sense of, because another device knows more than this one, is left out.
    """
    made = _kept(calendar_rows, hours_from)
    promised = _kept(policy_rows, terms_from)
    ordered = tuple(sorted(promised, key=lambda one: (one.current.position, one.uid)))
    counted = {
        one.uid: [(since, hours.calendar()) for since, hours in one.versions] for one in made
    }
    known = Book(calendars=tuple(made), policies=ordered)
    return replace(known, editions=tuple(_editions(known, counted)))


def _kept(rows: _Raw, read: Callable[[Mapping[str, Any]], T]) -> list[Kept[T]]:
    kept = []
    for key, uid, text, deleted in rows:
        try:
            versions = tuple(
                (from_milliseconds(int(one["from"])), read(one)) for one in json.loads(text)
            )
        except (UserError, LookupError, TypeError, ValueError, AttributeError) as error:
            log.warning("service level %s cannot be used: %s", uid, error)
            continue
        if versions:
            kept.append(Kept(id=key, uid=uid, versions=versions, deleted=deleted))
    return kept


def _editions(
    known: Book, counted: Mapping[str, Sequence[tuple[datetime, Calendar]]]
) -> Iterable[tuple[datetime, tuple[Policy, ...]]]:
    """Yield what was in force from each time on at which anything changed."""
    changed = {since for one in known.calendars for since, _ in one.versions}
    changed |= {since for one in known.policies for since, _ in one.versions}
    for moment in sorted(changed):
        terms = ((one, one.at(moment)) for one in known.policies)
        found = [
            Policy(uid=one.uid, calendar=hours, terms=version)
            for one, version in terms
            if version is not None and version.enabled
            if (hours := _calendar_at(known, counted, version, moment)) is not None
        ]
        yield moment, tuple(sorted(found, key=lambda one: (one.terms.position, one.uid)))


def _calendar_at(
    known: Book,
    counted: Mapping[str, Sequence[tuple[datetime, Calendar]]],
    terms: Terms,
    moment: datetime,
) -> Calendar | None:
    kept = known.hours_of(terms)
    if kept is None:
        return None
    versions = counted[kept.uid]
    return next((one for since, one in reversed(versions) if since <= moment), versions[0][1])


# As JSON: what a version is in the table, and the value of its field in an event


def hours_json(hours: Hours) -> dict[str, object]:
    """Return hours as they are kept."""
    return {
        "name": hours.name,
        "zone": hours.zone,
        "week": [[list(shift) for shift in day] for day in hours.week],
        "special": [
            {"day": one.day.isoformat(), "hours": [list(at) for at in one.hours], "name": one.name}
            for one in hours.special
        ],
    }


def hours_from(kept: Mapping[str, Any]) -> Hours:
    """Return hours as `hours_json` wrote them.

    Raises:
        LookupError, TypeError, ValueError, UserError: they are not.
    """
    hours = Hours(
        name=str(kept["name"]),
        zone=str(kept["zone"]),
        week=tuple(_day(day) for day in kept["week"]),
        special=tuple(
            SpecialDay(date.fromisoformat(one["day"]), _day(one["hours"]), str(one["name"]))
            for one in kept["special"]
        ),
    )
    hours.calendar()
    return hours


def _day(hours: Iterable[Sequence[int]]) -> tuple[Shift, ...]:
    return tuple(Shift(int(start), int(end)) for start, end in hours)


def terms_json(terms: Terms) -> dict[str, object]:
    """Return terms as they are kept."""
    wanted = terms.conditions
    return {
        "name": terms.name,
        "targets": {
            kind.value: {"minutes": target.length // _MINUTE, "business": target.business}
            for kind, target in terms.targets.items()
        },
        "conditions": {
            "channels": sorted(wanted.channels),
            "accounts": sorted(wanted.accounts),
            "priorities": sorted(wanted.priorities),
            "tags": sorted(wanted.tags),
            "vip": wanted.vip,
            "fields": {uid: sorted(values) for uid, values in sorted(wanted.fields.items())},
        },
        "calendar": terms.calendar,
        "position": terms.position,
        "enabled": terms.enabled,
        "pauses": sorted(terms.pauses),
        "snooze_pauses_responses": terms.snooze_pauses_responses,
        "reopen_days": terms.reopens_within.days,
        "warnings": [
            {"percent": one.percent} if one.before is None else {"minutes": one.before // _MINUTE}
            for one in terms.warnings
        ],
        "automation_counts": terms.automation_counts,
    }


def terms_from(kept: Mapping[str, Any]) -> Terms:
    """Return terms as `terms_json` wrote them.

    Raises:
        LookupError, TypeError, ValueError: they are not.
    """
    return Terms(
        name=str(kept["name"]),
        targets={
            ClockKind(kind): Target(
                length=target["minutes"] * _MINUTE, business=bool(target["business"])
            )
            for kind, target in kept["targets"].items()
        },
        conditions=_conditions(kept["conditions"]),
        calendar=str(kept["calendar"]),
        position=str(kept["position"]),
        enabled=bool(kept["enabled"]),
        pauses=frozenset(Standing(one) for one in kept["pauses"]),
        snooze_pauses_responses=bool(kept["snooze_pauses_responses"]),
        reopens_within=timedelta(days=kept["reopen_days"]),
        warnings=tuple(_threshold(one) for one in kept["warnings"]),
        automation_counts=bool(kept["automation_counts"]),
    )


def _conditions(kept: Mapping[str, Any]) -> Conditions:
    return Conditions(
        channels=frozenset(kept["channels"]),
        accounts=frozenset(kept["accounts"]),
        priorities=frozenset(kept["priorities"]),
        tags=frozenset(kept["tags"]),
        vip=bool(kept["vip"]),
        fields={uid: frozenset(values) for uid, values in kept["fields"].items()},
    )


def _threshold(kept: Mapping[str, int]) -> Threshold:
    if "minutes" in kept:
        return Threshold(before=kept["minutes"] * _MINUTE)
    return Threshold(percent=int(kept["percent"]))


# Writing, from events only


def set_version(
    tx: Tx, table: Table, key: int, since_ms: int, version: dict[str, Any] | None
) -> None:
    """Let a calendar or policy be so from a time on, or with None no longer by that version."""
    known = tx.conn.scalar(select(table.c.versions).where(table.c.id == key))
    kept = {one["from"]: one for one in (known if isinstance(known, list) else ())}
    kept.pop(since_ms, None)
    if version is not None:
        kept[since_ms] = {**version, "from": since_ms}
    versions = [kept[since] for since in sorted(kept)]
    tx.conn.execute(update(table).where(table.c.id == key).values(versions=versions))


# First start


def ensure(conn: Connection, *, workspace_uid: str) -> None:
    """Give a new workspace sensible promises: e-mail within a business day, the rest in an hour."""
    if conn.scalar(select(sla_policy.c.id).limit(1)) is not None:
        return
    office = found_uid(workspace_uid, "sla_calendar", "office")
    _begin(conn, sla_calendar, office, hours_json(Hours(name="", zone=own_zone(), week=_OFFICE)))
    defaults = (
        ("email", "E-mail", {"email"}, _BUSINESS_DAY),
        ("livechat", "Live chat", {"livechat"}, 2 * _MINUTE),
        ("messaging", "Messaging", set[str](), _HOUR),
    )
    for place, (key, name, channels, length) in enumerate(defaults):
        target = Target(length=length)
        terms = Terms(
            name=name,
            targets={ClockKind.FIRST_RESPONSE: target, ClockKind.NEXT_RESPONSE: target},
            conditions=Conditions(channels=frozenset(channels)),
            calendar=office,
            position=chr(ord("b") + place),
        )
        _begin(conn, sla_policy, found_uid(workspace_uid, "sla_policy", key), terms_json(terms))


def _begin(conn: Connection, table: Table, uid: str, version: Mapping[str, object]) -> None:
    conn.execute(insert(table).values(uid=uid, versions=[{"from": 0, **version}]))
