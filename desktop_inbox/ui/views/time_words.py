"""Moments that are offered and moments that are typed, in words. Pure; any thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QLocale

from desktop_inbox.domain.business_hours import Calendar
from desktop_inbox.domain.natural_dates import NotUnderstood, Understood, Why, read
from desktop_inbox.i18n import N_, _
from desktop_inbox.ui.views.formats import clock, short_date

_LATER, _LATEST_HOUR = "in 3h", 19  # "later today" is at a half hour, and not at night
_HALF_HOUR = timedelta(minutes=30)

# What is offered: words, and the time they stand for as one would type it.
SNOOZE = (
    (N_("Later today"), _LATER),
    (N_("This evening"), "this evening"),
    (N_("Tomorrow morning"), "tomorrow"),
    (N_("In two days"), "in 2 days"),
    (N_("Next week"), "next week"),
    (N_("In a month"), "in 1 month"),
)
SEND = (
    (N_("In one hour"), "in 1h"),
    (N_("This afternoon"), "this afternoon"),
    (N_("Tomorrow morning"), "tomorrow"),
    (N_("Monday morning"), "next week"),
)
FOLLOW_UP = (
    (N_("Tomorrow morning"), "tomorrow"),
    (N_("In two days"), "in 2 days"),
    (N_("Next week"), "next week"),
    (N_("In two weeks"), "in 2 weeks"),
    (N_("In a month"), "in 1 month"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody picks a time: their clock, and the hours of the business."""

    zone: ZoneInfo
    hours: Calendar

    def read(self, text: str, *, now: datetime) -> Understood | NotUnderstood:
        """Return what a text means here."""
        return read(text, now=now, zone=self.zone, hours=self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time to offer."""

    words: str
    at: datetime  # UTC


def moments(offers: Sequence[tuple[str, str]], place: Place, *, now: datetime) -> list[Moment]:
    """Return the times worth offering, soonest first and each once (rule H2)."""
    found: dict[datetime, Moment] = {}
    for words, typed in offers:
        means = place.read(typed, now=now)
        if isinstance(means, Understood):
            at = _rounded(means.at) if typed == _LATER else means.at
            if at - now >= _HALF_HOUR and (typed != _LATER or _is_later_today(at, place, now)):
                found.setdefault(at, Moment(words=_(words), at=at))
    return [found[at] for at in sorted(found)]


def _rounded(at: datetime) -> datetime:
    """Return the next half hour."""
    beyond = timedelta(minutes=at.minute % 30)
    return at + (_HALF_HOUR - beyond if beyond else beyond)


def _is_later_today(at: datetime, place: Place, now: datetime) -> bool:
    local = at.astimezone(place.zone)
    return local.date() == now.astimezone(place.zone).date() and local.hour < _LATEST_HOUR


def told(at: datetime, *, now: datetime) -> str:
    """Return a moment as it is understood: Tue 24 Nov, 09:00."""
    weekday = QLocale().dayName(at.astimezone().isoweekday(), QLocale.FormatType.ShortFormat)
    return f"{weekday} {short_date(at, now=now)}, {clock(at)}"


def why_not(found: NotUnderstood) -> str:
    """Return why a text means no moment, '' where nothing was written."""
    match found.why:
        case Why.NOTHING:
            return ""
        case Why.WORD if found.did_you_mean:
            return _("Did you mean “{text}”?").format(text=found.did_you_mean)
        case Why.WORD:
            return _("“{word}” is not understood. Try “tomorrow 9am” or “in 2h”.").format(
                word=found.word
            )
        case Why.TWICE:
            return _("That names two different times.")
        case Why.NO_SUCH:
            return _("There is no such day or time.")
        case Why.PAST:
            return _("That time has passed.")
        case _:
            return _("That is too far away.")
