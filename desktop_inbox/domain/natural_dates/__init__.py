"""Times as people write them, in English and Turkish: "fri 9am", "in 2h", "yarın 9", "ay sonu".

Pure, on any thread: the same words at the same moment mean the same, and every text is answered
with a moment or with what was not understood.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from desktop_inbox.domain.business_hours import Calendar
from desktop_inbox.domain.natural_dates.answers import NotUnderstood, Understood, Why
from desktop_inbox.domain.natural_dates.resolving import moment_of
from desktop_inbox.domain.natural_dates.scanning import scan
from desktop_inbox.domain.natural_dates.suggesting import as_written, suggestion

__all__ = ["LONGEST", "NotUnderstood", "Understood", "Why", "read"]

LONGEST = 80  # characters; nobody writes a longer time


def read(
    text: str, *, now: datetime, zone: ZoneInfo, hours: Calendar, past: bool = False
) -> Understood | NotUnderstood:
    """Return the moment that `text` means at `now` for somebody in `zone`.

    `hours` says when a morning begins and a day ends (rule H2), and which of two hours a bare "3"
    is. Local times that clocks jump over are the first moment after (rule B10). With `past` off,
    what lies behind is refused rather than moved.
    """
    if not text.strip():
        return NotUnderstood(why=Why.NOTHING)
    if len(text) > LONGEST:
        return NotUnderstood(why=Why.TOO_LONG)
    found = _read(text, now=now, zone=zone, hours=hours, past=past)
    if isinstance(found, Understood) or not found.word:
        return found
    better = suggestion(text, found.word)
    means = better and _read(better, now=now, zone=zone, hours=hours, past=past)
    return NotUnderstood(
        why=found.why,
        word=as_written(text, found.word),
        did_you_mean=better if isinstance(means, Understood) else "",
    )


def _read(
    text: str, *, now: datetime, zone: ZoneInfo, hours: Calendar, past: bool
) -> Understood | NotUnderstood:
    said = scan(text, today=now.astimezone(zone).date())
    if isinstance(said, NotUnderstood):
        return said
    return moment_of(said, now=now, zone=zone, hours=hours, past=past)
