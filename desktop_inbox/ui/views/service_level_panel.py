"""What was promised to a customer, as bars that fill with the time used (rule B13).

Lives on the UI thread; bars go on by themselves between two readings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.policies import NO_POLICY
from desktop_inbox.domain.service_levels import Clock, ClockState
from desktop_inbox.i18n import _
from desktop_inbox.services import service_levels as services
from desktop_inbox.store import service_levels
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.service_levels import Promised
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, icon_button, tooltip
from desktop_inbox.ui.views.customer_parts import Section
from desktop_inbox.ui.views.formats import absolute, moment
from desktop_inbox.ui.views.row_words import length_words
from desktop_inbox.ui.views.service_level_words import (
    CLOCKS,
    policy_name,
    state_words,
    week_words,
)

_TICK_MS = 20_000
_MOST_CLOCKS = 6  # in a tooltip, the latest
_MOST_SPANS = 6  # of counted time, the latest of each clock
_MINUTE = timedelta(minutes=1)


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

    def show_promised(self, promised: Promised, *, now: datetime) -> None:
        """Show the clocks that still run or stand still, and who is to be thanked for them."""
        going = [one for one in promised.clocks if one.is_open]
        shown = [line for line in self.lines() if isinstance(line, ClockLine)]
        if going and [line.kind for line in shown] == [one.kind for one in going]:
            lines: list[ClockLine] = shown  # the pointer may rest on one
        else:
            lines = [ClockLine(self._context.theme, one) for one in going]
        facts = tooltip("\n".join(explained(promised.clocks, now=now)))
        for line, one in zip(lines, going, strict=True):
            line.show_clock(one, now=now)
            line.setToolTip(facts)
        if going or promised.pinned == NO_POLICY:
            self.fill([*lines, self._source(promised, going)])
            self._timer.start()
        else:
            self.fill([])
            self._timer.stop()

    def _source(self, promised: Promised, going: Sequence[Clock]) -> QWidget:
        """Which policy it is, and a menu to choose another by hand."""
        if going:
            policy = going[0].policy
            words = _("Policy: {name} · {hours}").format(
                name=policy_name(policy.name), hours=week_words(policy.calendar)
            )
        else:
            words = _("Nothing is promised here.")
        if promised.pinned is not None:
            words = _("{policy} · chosen by hand").format(policy=words)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(PlainLabel(words, kind="caption", wrap=True), 1)
        change = icon_button(self._context.theme, "ellipsis", _("Choose another service level"))
        change.setMenu(self._menu(promised, change))
        change.setPopupMode(change.ToolButtonPopupMode.InstantPopup)
        row.addWidget(change, 0, Qt.AlignmentFlag.AlignTop)
        return holder

    def _menu(self, promised: Promised, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        choices: list[tuple[str | None, str]] = [(None, _("As its conditions say"))]
        choices += [(uid, policy_name(name)) for uid, name in promised.choices]
        choices.append((NO_POLICY, _("None")))
        for uid, name in choices:
            action = menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(uid == promised.pinned)
            action.triggered.connect(lambda _checked=False, uid=uid: self._pin(uid))
        return menu

    def _pin(self, uid: str | None) -> None:
        key = self._conversation_id
        if key is not None:
            self._context.commands.run(
                lambda tx: services.pin(tx, key, uid), _("Service level chosen")
            )

    def _on_changed(self, changes: Changes) -> None:
        if self._conversation_id in changes.conversations or changes.service_levels:
            self._read()

    def _read(self) -> None:
        if self._conversation_id is None:
            self._timer.stop()
        else:
            self._context.start(self._load(self._conversation_id), name="service level")

    async def _load(self, conversation_id: int) -> None:
        now = utc_now()
        found = await self._context.read(
            lambda conn: service_levels.promised(conn, conversation_id, now=now)
        )
        if isValid(self) and conversation_id == self._conversation_id:
            self.show_promised(found, now=now)


class ClockLine(QWidget):
    """A clock: its name, how much of its time is used, and what is left."""

    def __init__(self, theme: Theme, one: Clock) -> None:
        super().__init__()
        self.kind = one.kind
        self._name = _(CLOCKS[one.kind])
        title = PlainLabel(self._name)
        title.setMinimumWidth(theme.px(76))
        self._time = PlainLabel(kind="strong")
        self._time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = _Bar(theme)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(title)
        line.addWidget(self.bar, 1)
        line.addWidget(self._time)

    def show_clock(self, one: Clock, *, now: datetime) -> None:
        """Show how the clock stands now."""
        left = left_words(one, now=now)
        self._time.setText(left)
        self.bar.show_share(used(one), tone=_tone(one, now=now))
        self.setAccessibleName(_("{clock}: {time}").format(clock=self._name, time=left))


class _Bar(QWidget):
    """A thin line of which a share is filled."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.share = 0.0
        self.tone = "accent"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_share(self, share: float, *, tone: str) -> None:
        """Fill this share of it, from 0 to 1."""
        self.share, self.tone = share, tone
        self.update()

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
    if one.state is ClockState.PAUSED or one.due_at is None:
        return _("Paused")
    if now > one.due_at:
        return _("Overdue {time}").format(time=length_words(now - one.due_at))
    return length_words(one.due_at - now)


def _tone(one: Clock, *, now: datetime) -> str:
    if one.state is ClockState.PAUSED:
        return "muted"
    if one.state is ClockState.BREACHED:
        return "bad"
    return "warn" if one.warn_at is not None and now >= one.warn_at else "accent"


def explained(clocks: Sequence[Clock], *, now: datetime) -> Iterator[str]:
    """Yield every clock with its deadline and the time that was counted, the latest last."""
    for one in clocks[-_MOST_CLOCKS:]:
        yield _("{clock}: {state}").format(clock=_(CLOCKS[one.kind]), state=state_words(one))
        if one.due_at is not None:
            yield _("Due {time}").format(time=absolute(one.due_at))
        for span in one.counted(now)[-_MOST_SPANS:]:
            length = length_words(max(span.length, _MINUTE))
            yield f"{moment(span.start, now=now)} – {moment(span.end, now=now)} ({length})"
