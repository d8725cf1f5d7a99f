"""What stands in a conversation's timeline, in order: days, messages and events. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.store.rows import EventRow, MessageRow
from desktop_inbox.ui.views.formats import local_day
from desktop_inbox.ui.views.offers import Offer

KEEP_OPEN = 3  # the last messages of a conversation are always expanded
SHORT = 6  # a conversation of so few messages opens expanded whole

_ONE_GO = timedelta(minutes=5)
_LONGEST_LINE = 90  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEntry:
    """A change of day."""

    day: date

    @property
    def key(self) -> str:
        return f"day:{self.day.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEntry:
    """One message, note or word of the program."""

    message: MessageRow

    @property
    def key(self) -> str:
        return f"message:{self.message.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """Something we did, or what was found out; `offer` is ready to read."""

    uid: str
    at: datetime
    offer: Offer

    @property
    def key(self) -> str:
        return f"event:{self.uid}"


Entry = DayEntry | MessageEntry | EventEntry


def entries(
    messages: Sequence[MessageRow], events: Sequence[tuple[EventRow, Offer]]
) -> list[Entry]:
    """Return messages and worded events by time, with an entry where a day begins.

    `events` come with their words; one whose words are '' is not shown.
    """
    dated: list[_Dated] = [(message.at, 0, MessageEntry(message=message)) for message in messages]
    dated += [
        (event.at, 1, EventEntry(uid=event.uid, at=event.at, offer=offer))
        for event, offer in events
        if offer.text
    ]
    dated.sort(key=lambda item: item[:2])
    dated = _joined(dated)
    result: list[Entry] = []
    last_day: date | None = None
    for at, _rank, entry in dated:
        day = local_day(at)
        if day != last_day:
            result.append(DayEntry(day=day))
            last_day = day
        result.append(entry)
    return result


_Dated = tuple[datetime, int, MessageEntry | EventEntry]


def _joined(dated: Sequence[_Dated]) -> list[_Dated]:
    """What was done in one go stands on one line; what can be acted on, on its own."""
    result: list[_Dated] = []
    for at, rank, entry in dated:
        before = result[-1] if result else None
        if (
            isinstance(entry, EventEntry)
            and before is not None
            and isinstance(before[2], EventEntry)
            and at - before[0] <= _ONE_GO
            and len(before[2].offer.text) < _LONGEST_LINE
            and not (before[2].offer.actions or entry.offer.actions)
        ):
            first = before[2]
            told = Offer(text=f"{first.offer.text} · {entry.offer.text}")
            result[-1] = (at, rank, EventEntry(uid=first.uid, at=first.at, offer=told))
        else:
            result.append((at, rank, entry))
    return result


def initially_expanded(messages: Sequence[MessageRow]) -> set[int]:
    """The ids of messages that open expanded: the last ones, unread, unsettled, and notes."""
    kept = len(messages) if len(messages) <= SHORT else KEEP_OPEN
    last = {message.id for message in messages[-kept:]}
    return last | {message.id for message in messages if _calls_for_attention(message)}


def _calls_for_attention(message: MessageRow) -> bool:
    unread = message.direction is Direction.IN and not message.seen
    unsettled = message.delivery in (
        Delivery.QUEUED,
        Delivery.SENDING,
        Delivery.UNCERTAIN,
        Delivery.FAILED,
    )
    return unread or unsettled or message.direction is Direction.NOTE


def neighbour(ids: Sequence[int], current: int | None, *, step: int) -> int | None:
    """The message `step` away from `current`; the last one where none is current."""
    if not ids:
        return None
    if current not in ids:
        return ids[-1]
    return ids[min(max(ids.index(current) + step, 0), len(ids) - 1)]


def ids_of(listed: Sequence[Entry], wanted: Collection[Direction] | None = None) -> list[int]:
    """The ids of the messages among entries, in order."""
    return [
        entry.message.id
        for entry in listed
        if isinstance(entry, MessageEntry) and (wanted is None or entry.message.direction in wanted)
    ]
