"""What a line of the conversation list says at a moment: its time and its chips. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop_inbox.domain.messages import Direction
from desktop_inbox.domain.states import Priority, Status
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store.rows import ConversationRow
from desktop_inbox.ui.models.conversations import snooze_words, when
from desktop_inbox.ui.views.chips import ChipStyle


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWords:
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
    chips.extend(_state_chip(row, now=now))
    if row.assignee_name:
        chips.append(ChipStyle(text=row.assignee_name, icon="user"))
    chips.extend(ChipStyle(text=tag.name, hue=tag.hue) for tag in row.tags)
    return chips


def _state_chip(row: ConversationRow, *, now: datetime) -> list[ChipStyle]:
    if row.status is Status.SNOOZED:
        return [ChipStyle(text=snooze_words(row, now=now), tone="plain", icon="alarm-clock")]
    if row.status is Status.CLOSED:
        return [ChipStyle(text=_("Closed"), tone="plain", icon="circle-check")]
    if row.status is Status.OPEN and row.waiting_since is None:
        if row.last_direction is Direction.OUT:
            return [ChipStyle(text=_("Waiting for customer"), tone="plain", icon="pause")]
        return []
    if row.waiting_since is not None and now - row.waiting_since >= timedelta(hours=1):
        words = _("Waits {time}").format(time=duration(now - row.waiting_since))
        return [ChipStyle(text=words, icon="clock")]
    return []


def duration(length: timedelta) -> str:
    """Return a length of time in its largest unit: 41 min, 3 h, 2 d."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return _("{count} min").format(count=minutes)
    if minutes < 24 * 60:
        return _("{count} h").format(count=minutes // 60)
    days = minutes // (24 * 60)
    return ngettext("{count} d", "{count} d", days).format(count=days)
