"""What was promised to a customer, as bars that fill with the time used (rule B13).

Lives on the UI thread; bars go on by themselves between two readings.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

from PySide6.QtCore import QLocale, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.business_hours import Calendar, Shift, clock
from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.policies import ClockKind
from desktop_inbox.domain.service_levels import Clock, ClockState
from desktop_inbox.i18n import N_, _
from desktop_inbox.store import service_levels
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, tooltip
from desktop_inbox.ui.views.customer_parts import Section
from desktop_inbox.ui.views.formats import absolute, moment
from desktop_inbox.ui.views.row_words import length_words

_TICK_MS = 20_000
_MOST_SPANS = 8  # of counted time in a tooltip, the latest
_NAMES = {
    ClockKind.FIRST_RESPONSE: N_("First reply"),
    ClockKind.NEXT_RESPONSE: N_("Next reply"),
    ClockKind.RESOLUTION: N_("Resolution"),
    ClockKind.PERIODIC_UPDATE: N_("Update"),
}
# What a new workspace promises; the names people choose are shown as they are.
_FIRST_POLICIES = {
    "E-mail": N_("E-mail"),
    "Live chat": N_("Live chat"),
    "Messaging": N_("Messaging"),
}
_MONDAY_TO_SUNDAY = range(1, 8)


class ServiceLevelPanel(Section):
    """The clocks of a conversation that still run; hidden where there is none."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(_("Service level"))
        self._context = context
        self._conversation_id: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._read)
        context.bridge.changed.connect(self._on_changed)

    def show_conversation(self, conversation_id: int | None) -> None:
        """Show what is owed in this conversation, or nothing."""
        self._conversation_id = conversation_id
        self.fill([])
        self._read()

    def show_clocks(self, clocks: list[Clock], *, now: datetime) -> None:
        """Show those of these clocks that still run or stand still."""
        going = [one for one in clocks if one.is_open]
        lines: list[QWidget] = [ClockLine(self._context.theme, one, now=now) for one in going]
        if going:
            policy = going[0].policy
            words = _("Policy: {name} · {hours}").format(
                name=policy_name(policy.name), hours=hours_words(policy.calendar)
            )
            lines.append(PlainLabel(words, kind="caption", wrap=True))
        self.fill(lines)
        if going:
            self._timer.start()
        else:
            self._timer.stop()

    def _on_changed(self, changes: Changes) -> None:
        if self._conversation_id in changes.conversations:
            self._read()

    def _read(self) -> None:
        if self._conversation_id is None:
            self._timer.stop()
        else:
            self._context.start(self._load(self._conversation_id), name="service level")

    async def _load(self, conversation_id: int) -> None:
        now = utc_now()
        found = await self._context.read(
            lambda conn: service_levels.clocks(conn, conversation_id, now=now)
        )
        if isValid(self) and conversation_id == self._conversation_id:
            self.show_clocks(found, now=now)


class ClockLine(QWidget):
    """A clock: its name, how much of its time is used, and what is left."""

    def __init__(self, theme: Theme, one: Clock, *, now: datetime) -> None:
        super().__init__()
        name = _(_NAMES[one.kind])
        left = left_words(one, now=now)
        title = PlainLabel(name)
        title.setMinimumWidth(theme.px(76))
        time = PlainLabel(left, kind="strong")
        time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = _Bar(theme, used(one), tone=_tone(one, now=now))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(title)
        line.addWidget(self.bar, 1)
        line.addWidget(time)
        self.setAccessibleName(_("{clock}: {time}").format(clock=name, time=left))
        self.setToolTip(tooltip("\n".join(_facts(one, now=now))))


class _Bar(QWidget):
    """A thin line of which a share is filled."""

    def __init__(self, theme: Theme, share: float, *, tone: str) -> None:
        super().__init__()
        self._theme = theme
        self.share = share
        self.tone = tone
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(60), self._theme.px(5))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(24), self._theme.px(5))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        radius = whole.height() / 2
        painter.setBrush(self._theme.colour("ok_bg"))
        painter.drawRoundedRect(whole, radius, radius)
        if self.share:
            filled = QRectF(whole)
            filled.setWidth(max(whole.height(), whole.width() * self.share))
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                filled.moveRight(whole.right())
            painter.setBrush(self._theme.colour(self.tone))
            painter.drawRoundedRect(filled, radius, radius)
        painter.end()


def used(one: Clock) -> float:
    """Return which share of its time is over, from 0 to 1."""
    return min(1.0, max(0.0, 1 - one.left / one.target.length))


def left_words(one: Clock, *, now: datetime) -> str:
    """Return how long a clock still has, or that it is over or stands still."""
    if one.state is ClockState.PAUSED:
        return _("Paused")
    assert one.due_at is not None
    if now > one.due_at:
        return _("Overdue {time}").format(time=length_words(now - one.due_at))
    return length_words(one.due_at - now)


def _tone(one: Clock, *, now: datetime) -> str:
    if one.state is ClockState.PAUSED:
        return "muted"
    if one.state is ClockState.BREACHED:
        return "bad"
    return "warn" if one.warn_at is not None and now >= one.warn_at else "accent"


def _facts(one: Clock, *, now: datetime) -> Iterator[str]:
    """Yield when it is due and the time that was counted, latest last."""
    if one.due_at is not None:
        yield _("Due {time}").format(time=absolute(one.due_at))
    for span in one.counted(now)[-_MOST_SPANS:]:
        length = length_words(max(span.length, timedelta(minutes=1)))
        yield f"{moment(span.start, now=now)} – {moment(span.end, now=now)} ({length})"


def policy_name(name: str) -> str:
    """Return what a policy is called here."""
    return _(_FIRST_POLICIES[name]) if name in _FIRST_POLICIES else name


def hours_words(hours: Calendar) -> str:
    """Return opening hours in few words, days alike together: Mon–Fri 09:00–17:00."""
    days = zip(_MONDAY_TO_SUNDAY, hours.week, strict=True)
    return ", ".join(
        _days_words([day for day, _shifts in alike], shifts)
        for shifts, alike in groupby(days, key=lambda one: one[1])
        if shifts
    )


def _days_words(days: list[int], shifts: tuple[Shift, ...]) -> str:
    locale = QLocale()
    ends = dict.fromkeys((days[0], days[-1]))
    names = "–".join(locale.dayName(day, QLocale.FormatType.ShortFormat) for day in ends)
    times = ", ".join(f"{clock(shift.start)}–{clock(shift.end)}" for shift in shifts)
    return f"{names} {times}"
