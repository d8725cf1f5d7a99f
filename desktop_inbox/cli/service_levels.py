"""Service levels: what is promised, which clocks run, and how their time was counted."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime, timedelta

from desktop_inbox.cli.conversations import find
from desktop_inbox.cli.output import iso, listing, one_line, table
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.opening_hours import Hours, SpecialDay, day_words
from desktop_inbox.domain.policies import NO_POLICY, Conditions, Terms, Threshold
from desktop_inbox.domain.service_levels import Clock
from desktop_inbox.services import service_levels as services
from desktop_inbox.store import policies as stored
from desktop_inbox.store import service_levels
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.policies import Book, Kept

_MINUTE = timedelta(minutes=1)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def policies(session: Session, options: Namespace) -> None:
    """List what is promised, in the order in which it is tried."""
    book = session.read(stored.book)
    kept = [one for one in book.policies if not one.deleted]
    session.output.document(
        listing([_policy(book, one) for one in kept]),
        table(
            ("ID", "NAME", "FOR", "TARGETS", "HOURS"),
            (
                (one.id, one.current.name, _for(one.current), _targets(one.current), hours)
                for one in kept
                for hours in [_hours_words(book.hours_of(one.current))]
            ),
        ),
    )


def hours(session: Session, options: Namespace) -> None:
    """List the calendars of opening hours."""
    kept = session.read(stored.calendars)
    session.output.document(
        listing([_hours(one) for one in kept]),
        table(
            ("ID", "NAME", "HOURS", "SPECIAL DAYS"),
            ((one.id, one.current.name, _hours_words(one), _special(one.current)) for one in kept),
        ),
    )


def pin(session: Session, options: Namespace) -> None:
    """Promise a policy for a conversation whatever its conditions, or nothing, or as they say."""
    row = find(session, options.id)
    uid = _policy_uid(session, options.policy)
    session.write(lambda tx: services.pin(tx, row.id, uid))
    clocks(session, options)


def _policy_uid(session: Session, named: str) -> str | None:
    if named in ("auto", "none"):
        return None if named == "auto" else NO_POLICY
    for one in session.read(stored.policies):
        if named == str(one.id) or named.casefold() == one.current.name.casefold():
            return one.uid
    raise UserError("policy-missing", id=named)


def clocks(session: Session, options: Namespace) -> None:
    """Show every clock of a conversation."""
    found, _now = _clocks(session, options.id)
    session.output.document(
        listing([_clock(one) for one in found]),
        table(
            ("CLOCK", "STATE", "STARTED", "DUE", "STOPPED"),
            ((one.kind, one.state, one.started_at, one.due_at, one.stopped_at) for one in found),
        ),
    )


def explain(session: Session, options: Namespace) -> None:
    """Show every clock of a conversation with the spans of open time that were counted."""
    found, now = _clocks(session, options.id)
    lines = []
    for one in found:
        due = iso(one.due_at) or f"paused, {one.left // _MINUTE} min left"
        lines.append(f"{one.kind} by {one_line(one.policy.name)}: {one.state}, due {due}")
        lines += [
            f"  {iso(span.start)} - {iso(span.end)}  {span.length // _MINUTE} min"
            for span in one.counted(now)
        ]
    session.output.document(listing([_explained(one, now) for one in found]), lines)


def _clocks(session: Session, conversation_id: int) -> tuple[list[Clock], datetime]:
    row, now = find(session, conversation_id), utc_now()
    return session.read(lambda conn: service_levels.clocks(conn, row.id, now=now)), now


def _clock(one: Clock) -> dict[str, object]:
    return {
        "clock": one.kind.value,
        "state": one.state.value,
        "policy": one.policy.name,
        "started_at": iso(one.started_at),
        "due_at": iso(one.due_at),
        "stopped_at": iso(one.stopped_at),
        "target_minutes": one.target.length // _MINUTE,
        "time": "business" if one.target.business else "calendar",
        "left_minutes": one.left // _MINUTE if one.is_open else None,
    }


def _explained(one: Clock, now: datetime) -> dict[str, object]:
    return {
        **_clock(one),
        "zone": one.policy.calendar.zone.key,
        "warnings": [{"at": iso(at), **_warning(threshold)} for at, threshold in one.warnings],
        "pauses": [{"start": iso(pause.start), "end": iso(pause.end)} for pause in one.pauses],
        "counted": [
            {
                "start": iso(span.start),
                "end": iso(span.end),
                "seconds": span.length // timedelta(seconds=1),
            }
            for span in one.counted(now)
        ],
    }


def _policy(book: Book, kept: Kept[Terms]) -> dict[str, object]:
    terms, calendar = kept.current, book.hours_of(kept.current)
    return {
        "id": kept.id,
        "name": terms.name,
        "enabled": terms.enabled,
        "conditions": _conditions(terms.conditions),
        "targets": {
            kind.value: {
                "minutes": target.length // _MINUTE,
                "time": "business" if target.business else "calendar",
            }
            for kind, target in terms.targets.items()
        },
        "pauses": sorted(terms.pauses),
        "snooze_pauses_responses": terms.snooze_pauses_responses,
        "reopen_days": terms.reopens_within.days,
        "warnings": [_warning(one) for one in terms.warnings],
        "automation_counts": terms.automation_counts,
        "hours": None if calendar is None else calendar.id,
        "zone": None if calendar is None else calendar.current.zone,
        "week": [] if calendar is None else _week(calendar.current),
    }


def _conditions(wanted: Conditions) -> dict[str, object]:
    every: dict[str, object] = {
        "channels": sorted(wanted.channels),
        "accounts": sorted(wanted.accounts),
        "priorities": sorted(wanted.priorities),
        "tags": sorted(wanted.tags),
        "vip": wanted.vip,
        "fields": {uid: sorted(values) for uid, values in wanted.fields.items()},
    }
    return {name: value for name, value in every.items() if value}


def _warning(one: Threshold) -> dict[str, int]:
    if one.before is None:
        return {"percent": one.percent}
    return {"minutes_before": one.before // _MINUTE}


def _hours(kept: Kept[Hours]) -> dict[str, object]:
    current = kept.current
    return {
        "id": kept.id,
        "name": current.name,
        "zone": current.zone,
        "week": _week(current),
        "special": [
            {"day": one.day.isoformat(), "hours": [list(at) for at in one.hours], "name": one.name}
            for one in current.special
        ],
    }


def _week(hours: Hours) -> list[list[list[int]]]:
    return [[list(shift) for shift in day] for day in hours.week]


def _for(terms: Terms) -> str:
    wanted = terms.conditions
    named = [*wanted.channels, *wanted.accounts, *wanted.priorities, *wanted.tags, *wanted.fields]
    return ", ".join([*sorted(named), *(["vip"] if wanted.vip else [])]) or "all others"


def _targets(terms: Terms) -> str:
    return ", ".join(
        f"{kind} {target.length // _MINUTE} min" for kind, target in terms.targets.items()
    )


def _hours_words(kept: Kept[Hours] | None) -> str:
    if kept is None:
        return ""
    days = (
        f"{name} {day_words(day)}"
        for name, day in zip(_DAYS, kept.current.week, strict=True)
        if day
    )
    return f"{' '.join(days)} {kept.current.zone}"


def _special(hours: Hours) -> str:
    return ", ".join(_special_day(one) for one in hours.special)


def _special_day(one: SpecialDay) -> str:
    return f"{one.day.isoformat()} {day_words(one.hours) or 'closed'}"
