"""How times, days and sizes read in the thread, by the person's own locale. Pure; any thread."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate, QDateTime, QLocale, QTimeZone

from desktop_inbox.i18n import _


def local_day(at: datetime) -> date:
    """The calendar day a moment falls on, on this computer."""
    return at.astimezone().date()


def clock(at: datetime) -> str:
    """Only the time of day: 14:02."""
    return QLocale().toString(_qt(at).time(), QLocale.FormatType.ShortFormat)


def moment(at: datetime, *, now: datetime) -> str:
    """The time, with the day before it where it is not today's."""
    day, today = local_day(at), local_day(now)
    if day == today:
        return clock(at)
    # Translators: a short day in front of a time, in Qt's date format
    pattern = _("d MMM") if day.year == today.year else _("d MMM yyyy")
    return f"{QLocale().toString(_qt_date(day), pattern)} {clock(at)}"


def absolute(at: datetime) -> str:
    """Everything about a moment that a person wants to know, for a tooltip."""
    local, locale = _qt(at), QLocale()
    day = locale.toString(local.date(), QLocale.FormatType.LongFormat)
    # Translators: a day in full, and a time of day
    return _("{day}, {time}").format(day=day, time=clock(at))


def day_title(day: date, *, today: date) -> str:
    """What stands between the messages of two days."""
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    # Translators: the day between messages, in Qt's date format
    pattern = _("dddd d MMMM") if day.year == today.year else _("dddd d MMMM yyyy")
    return QLocale().toString(_qt_date(day), pattern)


def day_words(day: date, *, today: date) -> str:
    """A day as one says it: 3 October, or with its year where it is another."""
    # Translators: a day and its month in full, in Qt's date format
    pattern = _("d MMMM") if day.year == today.year else _("d MMMM yyyy")
    return QLocale().toString(_qt_date(day), pattern)


def short_date(at: datetime, *, now: datetime) -> str:
    """A day without its time: 18 Nov, or with its year where it is another."""
    day = local_day(at)
    pattern = _("d MMM") if day.year == local_day(now).year else _("d MMM yyyy")
    return QLocale().toString(_qt_date(day), pattern)


def month(at: datetime) -> str:
    """March 2024, for "customer since"."""
    return QLocale().toString(_qt_date(local_day(at)), "MMMM yyyy")


def file_size(size: int) -> str:
    """214 kB, in powers of ten as file managers count."""
    precision = 1 if size >= 1_000_000 else 0
    return QLocale().formattedDataSize(size, precision, QLocale.DataSizeFormat.DataSizeSIFormat)


def _qt(at: datetime) -> QDateTime:
    moment_utc = QDateTime.fromMSecsSinceEpoch(round(at.timestamp() * 1000), QTimeZone.utc())
    return moment_utc.toLocalTime()


def _qt_date(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
