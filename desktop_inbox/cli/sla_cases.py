"""Deadlines of schedules and cases in a file, for `inspect sla`: no account, no store."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from desktop_inbox.cli.output import iso
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.business_hours import Calendar, Shift, add, calendar, elapsed
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.opening_hours import until

_MINUTE = timedelta(minutes=1)


def sla(session: Session, options: Namespace) -> None:
    """Answer each case of a file: when it is due, and how much open time it lasts."""
    answers = [_shape(answer) for answer in answers_of(_read(options.file), path=options.file)]
    lines = (f"{one['due']}  {one['elapsed_business_minutes']} min" for one in answers)
    session.output.document(answers, lines)


def answers_of(document: Mapping[str, Any], *, path: Path) -> list[tuple[datetime, int]]:
    """Return the due time and the whole minutes of open time of every case, in order.

    Raises:
        UserError: "sla-unreadable": the document has another form, or a code of
            `domain.business_hours`.
    """
    try:
        schedules = {name: schedule(facts) for name, facts in document["schedules"].items()}
        return [_answer(schedules[case["schedule"]], case) for case in document["cases"]]
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UserError("sla-unreadable", path=path, detail=f"{error}") from error


def schedule(facts: Mapping[str, Any]) -> Calendar:
    """Return the calendar of a schedule: hours of a week, holidays, and days that end early.

    Raises:
        UserError: a code of `domain.business_hours.calendar`.
    """
    week = [[Shift(int(start), int(end)) for start, end in day] for day in facts["week"]]
    exceptions: dict[date, tuple[Shift, ...]] = {}
    for day, close in facts.get("half_days", {}).items():
        when = date.fromisoformat(day)
        exceptions[when] = until(week[when.weekday()], int(close))
    exceptions |= {date.fromisoformat(day): () for day in facts.get("holidays", ())}
    return calendar(str(facts["tz"]), week, exceptions=exceptions)


def _answer(hours: Calendar, case: Mapping[str, Any]) -> tuple[datetime, int]:
    start, end = _moment(case["start"]), _moment(case["end"])
    return add(hours, start, int(case["minutes"]) * _MINUTE), elapsed(hours, start, end) // _MINUTE


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} names no time zone")
    return found.astimezone(UTC)


def _shape(answer: tuple[datetime, int]) -> dict[str, object]:
    due, minutes = answer
    return {"due": iso(due), "elapsed_business_minutes": minutes}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or error) from error
    except (ValueError, RecursionError) as error:
        raise UserError("sla-unreadable", path=path, detail=f"{error}") from error
    return found if isinstance(found, dict) else {}
