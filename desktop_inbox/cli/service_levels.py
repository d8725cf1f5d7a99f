"""Service levels: what is promised, which clocks run, and how their time was counted."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime, timedelta

from desktop_inbox.cli.conversations import find
from desktop_inbox.cli.output import iso, listing, one_line, table
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.business_hours import Calendar, clock
from desktop_inbox.domain.service_levels import Clock
from desktop_inbox.store import service_levels
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.service_levels import PolicyRow

_MINUTE = timedelta(minutes=1)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def policies(session: Session, options: Namespace) -> None:
    """List what is promised, in the order in which it is tried."""
    rows = session.read(service_levels.policies)
    session.output.document(
        listing([_policy(row) for row in rows]),
        table(
            ("ID", "NAME", "FOR", "TARGETS", "HOURS"),
            ((row.id, row.current.name, _for(row), _targets(row), _hours(row)) for row in rows),
        ),
    )


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


def _policy(row: PolicyRow) -> dict[str, object]:
    current = row.current
    return {
        "id": row.id,
        "name": current.name,
        "enabled": row.enabled,
        "conditions": {
            name: sorted(wanted)
            for name, wanted in (
                ("channels", current.channels),
                ("accounts", current.accounts),
                ("priorities", current.priorities),
                ("tags", current.tags),
            )
            if wanted
        },
        "targets": {
            kind.value: {
                "minutes": target.length // _MINUTE,
                "time": "business" if target.business else "calendar",
            }
            for kind, target in current.targets.items()
        },
        "zone": current.calendar.zone.key,
        "week": [[list(shift) for shift in day] for day in current.calendar.week],
    }


def _for(row: PolicyRow) -> str:
    current = row.current
    wanted = [*current.channels, *current.accounts, *current.priorities, *current.tags]
    return ", ".join(sorted(wanted)) or "all others"


def _targets(row: PolicyRow) -> str:
    return ", ".join(
        f"{kind} {target.length // _MINUTE} min" for kind, target in row.current.targets.items()
    )


def _hours(row: PolicyRow) -> str:
    hours: Calendar = row.current.calendar
    days = (
        f"{name} {'+'.join(f'{clock(start)}-{clock(end)}' for start, end in day)}"
        for name, day in zip(_DAYS, hours.week, strict=True)
        if day
    )
    return f"{' '.join(days)} {hours.zone.key}"
