"""When a conversation should come back: a few times that make sense, any other, or the reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import QDateTimeEdit, QDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.formats import clock, short_date

MORNING = time(9, 0)
EVENING = time(18, 0)
_LATER = timedelta(hours=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A time to offer, in words."""

    text: str
    until: datetime  # aware


def presets(now: datetime) -> list[Preset]:
    """The times worth offering at `now` (aware, local), soonest first."""
    offered: list[Preset] = []
    later = _whole_hour(now + _LATER)
    if later.date() == now.date() and later.time() <= EVENING:
        offered.append(Preset(text=_("Later today"), until=later))
    elif now.time() < time(EVENING.hour - 1):
        offered.append(Preset(text=_("This evening"), until=_at(now, 0, EVENING)))
    offered.append(Preset(text=_("Tomorrow morning"), until=_at(now, 1, MORNING)))
    to_monday = 7 - now.weekday()
    if to_monday > 1:
        offered.append(Preset(text=_("Next week"), until=_at(now, to_monday, MORNING)))
    return offered


def send_presets(now: datetime) -> list[Preset]:
    """The times worth offering for sending later."""
    tomorrow = now + timedelta(days=1)
    offered = [Preset(text=_("In one hour"), until=_whole_minute(now + timedelta(hours=1)))]
    offered.append(Preset(text=_("Tomorrow morning"), until=_at(now, 1, MORNING)))
    if tomorrow.weekday() != 0:
        offered.append(Preset(text=_("Monday morning"), until=_at(now, 7 - now.weekday(), MORNING)))
    return offered


def _at(now: datetime, days: int, moment: time) -> datetime:
    """`moment` on the wall clock some days after `now`, also across a change of summer time."""
    day = (now + timedelta(days=days)).date()
    return datetime.combine(day, moment).astimezone()


def _whole_hour(at: datetime) -> datetime:
    rounded = at + timedelta(minutes=30)
    return rounded.replace(minute=0, second=0, microsecond=0)


def _whole_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def describe(until: datetime, *, now: datetime) -> str:
    """The time beside an entry of the menu."""
    if until.astimezone().date() == now.astimezone().date():
        return clock(until)
    weekday = QLocale().dayName(until.astimezone().isoweekday(), QLocale.FormatType.ShortFormat)
    return f"{weekday} {short_date(until, now=now)} {clock(until)}"


class SnoozeMenu(QMenu):
    """Offers the times; `chosen` says until when, None for the reply alone, and whether it ends
    with a reply."""

    chosen = Signal(object, bool)  # datetime (UTC) or None, until a reply comes

    def __init__(self, theme: Theme, *, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setTitle(_("Snooze"))
        self.setAccessibleName(_("Snooze"))
        for preset in presets(now.astimezone()):
            self._offer(preset, now)
        self.addSeparator()
        self.addAction(_("Pick date and time…"), self._pick)
        self.addAction(_("Until the customer replies"), lambda: self.chosen.emit(None, True))

    def _offer(self, preset: Preset, now: datetime) -> None:
        self.addAction(
            f"{preset.text}\t{describe(preset.until, now=now)}",
            lambda: self.chosen.emit(preset.until.astimezone(UTC), False),
        )

    def _pick(self) -> None:
        dialog = TimeDialog(_("Snooze until"), parent=self.parentWidget())
        dialog.picked.connect(lambda at: self.chosen.emit(at, False))
        dialog.open()


class TimeDialog(QDialog):
    """Asks for a moment in the future."""

    picked = Signal(object)  # datetime, aware UTC

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        tomorrow = QDateTime.currentDateTime().addDays(1)
        tomorrow.setTime(tomorrow.time().fromString("09:00", "HH:mm"))
        self.field = QDateTimeEdit(tomorrow)
        self.field.setCalendarPopup(True)
        self.field.setMinimumDateTime(QDateTime.currentDateTime())
        self.field.setDisplayFormat(QLocale().dateTimeFormat(QLocale.FormatType.ShortFormat))
        self.field.setAccessibleName(title)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(button(_("Cancel"), clicked=self.reject))
        ok = button(_("OK"), kind="primary", clicked=self.accept)
        ok.setDefault(True)
        buttons.addWidget(ok)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(PlainLabel(title, kind="strong"))
        column.addWidget(self.field)
        column.addLayout(buttons)
        self.accepted.connect(self._emit)

    def _emit(self) -> None:
        milliseconds = self.field.dateTime().toMSecsSinceEpoch()
        self.picked.emit(datetime.fromtimestamp(milliseconds / 1000, tz=UTC))
