"""What a line of the conversation list says at a moment: its time and its chips. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from desktop_inbox.domain.states import Direction, Priority, Status
from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.ui.models.conversations import (
    reminder_words,
    snooze_words,
    when,
    woke_words,
)
from desktop_inbox.ui.views.chips import ChipStyle


class RowWords(NamedTuple):
    """The words of a row that change as time goes by, though the row does not."""

    time: str
    chips: tuple[ChipStyle, ...]


def words_of(row: ConversationRow, *, now: datetime) -> RowWords:
    """Return what a row says now; equal words need no new painting."""
    return RowWords(time=when(row.last_at, now=now), chips=tuple(chips_of(row, now=now)))


def chips_of(row: ConversationRow, *, now: datetime) -> list[ChipStyle]:
    """Return the chips of a row, the most urgent first."""
    chips: list[ChipStyle] = []
    if row.failed:
        chips.append(ChipStyle(text=_("Not sent"), tone="bad", icon="circle-alert"))
    if row.priority is Priority.URGENT:
        chips.append(ChipStyle(text=_("Urgent"), tone="warn", icon="flame"))
    elif row.priority is Priority.HIGH:
        chips.append(ChipStyle(text=_("High"), tone="warn"))
    clock, window = due_chip(row, now=now), window_chip(row, now=now)
    ends = (window, clock) if _ends_first(row) else (clock, window)
    chips.extend(chip for chip in ends if chip is not None)
    chips.extend(_state_chip(row, now=now, timed=clock is not None))
    if row.assignee_name:
        chips.append(ChipStyle(text=row.assignee_name, icon="user"))
    chips.extend(ChipStyle(text=tag.name, hue=tag.hue) for tag in row.tags)
    return chips


def _ends_first(row: ConversationRow) -> bool:
    """Whether the reply window ends before anything is due: a short row shows one of them."""
    until, due = row.reply_until, row.next_due_at
    return until is not None and (due is None or until < due)


_NEAR = timedelta(hours=4)

# What is owed, with the time that is left: domain.service_levels.ClockKind
_OWED = {
    "first_response": N_("Reply in {time}"),
    "next_response": N_("Reply in {time}"),
    "resolution": N_("Resolve in {time}"),
    "periodic_update": N_("Update in {time}"),
}


def due_chip(row: ConversationRow, *, now: datetime) -> ChipStyle | None:
    """Return the chip of the clock that is due next (rule B13), None where none runs."""
    if row.next_due_at is None or row.status not in (Status.OPEN, Status.SNOOZED):
        return None
    if now > row.next_due_at:
        words = _("Overdue {time}").format(time=length_words(now - row.next_due_at))
        return ChipStyle(text=words, tone="bad", icon="flame")
    words = _(_OWED.get(row.due_clock or "", _OWED["next_response"]))
    left = row.next_due_at - now
    if row.warn_at is not None and now >= row.warn_at:
        return ChipStyle(text=words.format(time=length_words(left)), tone="warn", icon="clock")
    if left <= _NEAR:
        return ChipStyle(text=words.format(time=length_words(left)), icon="clock")
    # What is far off asks for nothing yet: grey words without a ground, and no minutes.
    return ChipStyle(text=words.format(time=duration(left)), tone="plain", icon="clock")


def is_soon(left: timedelta) -> bool:
    """Tell whether a reply window with so much left is one to be told of (rule M2)."""
    from desktop_inbox.domain.reply_windows import WARNINGS  # mail has no windows

    return left < max(WARNINGS)


def window_chip(row: ConversationRow, *, now: datetime) -> ChipStyle | None:
    """Return the chip of a reply window that closes soon or has closed (rule M2)."""
    if row.reply_until is None or row.status not in (Status.OPEN, Status.SNOOZED):
        return None
    left = row.reply_until - now
    if not is_soon(left):
        return None
    waits = row.waiting_since is not None
    if left > timedelta(0):
        words = _("Window {time}").format(time=length_words(left))
        return ChipStyle(text=words, tone="warn" if waits else "ok", icon="hourglass")
    return ChipStyle(text=_("Window closed"), tone="bad" if waits else "plain", icon="hourglass")


def _state_chip(row: ConversationRow, *, now: datetime, timed: bool) -> list[ChipStyle]:
    if row.status is Status.SNOOZED:
        return [ChipStyle(text=snooze_words(row, now=now), tone="plain", icon="alarm-clock")]
    if words := woke_words(row):
        return [ChipStyle(text=words, tone="accent", icon="alarm-clock")]
    if words := reminder_words(row, now=now):
        return [ChipStyle(text=words, tone="plain", icon="calendar-clock")]
    if row.status is Status.CLOSED:
        return [ChipStyle(text=_("Closed"), tone="plain", icon="circle-check")]
    if row.status is Status.OPEN and row.waiting_since is None:
        if row.last_direction is Direction.OUT:
            return [ChipStyle(text=_("Waiting for customer"), tone="plain", icon="pause")]
        return []
    if timed:
        return []
    if row.waiting_since is not None and now - row.waiting_since >= timedelta(hours=1):
        words = _("Waits {time}").format(time=duration(now - row.waiting_since))
        return [ChipStyle(text=words, icon="clock")]
    return []


def length_words(length: timedelta) -> str:
    """Return a length of time in its two largest units: 41 min, 2 h 41 m, 1 d 3 h."""
    minutes = int(length.total_seconds() // 60)
    hours, days = minutes // 60, minutes // (24 * 60)
    if minutes < 60 or (hours < 24 and minutes % 60 == 0):
        return duration(length)
    if hours < 24:
        return _("{hours} h {minutes} m").format(hours=hours, minutes=minutes % 60)
    if hours % 24 == 0 or days > 6:
        return duration(length)
    return _("{days} d {hours} h").format(days=days, hours=hours % 24)


def duration(length: timedelta) -> str:
    """Return a length of time in its largest unit: 41 min, 3 h, 2 d."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return _("{count} min").format(count=minutes)
    if minutes < 24 * 60:
        return _("{count} h").format(count=minutes // 60)
    days = minutes // (24 * 60)
    return ngettext("{count} d", "{count} d", days).format(count=days)
