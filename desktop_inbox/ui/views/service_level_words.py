"""What service levels and opening hours are called, in words of the person. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, QLocale, QTime

from desktop_inbox.connectors import CONNECTORS
from desktop_inbox.domain.business_hours import Calendar, Shift
from desktop_inbox.domain.opening_hours import SpecialDay, day_words
from desktop_inbox.domain.policies import ClockKind, Target, Threshold
from desktop_inbox.domain.service_levels import Clock, ClockState
from desktop_inbox.i18n import N_, _
from desktop_inbox.ui.views.row_words import length_words

CLOCKS = {
    ClockKind.FIRST_RESPONSE: N_("First reply"),
    ClockKind.NEXT_RESPONSE: N_("Next reply"),
    ClockKind.RESOLUTION: N_("Resolution"),
    ClockKind.PERIODIC_UPDATE: N_("Update"),
}
_STATES = {
    ClockState.RUNNING: N_("running"),
    ClockState.PAUSED: N_("paused"),
    ClockState.MET: N_("in time"),
    ClockState.BREACHED: N_("too late"),
    ClockState.CANCELLED: N_("cancelled"),
}
# What a new workspace promises; the names people choose are shown as they are.
_FIRST_POLICIES = {
    "E-mail": N_("E-mail"),
    "Live chat": N_("Live chat"),
    "Messaging": N_("Messaging"),
}
# Kinds of account that may be promised something before one of them is added.
_CHANNELS = {"email": N_("E-mail"), "livechat": N_("Live chat")}
_MONDAY_TO_SUNDAY = range(1, 8)
_MINUTE = timedelta(minutes=1)


def policy_name(name: str) -> str:
    """Return what a policy is called here."""
    return _(_FIRST_POLICIES[name]) if name in _FIRST_POLICIES else name


def hours_name(name: str) -> str:
    """Return what a calendar is called here; the one a workspace begins with has no name."""
    return name or _("Business hours")


def channels() -> list[tuple[str, str]]:
    """Return the kinds of channel that something can be promised for, with their words."""
    kinds = dict.fromkeys((*(info.kind for info in CONNECTORS), *_CHANNELS))
    return [(kind, channel_title(kind)) for kind in kinds]


def channel_title(kind: str) -> str:
    """Return what a kind of channel is called where it stands alone."""
    return _(_CHANNELS[kind]) if kind in _CHANNELS else kind


def state_words(one: Clock) -> str:
    """Return how a clock stands."""
    return _(_STATES[one.state])


def week_words(hours: Calendar) -> str:
    """Return opening hours in few words, days alike together: Mon–Fri 09:00–17:00."""
    return days_words(hours.week)


def days_words(week: Iterable[tuple[Shift, ...]]) -> str:
    """Return the hours of a week, Monday first, in few words."""
    days = zip(_MONDAY_TO_SUNDAY, week, strict=True)
    return ", ".join(
        _days_alike([day for day, _shifts in alike], shifts)
        for shifts, alike in groupby(days, key=lambda one: one[1])
        if shifts
    )


def _days_alike(days: list[int], shifts: tuple[Shift, ...]) -> str:
    locale = QLocale()
    ends = dict.fromkeys((days[0], days[-1]))
    names = "–".join(locale.dayName(day, QLocale.FormatType.ShortFormat) for day in ends)
    return f"{names} {day_words(shifts)}"


def day_name(number: int) -> str:
    """Return the name of a day of the week, 0 for Monday."""
    return QLocale().standaloneDayName(number + 1)


def special_words(one: SpecialDay) -> str:
    """Return what a special day is like."""
    return day_words(one.hours) or _("Closed")


def date_words(day: date) -> str:
    """Return a day with its weekday: Thu 29 Oct 2026."""
    # Translators: a day with its weekday, short, in Qt's date format
    return QLocale().toString(QDate(day.year, day.month, day.day), _("ddd d MMM yyyy"))


def due_words(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """Return a moment by the clock of a business: Monday 09:30, or with its day if far away."""
    local = at.astimezone(zone)
    near = abs(local.date() - now.astimezone(zone).date()) < timedelta(days=7)
    # Translators: a day before its time, in Qt's date format
    pattern = _("dddd") if near else _("dddd d MMMM yyyy")
    shown = QDate(local.year, local.month, local.day)
    time = QLocale().toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)
    return f"{QLocale().toString(shown, pattern)} {time}"


def target_words(target: Target) -> str:
    """Return how much time there is: 8 h, or 24 h around the clock."""
    words = length_words(target.length)
    return words if target.business else _("{time} around the clock").format(time=words)


def threshold_words(one: Threshold) -> str:
    """Return when is warned, as it can be written: 80 %, or 30 min."""
    if one.before is None:
        return _("{percent} %").format(percent=one.percent)
    return _("{count} min").format(count=one.before // _MINUTE)
